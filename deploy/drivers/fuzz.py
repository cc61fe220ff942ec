"""Fuzz targets: libFuzzer programs of the preset `fuzz`, each with its seeds in tests/fuzz/corpus."""

import os
import re
import subprocess
import sys

import build
import processes

SEEDS = os.path.join(build.ROOT, "tests/fuzz/corpus")
PROGRAMS = os.path.join(build.folder("fuzz"), "tests/fuzz")
MEMORY_MB = 2048
LONGEST_INPUT_S = 10


def targets():
    """The names of the targets that are built."""
    if not os.path.isdir(PROGRAMS):
        return []
    return sorted(
        name[len("fuzz_"):] for name in os.listdir(PROGRAMS)
        if name.startswith("fuzz_") and os.access(os.path.join(PROGRAMS, name), os.X_OK)
        and os.path.isfile(os.path.join(PROGRAMS, name)))


def build_targets():
    """Builds the targets and what they use, not the server."""
    if not build.build("fuzz", "help"):
        return False
    listed = subprocess.run(["ninja", "-C", build.folder("fuzz"), "-t", "targets", "all"], check=True,
                            stdout=subprocess.PIPE).stdout.decode()
    names = re.findall(r"^(fuzz_\w+): phony$", listed, re.M)
    return not names or build.build("fuzz", *names)


def fuzz(name, seconds, echo=False):
    """Runs a target. Returns what is wrong, "" when nothing is, and a word on how much it did.

    Its words are those of NAME.dict, or of the first part of its name: liquid.dict for liquid_parse.
    """
    seeds = os.path.join(SEEDS, name)
    if not os.path.isdir(seeds) or not os.listdir(seeds):
        return f"tests/fuzz/corpus/{name} has no seeds", ""
    found = os.path.join(build.ROOT, "build/fuzz-corpus", name)
    findings = os.path.join(build.ROOT, "build/fuzz-findings", name)
    os.makedirs(found, exist_ok=True)
    os.makedirs(findings, exist_ok=True)
    command = [
        os.path.join(PROGRAMS, f"fuzz_{name}"), f"-max_total_time={seconds}", f"-rss_limit_mb={MEMORY_MB}",
        f"-timeout={LONGEST_INPUT_S}", "-print_final_stats=1", f"-artifact_prefix={findings}/"]
    for dictionary in (f"{name}.dict", f"{name.split('_')[0]}.dict"):
        path = os.path.join(build.ROOT, "tests/fuzz", dictionary)
        if os.path.exists(path):
            command.append(f"-dict={path}")
            break
    status, text = processes.run([*command, found, seeds], seconds + 120, build.ROOT,
                                 output=os.path.join(findings, "last.log"), echo=echo)
    executed = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    done = f"{executed[1]} inputs" if executed else ""
    if status == 0:
        return "", done
    told = [line for line in text.splitlines() if "ERROR:" in line or "runtime error:" in line
            or line.startswith(("SUMMARY:", "Test unit written", "artifact_prefix"))]
    return "; ".join(told[:4]) or f"ended with {status}", done


def main(arguments):
    if len(arguments) > 2 or (len(arguments) == 2 and not re.fullmatch(r"[1-9]\d{0,6}", arguments[1])):
        print("usage: deploy/fuzz [NAME [SECONDS]]", file=sys.stderr)
        return 2
    processes.quit_cleanly_on_signals()
    if not build_targets():
        return 1
    if not arguments or arguments[0] not in targets():
        if arguments:
            print(f"deploy/fuzz: no target is called {arguments[0]}; there are:", file=sys.stderr)
        print("\n".join(targets()))
        return 2 if arguments else 0
    wrong, done = fuzz(arguments[0], int(arguments[1]) if len(arguments) == 2 else 60, echo=True)
    print(f"{arguments[0]}: {wrong}" if wrong else f"{arguments[0]}: {done}, nothing found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
