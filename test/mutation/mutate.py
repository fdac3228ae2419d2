"""Breaks the product on purpose, one place at a time, and shows what notices it.

The places stand in mutations.txt beside this: see its head. Each is tried in a clone of its own, of what is
committed, under build/mutate/; only what changed is built again.
"""

import argparse
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TABLE = Path(__file__).with_name("mutations.txt")
CLONE = ROOT / "build" / "mutate"
# A run takes a few seconds; one that never ends has noticed something as well. What counts is its own time, since
# it may be stopped meanwhile; only one that waits for ever is given up by the clock.
MOST_CPU_SECONDS = 180
LONGEST_RUN = 3600


@dataclass
class Mutation:
    name: str
    file: str
    find: str
    replace: str
    test: str = ""  # a program to ask if the simulation notices nothing


def read_table() -> list[Mutation]:
    mutations = []
    for block in re.split(r"^== ", TABLE.read_text(), flags=re.MULTILINE)[1:]:
        name, rest = block.split("\n", 1)
        head, find, replace = re.fullmatch(r"(.*?)^find:\n(.*?)^replace:\n(.*)", rest, re.MULTILINE | re.DOTALL).groups()
        fields = dict(line.split(": ", 1) for line in head.splitlines() if line)
        mutations.append(Mutation(name, fields["file"], find.rstrip("\n"), replace.rstrip("\n"), fields.get("test", "")))
    return mutations


def find_places(mutations: list[Mutation], tree: Path) -> None:
    """Each text has to be there, once."""
    wrong = [f"{m.name}: {m.file} has it {count} times" for m in mutations
             if (count := (tree / m.file).read_text().count(m.find)) != 1]
    if wrong:
        sys.exit("scripts/mutate: the table is out of date:\n  " + "\n  ".join(wrong))


def bound_time() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))


def run(*command: str, bounded: bool = False) -> tuple[int, str]:
    """Exit status, or -1 if it takes too long, and what it said."""
    try:
        done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, errors="replace",
                              timeout=LONGEST_RUN if bounded else None, preexec_fn=bound_time if bounded else None)
        if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return -1, ""
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return -1, ""


def build(target: str) -> str:
    """The errors, if it can't be built."""
    status, output = run("cmake", "--build", "--preset", "release", "--target", target)
    return "" if status == 0 else output


def clone() -> None:
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=ROOT, text=True).strip()
    if not CLONE.exists():
        subprocess.check_call(["git", "clone", "--quiet", "--shared", str(ROOT), str(CLONE)])
    subprocess.check_call(["git", "fetch", "--quiet", "origin"], cwd=CLONE)
    subprocess.check_call(["git", "checkout", "--quiet", "--force", "--detach", head], cwd=CLONE)
    for command in (["scripts/configure", "release"], ["cmake", "--build", "--preset", "release", "--target", "simulate"]):
        status, output = run(*command)
        if status != 0:
            sys.exit(f"scripts/mutate: {' '.join(command)} failed\n{output[-3000:]}")


def ask_simulation(seeds: str) -> str:
    status, output = run("build/release/bin/simulate", "--seeds", seeds, "--no-shrink", bounded=True)
    if status == 0:
        return ""
    if found := re.search(r"VIOLATION seed (\d+), step (\d+): ([^:]*)", output):
        seed, step, kind = found.groups()
        return f"simulation: {kind} (seed {seed}, step {step})"
    return "simulation: it never ends" if status == -1 else f"simulation: it crashes ({status})"


def ask_test(program: str) -> str:
    if errors := build(program):
        return f"{program} can't be built:\n{errors[-2000:]}"
    status, output = run(f"build/release/bin/{program}", bounded=True)
    if status == 0:
        return ""
    case = re.search(r"TEST CASE:\s+(.*)", output)
    return f"{program}: {case.group(1).strip()}" if case else f"{program}: ends with {status}"


def try_one(mutation: Mutation, seeds: str) -> str:
    """What notices it; nothing if nothing does."""
    path = CLONE / mutation.file
    original = path.read_text()
    path.write_text(original.replace(mutation.find, mutation.replace))
    try:
        if errors := build("simulate"):
            print(f"scripts/mutate: {mutation.name} can't be built:\n{errors[-3000:]}", file=sys.stderr)
            return ""
        caught = ask_simulation(seeds)
        return caught or (ask_test(mutation.test) if mutation.test else "")
    finally:
        path.write_text(original)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__.split("\n\n")[0])
    parser.add_argument("--seeds", default="1..1500", metavar="A..B", help="what the simulation runs (1..1500)")
    parser.add_argument("--only", metavar="WORDS", help="those alone whose name has these")
    parser.add_argument("--after", metavar="NAME", help="those alone that stand behind this one")
    parser.add_argument("--list", action="store_true", help="name them, and see that each has its place")
    arguments = parser.parse_args()
    mutations = read_table()
    if arguments.after:
        mutations = mutations[[m.name for m in mutations].index(arguments.after) + 1 :]
    mutations = [m for m in mutations if not arguments.only or arguments.only in m.name]
    find_places(mutations, ROOT)
    if arguments.list:
        for mutation in mutations:
            print(f"{mutation.name}\t{mutation.file}")
        return
    clone()
    find_places(mutations, CLONE)
    if caught := ask_simulation(arguments.seeds):
        sys.exit(f"scripts/mutate: nothing is changed yet, and there is a violation: {caught}")
    missed = []
    for mutation in mutations:
        begin = time.monotonic()
        caught = try_one(mutation, arguments.seeds)
        print(f"| {mutation.name} | `{mutation.file}` | {caught or '**NOT CAUGHT**'} |", flush=True)
        print(f"{time.monotonic() - begin:.0f} s", file=sys.stderr)
        if not caught:
            missed.append(mutation.name)
    print(f"{len(mutations) - len(missed)} of {len(mutations)} were noticed")
    if missed:
        sys.exit(1)


main()
