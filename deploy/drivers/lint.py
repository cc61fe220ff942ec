"""clang-format and clang-tidy over the tracked C++, and a syntax check of scripts and data files.

One line a problem. clang-tidy's verdict on a file is remembered under build/tidy-cache, by the content of
the file, of the project headers it reaches, its compile command, the checks and the installed headers.
"""

import ast
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib

import processes

FORMAT = "clang-format-19"
TIDY = "clang-tidy-19"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATABASE = os.path.join(ROOT, "build/release/compile_commands.json")
CACHE = os.path.join(ROOT, "build/tidy-cache")
SECONDS_A_FILE = 300
# clang-tidy reads each file without the precompiled header: it then looks at what the file includes only,
# which is two to four times faster, and a file that leans on the precompiled header is found.
PRECOMPILED = re.compile(
    r"-Xclang -include(-pch)? -Xclang \S+|-Winvalid-pch|-fpch-instantiate-templates|-Xclang -fno-pch-timestamp")
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.M)
FINDING = re.compile(r"^(?P<file>[^\s:][^:]*):(?P<line>\d+):(?P<column>\d+): (?:error|warning): (?P<text>.*)$")


def tracked():
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    return [name for name in names if name and os.path.isfile(os.path.join(ROOT, name))]


def read(name):
    with open(os.path.join(ROOT, name), "rb") as file:
        return file.read()


def unformatted(files, fix):
    if fix:
        subprocess.run([FORMAT, "-i", *files], cwd=ROOT, check=True)
        return []
    found = {}
    halves = [half for half in (files[0::2], files[1::2]) if half]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _, text in pool.map(
                lambda half: processes.run([FORMAT, "--dry-run", "-Werror", *half], 300, ROOT), halves):
            for line in text.splitlines():
                match = FINDING.match(line)
                if match:
                    found.setdefault(match["file"], match["line"])
    return [f"{name}:{line}: not formatted; deploy/lint --fix does it" for name, line in found.items()]


def commands():
    """The compile command of each source, without the precompiled header."""
    with open(DATABASE, encoding="utf-8") as database:
        entries = json.load(database)
    kept = []
    for entry in entries:
        name = os.path.relpath(entry["file"], ROOT)
        if name.startswith(("build/", "..")):
            continue
        entry["command"] = PRECOMPILED.sub("", entry["command"])
        kept.append((name, entry))
    return kept


def installed_headers():
    """Changes when a library or the compiler does."""
    listed = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "lib*-dev", "clang-tidy-19"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    return hashlib.sha256(listed).hexdigest()


def reached(name, seen):
    """The project files that a source includes, directly or through others."""
    if name in seen:
        return
    content = read(name)
    seen[name] = content
    for include in INCLUDE.findall(content):
        include = include.decode("utf-8", "replace")
        for folder in ("engine", "tests", os.path.dirname(name)):
            candidate = os.path.normpath(os.path.join(folder, include))
            if os.path.isfile(os.path.join(ROOT, candidate)):
                reached(candidate, seen)
                break


def key(name, entry, headers):
    digest = hashlib.sha256()
    seen = {}
    reached(name, seen)
    for part in (headers, entry["command"].replace(ROOT, "."), read(".clang-tidy")):
        digest.update(part if isinstance(part, bytes) else part.encode())
        digest.update(b"\0")
    for path in sorted(seen):
        digest.update(path.encode() + b"\0" + seen[path] + b"\0")
    return digest.hexdigest()


def check_one(name, entry):
    return stands_alone(name, entry) if name.endswith(".hpp") else tidy_one(name)


def tidy_one(name):
    status, text = processes.run([TIDY, "-p", CACHE, "--quiet", name], SECONDS_A_FILE, ROOT)
    findings = []
    for line in text.splitlines():
        match = FINDING.match(line)
        if match:
            path = os.path.relpath(os.path.join(ROOT, match["file"]), ROOT)
            findings.append(f"{path}:{match['line']}: {match['text']}")
    if status is None:
        findings.append(f"{name}:1: clang-tidy took longer than {SECONDS_A_FILE} s")
    elif status != 0 and not findings:
        findings.append(f"{name}:1: clang-tidy ended with {status}: {' '.join(text.split())[-300:]}")
    return findings


