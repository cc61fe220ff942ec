"""Configuring and building a preset, with a clear word when it fails."""

import os
import sys

import processes

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOUR_S = 3600


def folder(preset):
    return os.path.join(ROOT, "build", preset)


def build(preset, *targets):
    """Builds the targets, all when none is named. False, and the compiler's words, when it failed."""
    os.makedirs(folder(preset), exist_ok=True)
    log = os.path.join(folder(preset), "build.log")
    status, text = processes.run(["cmake", "--preset", preset], HOUR_S, ROOT, output=log)
    if status == 0:
        command = ["cmake", "--build", folder(preset), "-j", str(os.cpu_count() or 2)]
        if targets:
            command += ["--target", *targets]
        status, text = processes.run(command, HOUR_S, ROOT, output=log)
    if status == 0:
        return True
    words = text.splitlines()
    # Ninja names what failed; from there on stand the compiler's messages.
    first = next((i for i, line in enumerate(words) if line.startswith(("FAILED:", "CMake Error"))), 0)
    print("\n".join(words[first:first + 60]), file=sys.stderr)
    print(f"The preset {preset} does not build; the whole log is {os.path.relpath(log, ROOT)}.",
          file=sys.stderr)
    return False
