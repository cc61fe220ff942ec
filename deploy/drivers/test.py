"""Builds and runs the tests, and counts them.

Each GoogleTest case counts as one; so does each other program that ctest runs, each script of tests/e2e,
the lint, each fuzz target, and each test program under the sanitizers.
"""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import build
import fuzz
import processes

RESULTS = os.path.join(build.ROOT, "build/test-results")
SCRIPTS = os.path.join(build.ROOT, "tests/e2e")
FUZZ_S = 10
SCRIPT_S = 600
LINT_S = 1800
CTEST_S = 2400
SKIPPED_SCRIPT = 77  # the exit status by which automake, meson and we know a script that did not apply


class Count:
    """What passed, failed and was skipped, told as it comes."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def passes(self, number=1):
        self.passed += number

    def fails(self, name, why=""):
        self.failed.append(name)
        print(f"FAILED {name}" + (f": {why}" if why else ""), flush=True)

    def skips(self, name, why):
        self.skipped.append(name)
        print(f"skipped {name}: {why or 'no reason given'}", flush=True)
        if not why:
            self.fails(f"{name} (a skipped test has to say why)")


def one_line(text, limit=400):
    return " ".join(text.split())[:limit]


def declared(preset):
    """ctest's tests: name, command, labels."""
    listed = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build.folder(preset), check=True,
                            stdout=subprocess.PIPE).stdout
    tests = []
    for test in json.loads(listed)["tests"]:
        properties = {p["name"]: p["value"] for p in test.get("properties", [])}
        tests.append((test["name"], test.get("command", []), properties.get("LABELS", [])))
    return tests


def cases_of(path, binary, count):
    """Counts the cases of one GoogleTest report. Returns how many there were."""
    number = 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.get("status") == "notrun":
            continue
        number += 1
        name = f"{binary}: {case.get('classname')}.{case.get('name')}"
        failures = case.findall("failure")
        skipped = case.find("skipped")
        if failures:
            count.fails(name, one_line(failures[0].get("message") or failures[0].text or ""))
        elif skipped is not None or case.get("result") == "skipped":
            text = "" if skipped is None else skipped.get("message") or skipped.text or ""
            # The message opens with the file and line of GTEST_SKIP.
            count.skips(name, one_line(re.sub(r"^\S+\.[ch]pp:\d+\s*", "", text.strip())))
        else:
            count.passes()
    return number


