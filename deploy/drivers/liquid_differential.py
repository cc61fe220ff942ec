#!/usr/bin/env python3
"""Renders random templates with our engine and with ruby-liquid and liquidjs, and tells where they differ.

    deploy/drivers/liquid_differential.py [--seed N] [--count N] [--only PEER,PEER] [--show N]

Half of the templates are of the grammar that all three share, half of the one that only ruby-liquid shares
(tests/liquid/differential/generator.py). A peer that is not installed is skipped by name; with none the exit
status is 77.
"""

import argparse
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import build  # noqa: E402

FOLDER = os.path.join(build.ROOT, "tests/liquid/differential")
BATCH = os.path.join(build.folder("release"), "tests/liquid/liquid_batch")
BATCH_SIZE = 2000
LIMIT_S = 300
SKIPPED = 77

sys.path.insert(0, FOLDER)
from generator import Generator  # noqa: E402

COMMANDS = {
    "ours": [BATCH],
    "ruby-liquid": ["ruby", os.path.join(FOLDER, "ruby_liquid.rb")],
    "liquidjs": ["node", os.path.join(FOLDER, "liquidjs.cjs")],
}
PEERS = {"common": ["ruby-liquid", "liquidjs"], "ruby": ["ruby-liquid"]}


def answers(name, tasks):
    """What an engine makes of the tasks."""
    text = "".join(json.dumps(task) + "\n" for task in tasks)
    try:
        done = subprocess.run(COMMANDS[name], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=build.ROOT, timeout=LIMIT_S, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"{name}: {str(error)[:200]}") from error
    lines = done.stdout.decode().splitlines()
    if done.returncode != 0 or len(lines) != len(tasks):
        raise RuntimeError(f"{name} ended with {done.returncode} after {len(lines)} of {len(tasks)} templates: "
                           + done.stderr.decode(errors="replace")[-2000:])
    return [json.loads(line) for line in lines]


def is_installed(name):
    try:
        answers(name, [])
        return True
    except RuntimeError:
        return False


def same(one, other):
    """Equal output, or no output from either: the words of an error are each engine's own."""
    return one.get("output") == other.get("output")


def told(engines, task):
    lines = [f"template: {task['template']!r}", f"partials: {json.dumps(task['partials'])}",
             f"data:     {json.dumps(task['data'])}"]
    return lines + [f"{name + ':':13}{json.dumps(answer)}" for name, answer in engines.items()]


def compare(seed, count, grammar, engines):
    """The number of templates on which all agree, and what to say of those on which they don't."""
    generator = Generator(f"{seed} {grammar}", grammar)
    agreed, differing = 0, []
    while count > 0:
        tasks = [generator.task() for _ in range(min(count, BATCH_SIZE))]
        count -= len(tasks)
        results = {name: answers(name, tasks) for name in engines}
        for index, task in enumerate(tasks):
            each = {name: result[index] for name, result in results.items()}
            first = each[engines[0]]
            if all(same(first, other) for other in each.values()):
                agreed += 1
            else:
                differing.append((len(task["template"]), told(each, task)))
    return agreed, [lines for _, lines in sorted(differing)]


def main(arguments):
    parser = argparse.ArgumentParser(prog="liquid_differential")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--only", default="ours,ruby-liquid,liquidjs")
    parser.add_argument("--show", type=int, default=3, help="how many of the differing templates are shown")
    options = parser.parse_args(arguments)
    wanted = options.only.split(",")
    skipped = [name for name in wanted if name != "ours" and not is_installed(name)]
    engines = [name for name in wanted if name not in skipped]
    for name in skipped:
        print(f"skipped: {name} is not installed (deploy/setup --test)")
    if len(engines) < 2:
        print("no peer is installed: neither ruby-liquid nor liquidjs")
        return SKIPPED
    agreed, differing = 0, []
    for grammar, peers in PEERS.items():
        used = [name for name in engines if name == "ours" or name in peers]
        if len(used) < 2:
            continue
        more, different = compare(options.seed, options.count // 2, grammar, used)
        agreed += more
        differing += different
    for lines in differing[:options.show]:
        print("\n".join(lines) + "\n")
    print(f"{agreed} agreed, {len(differing)} differed (seed {options.seed})")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
