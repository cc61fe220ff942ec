"""Runs the programs of tests/bench, reads the figures that they print, and makes a table of them."""

import argparse
import datetime
import json
import os
import re
import shlex
import subprocess
import sys

import build
import processes

FOLDER = os.path.join(build.ROOT, "tests/bench")
RESULTS = os.path.join(build.ROOT, "deploy/bench-results.md")
# Benchmarks whose figures stand in a document of their own, between the marks.
DOCUMENTS = {"liquid": os.path.join(build.ROOT, "engine/liquid/README.md")}
MARK = "<!-- bench -->"
LIMIT_S = 1200


def program(name):
    """tests/bench/NAME, or the program `run` of that folder."""
    path = os.path.join(FOLDER, name)
    return os.path.join(path, "run") if os.path.isdir(path) else path


def benchmarks():
    return sorted(name for name in os.listdir(FOLDER)
                  if "." not in name and os.access(program(name), os.X_OK) and os.path.isfile(program(name)))


def judged(figure):
    """The figure with its ratio, and whether it is what was wanted."""
    value = figure["ours"]
    if "theirs" in figure:
        value = figure["ratio"] = round(figure["ours"] / figure["theirs"], 3)
    wanted = re.fullmatch(r"(>=|<) ([\d.]+)", figure.get("wanted", ""))
    if wanted:
        bound = float(wanted[2])
        figure["reached"] = value >= bound if wanted[1] == ">=" else value < bound
    return figure


def number(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def table(figures):
    rows = [["", "ours", "theirs", "ratio", "wanted", "", ""]]
    for figure in figures:
        unit = f" {figure['unit']}" if figure["unit"] else ""
        rows.append([
            figure["name"], number(figure["ours"]) + unit,
            number(figure["theirs"]) + unit if "theirs" in figure else "",
            f"{figure['ratio']:.2f}" if "ratio" in figure else "",
            figure.get("wanted", ""),
            {True: "reached", False: "MISSED"}.get(figure.get("reached"), ""),
            figure.get("note", "")])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        model = re.search(r"model name\s*:\s*(.*)", info.read())
    return f"{os.cpu_count()} cores, {model[1].strip() if model else os.uname().machine}"


def commit():
    done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=build.ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().strip() or "unknown"


def run(name, options):
    """The figures of one benchmark; None when it failed."""
    status, text = processes.run(
        [program(name), "--rounds", str(options.rounds), "--seconds", str(options.seconds)],
        LIMIT_S, build.ROOT, env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
    if status != 0:
        print(f"deploy/bench: {name} ended with {status}:\n{text[-3000:]}", file=sys.stderr)
        return None
    for line in text.splitlines():
        if line.startswith("skipped: "):
            print(f"deploy/bench: {name}: {line}", file=sys.stderr)
    return [judged(json.loads(line)) for line in text.splitlines() if line.startswith("{")]


def save(about, options, found):
    """The figures of each benchmark into its document, those of the others into the common one."""
    words = (f"`{about['command']}`, {about['date']}, at {about['commit']}, {about['machine']}; "
             f"medians of {options.rounds} interleaved rounds of {options.seconds} s.")
    common = [figure for name, figures in found.items() if name not in DOCUMENTS for figure in figures]
    if common:
        with open(RESULTS, "w", encoding="utf-8") as file:
            file.write(f"# Benchmarks\n{words}\n\n{table(common)}\n")
    for name in found.keys() & DOCUMENTS.keys():
        with open(DOCUMENTS[name], encoding="utf-8") as file:
            parts = file.read().split(MARK)
        if len(parts) != 3:
            raise ValueError(f"{DOCUMENTS[name]}: expected two lines {MARK}")
        parts[1] = f"\n{words}\n\n{table(found[name])}\n\n"
        with open(DOCUMENTS[name], "w", encoding="utf-8") as file:
            file.write(MARK.join(parts))


def main(arguments):
    parser = argparse.ArgumentParser(prog="deploy/bench")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--save", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args(arguments)
    unknown = set(options.names) - set(benchmarks())
    if unknown:
        print(f"deploy/bench: no benchmark is called {', '.join(sorted(unknown))}; there are "
              f"{', '.join(benchmarks())}", file=sys.stderr)
        return 2
    processes.quit_cleanly_on_signals()
    processes.adopt_orphans()
    if not build.build("release"):
        return 1
    found, failed = {}, []
    for name in options.names or benchmarks():
        print(f"deploy/bench: {name} …", file=sys.stderr, flush=True)
        measured = run(name, options)
        if measured is None:
            failed.append(name)
        else:
            found[name] = measured
    for command in processes.end_orphans():
        print(f"deploy/bench: left running: {command}", file=sys.stderr)
        failed.append(command)
    figures = [figure for measured in found.values() for figure in measured]
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    about = {"date": moment, "commit": commit(), "machine": machine(),
             "command": shlex.join(["deploy/bench", *arguments])}
    if options.json:
        print(json.dumps({**about, "figures": figures, "failed": failed}, indent=2, ensure_ascii=False))
    else:
        print(table(figures))
    if options.save:
        save(about, options, found)
    return 1 if failed or any(figure.get("reached") is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