def ctest(preset, count, selection=(), case_filter=None, whole=False):
    """Runs ctest. `whole` counts each program once instead of its cases."""
    results = os.path.join(RESULTS, preset)
    shutil.rmtree(results, ignore_errors=True)
    os.makedirs(results)
    environment = dict(os.environ)
    # GoogleTest writes PROGRAM.xml into the folder.
    environment["GTEST_OUTPUT"] = f"xml:{results}/"
    environment["GTEST_COLOR"] = "no"
    environment["ASAN_OPTIONS"] = "detect_stack_use_after_return=1:strict_string_checks=1"
    environment["UBSAN_OPTIONS"] = "print_stacktrace=1"
    environment.pop("GTEST_FILTER", None)
    if case_filter:
        environment["GTEST_FILTER"] = case_filter
    junit = os.path.join(results, "ctest-junit.xml")
    # A little more than half of the cores: a test with a server and a database is several processes.
    status, text = processes.run(
        ["ctest", "-j", str(max(2, (os.cpu_count() or 2) // 2)), "--output-junit", junit,
         "--output-on-failure", "--test-output-size-failed", "200000", "--no-tests=ignore", *selection],
        CTEST_S, build.folder(preset), output=os.path.join(results, "ctest.log"), env=environment)
    if status is None:
        count.fails(f"{preset}: ctest", f"did not end within {CTEST_S} s")
        return
    if not os.path.exists(junit):
        count.fails(f"{preset}: ctest", one_line(text[-400:]))
        return
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        name, outcome = case.get("name"), case.get("status")
        if outcome == "disabled":
            count.skips(name, "disabled in CMake")
            continue
        label = f"{preset}: {name}" if whole else name
        report = os.path.join(results, f"{name}.xml")
        failed_before = len(count.failed)
        if outcome == "notrun":
            reason = case.find("skipped")
            count.skips(label, one_line("" if reason is None else reason.get("message") or ""))
            continue
        reported = os.path.exists(report) and os.path.getsize(report) > 0
        if reported and not whole:
            cases_of(report, name, count)
        if outcome == "run":
            if not reported or whole:
                count.passes()
        elif len(count.failed) == failed_before:
            # It crashed, ran out of time, or failed outside of a case (leaks, the environment).
            failure = case.find("failure")
            why = failure.get("message") if failure is not None else ""
            output = case.findtext("system-out") or ""
            telling = [line for line in output.splitlines() if "ERROR:" in line or "Failure" in line
                       or "runtime error" in line or "[  FAILED  ]" in line or "terminate" in line]
            count.fails(label, one_line(why + " " + "; ".join(telling[:3] or output.splitlines()[-3:])))
        if outcome != "run":
            output = case.findtext("system-out") or ""
            print("\n".join("    " + line for line in failed_part(output)), flush=True)


def failed_part(output, limit=60):
    """The lines of a program's output that tell about its failures."""
    lines = output.splitlines()
    if len(lines) <= limit:
        return lines
    kept = []
    inside = False
    for line in lines:
        if line.startswith("[ RUN "):
            current, inside = [line], True
        elif inside:
            current.append(line)
            if line.startswith("[  FAILED  ]"):
                kept += current[-20:]
                inside = False
            elif line.startswith(("[       OK ]", "[  SKIPPED ]")):
                inside = False
    if inside:
        kept += current[-40:]
    return (kept or lines)[-limit:]


def scripts(count, name_filter):
    if not os.path.isdir(SCRIPTS):
        return
    for name in sorted(os.listdir(SCRIPTS)):
        path = os.path.join(SCRIPTS, name)
        if not os.path.isfile(path) or not os.access(path, os.X_OK) or name_filter not in f"e2e/{name}":
            continue
        log = os.path.join(RESULTS, f"e2e-{name}.log")
        status, text = processes.run([path], SCRIPT_S, build.ROOT, output=log)
        if status == 0:
            count.passes()
        elif status == SKIPPED_SCRIPT:
            count.skips(f"e2e/{name}", one_line((text.splitlines() or [""])[-1]))
        else:
            count.fails(f"e2e/{name}", f"ended with {status}" if status is not None
                        else f"did not end within {SCRIPT_S} s")
            print("\n".join("    " + line for line in text.splitlines()[-30:]), flush=True)


def lint(count):
    # Beside the tests, which mostly wait for databases and servers; it gives way to them.
    status, text = processes.run(["nice", os.path.join(build.ROOT, "deploy/lint")], LINT_S, build.ROOT,
                                 output=os.path.join(RESULTS, "lint.log"))
    if status == 0:
        count.passes()
        return
    print("\n".join("    " + line for line in text.splitlines()[:200]), flush=True)
    count.fails("lint", one_line(text.splitlines()[-1] if text else f"ended with {status}"))


def fuzzing(count):
    if not fuzz.build_targets():
        count.fails("fuzz: build")
        return
    names = fuzz.targets()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, (wrong, _) in zip(names, pool.map(lambda name: fuzz.fuzz(name, FUZZ_S), names)):
            if wrong:
                count.fails(f"fuzz: {name}", one_line(wrong))
            else:
                count.passes()


def sanitized(count):
    """Every test program that needs no speed, under the address and undefined behaviour sanitizers."""
    if not build.build("asan"):
        count.fails("asan: build")
        return
    ctest("asan", count, selection=["-LE", "^(release|bench)$"], whole=True)


def filtered(name, count):
    named = [test for test, _, _ in declared("release") if name in test]
    if named:
        ctest("release", count, selection=["-R", "^(" + "|".join(re.escape(n) for n in named) + ")$"])
    else:
        ctest("release", count, case_filter=f"*{name}*")
    scripts(count, name)


def timed(what, work, *arguments):
    print(f"=== {what}", flush=True)
    start = time.monotonic()
    work(*arguments)
    print(f"    {what}: {time.monotonic() - start:.0f} s", flush=True)


def main(arguments):
    options = [argument for argument in arguments if argument.startswith("-")]
    names = [argument for argument in arguments if not argument.startswith("-")]
    if set(options) - {"--fast", "--sanitizers"} or len(names) > 1:
        print("usage: deploy/test [--fast | --sanitizers] [NAME]", file=sys.stderr)
        return 2
    processes.quit_cleanly_on_signals()
    processes.adopt_orphans()
    shutil.rmtree(RESULTS, ignore_errors=True)
    os.makedirs(RESULTS)
    count = Count()
    built = []
    timed("build", lambda: built.append(build.build("release")))
    if not built[0]:
        count.fails("build")
    elif names:
        filtered(names[0], count)
    else:
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            linted = None if "--fast" in options else beside.submit(timed, "lint", lint, count)
            timed("tests", ctest, "release", count)
            timed("scripts", scripts, count, "")
            if linted:
                linted.result()
        if "--fast" not in options:
            timed("fuzz", fuzzing, count)
        if "--sanitizers" in options:
            timed("sanitizers", sanitized, count)
    for command in processes.end_orphans():
        count.fails("a test left a process running", command)
    if not (count.passed or count.failed or count.skipped):
        count.fails(names[0] if names else "tests", "there is none")
    print(f"{count.passed} passed, {len(count.failed)} failed, {len(count.skipped)} skipped")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