def stands_alone(name, entry):
    """Compiles a header by itself. One that has a source is the first include of it, and so needs no help."""
    words = shlex.split(entry["command"])
    words = words[:words.index("-o")] + ["-fsyntax-only", "-Wno-pragma-once-outside-header", "-x", "c++", name]
    status, text = processes.run(words, SECONDS_A_FILE, ROOT)
    if status == 0:
        return []
    first = next((line for line in text.splitlines() if ": error: " in line), text[:300])
    return [f"{name}:1: does not compile alone: {os.path.relpath(first, ROOT) if first[0] == '/' else first}"]


def lone_headers(files, compiled):
    """Headers without a source beside them, with the compile command of a neighbour."""
    neighbours = {}
    for name, entry in compiled:
        neighbours.setdefault(os.path.dirname(name), entry)
    for name in files:
        folder, _ = os.path.split(name)
        if name.endswith(".hpp") and folder in neighbours and not os.path.exists(
                os.path.join(ROOT, name[:-4] + ".cpp")):
            yield name, neighbours[folder]


def untidy(files):
    os.makedirs(CACHE, exist_ok=True)
    compiled = commands()
    headers = installed_headers()
    wanted = set(files)
    waiting, keys, found = [], {}, set()
    checks = [(name, entry) for name, entry in compiled if name in wanted]
    checks += lone_headers(files, compiled)
    entries = {}
    for name, entry in checks:
        if name in keys:
            continue
        keys[name] = os.path.join(CACHE, key(name, entry, headers))
        entries[name] = entry
        if not os.path.exists(keys[name]):
            waiting.append(name)
    with open(os.path.join(CACHE, "compile_commands.json"), "w", encoding="utf-8") as database:
        json.dump([entry for _, entry in compiled], database)
    # The largest first, so that the two workers end together.
    waiting.sort(key=lambda name: -len(read(name)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, findings in zip(waiting, pool.map(lambda name: check_one(name, entries[name]), waiting)):
            found.update(findings)
            if not findings:
                open(keys[name], "w", encoding="ascii").close()
    forget_old(set(keys.values()))
    return sorted(found)


def forget_old(current):
    """Keeps the thousand newest verdicts, so that branches share the cache and it stays small."""
    stored = [os.path.join(CACHE, name) for name in os.listdir(CACHE) if name != "compile_commands.json"]
    stale = sorted((path for path in stored if path not in current), key=os.path.getmtime)
    for path in stale[:max(0, len(stored) - 1000)]:
        os.unlink(path)


def unreadable(files):
    found = []
    for name in files:
        if name.startswith("tests/fuzz/corpus/"):
            continue
        content = read(name)
        try:
            if name.endswith(".json"):
                json.loads(content)
            elif name.endswith(".toml"):
                tomllib.loads(content.decode())
            elif name.endswith(".py") or content.startswith(b"#!/usr/bin/env python3"):
                ast.parse(content, name)
            elif content.startswith((b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh")):
                status, text = processes.run(["bash", "-n", name], 30, ROOT)
                if status != 0:
                    found.append(f"{name}: {' '.join(text.split())}")
        except (ValueError, SyntaxError) as error:
            found.append(f"{name}:{getattr(error, 'lineno', 1)}: {error}")
    return found


def main(arguments):
    usage = "usage: deploy/lint [--fix] [--format-only] [FILE…]"
    options = [argument for argument in arguments if argument.startswith("-")]
    named = [os.path.relpath(os.path.abspath(a), ROOT) for a in arguments if not a.startswith("-")]
    if set(options) - {"--fix", "--format-only"}:
        print(usage, file=sys.stderr)
        return 2
    processes.quit_cleanly_on_signals()
    files = tracked()
    for name in named:
        if name not in files:
            print(f"deploy/lint: no such file in the tree: {name}", file=sys.stderr)
            return 2
    files = named or files
    sources = [name for name in files if name.endswith((".cpp", ".hpp"))]
    problems = unformatted(sources, "--fix" in options) if sources else []
    if "--format-only" not in options:
        problems += unreadable(files)
        problems += untidy(sources)
    for problem in problems:
        print(problem)
    print(f"deploy/lint: {len(problems)} problems in {len(files)} files" if problems else
          f"deploy/lint: {len(files)} files are fine")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
