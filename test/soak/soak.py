"""The soak: see scripts/soak."""

import argparse
import asyncio
import os
import secrets
import signal
import sys
import time
from pathlib import Path

from faults import Faults
from outage import outage
from places import postgres_programs
from silence import silence
from verdict import judge, read_histories
from world import Overdue, World

ROOT = Path(__file__).parent.parent.parent


def options():
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long faults are injected (10)")
    parser.add_argument("--seconds", type=float, help="the same in seconds")
    parser.add_argument("--seed", type=int, help="what is drawn, repeatably but for timing (random)")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--rate", type=float, default=200, help="messages a second, of all senders together (200)")
    parser.add_argument("--senders", type=int, default=6)
    parser.add_argument("--listeners", type=int, default=6)
    parser.add_argument("--channels", type=int, default=4)
    parser.add_argument("--every", type=float, default=3, help="seconds between two faults, on average (3)")
    parser.add_argument("--io-threads", type=int, help="the server's (its own default)")
    parser.add_argument("--commit-timeout", default="500ms", help="the server's")
    parser.add_argument("--durability", choices=("strict", "relaxed"), default="strict",
                        help="the server's; with relaxed it has to fail, if the soak is any good")
    parser.add_argument("--outage", action="store_true", help="one fault only: PostgreSQL is stopped for a while")
    parser.add_argument("--silence", action="store_true",
                        help="single faults only: how long is a channel silent, how long does a start take?")
    parser.add_argument("--times", type=int, default=3, help="how often each, with --silence (3)")
    parser.add_argument("--away", type=float, default=60, help="how long that lasts, in seconds (60)")
    parser.add_argument("--only", type=lambda kinds: kinds.split(","), default=[], metavar="KIND,...",
                        help="only these kinds of fault (what the report calls them)")
    parser.add_argument("--without", type=lambda kinds: kinds.split(","), default=[], metavar="KIND,...",
                        help="not these kinds")
    parser.add_argument("--bin", type=Path, help="troupe-server (that of TROUPE_BIN, or build/release/bin)",
                        default=Path(os.environ.get("TROUPE_BIN") or ROOT / "build/release/bin") / "troupe-server")
    parser.add_argument("--keep", action="store_true", help="leave the directory with the logs")
    chosen = parser.parse_args()
    if chosen.silence:
        chosen.senders = chosen.listeners = 0  # it has its own
    if chosen.seconds is None:
        chosen.seconds = 60 * chosen.minutes
    if chosen.seed is None:
        chosen.seed = secrets.randbelow(1_000_000)
    return chosen


async def soak(chosen, programs):
    """The number of things that are wrong."""
    async with World(chosen, programs) as world:
        faults = Faults(chosen.seed, world, chosen.only, chosen.without)
        world.home_was_broken = faults.home_was_broken
        if not world.spool_disk.small:
            print("no disk is filled: a small tmpfs can't be mounted here (that needs root)")
        if not world.clock.works:
            print("no clock is stepped: there is no C++ compiler (c++)")
        world.talk(True)
        injecting = asyncio.create_task(faults.inject(chosen.every))
        try:
            await watch(world, faults, chosen.seconds)
            injecting.cancel()
            await faults.finish()
        finally:
            injecting.cancel()
            faults.cancel()
        overdue, histories = list(faults.failed), []
        try:
            await world.settle()
            histories = await read_histories(world.port, world.clients[0].channels)
        except (Overdue, OSError, RuntimeError) as error:
            overdue.append(str(error))
        stored = await world.stored()
        verdict = judge(world.record, stored, histories)
        verdict.counts["overdue"] += len(overdue)
        verdict.counts["died"] += len(world.server.died)
        verdict.counts["wrong answers"] += len(world.record.wrong)
        return report(world, faults, verdict, stored, overdue)


async def watch(world, faults, seconds):
    """Shows that it lives, once a minute."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(60, left))
        print(f"{seconds - max(0, end - time.monotonic()):.0f} s: faults={faults.counts.total()} "
              f"received={world.record.received}", flush=True)


def report(world, faults, verdict, stored, overdue):
    record, server = world.record, world.server
    refused = sum(sent.answer == "refused" for sent in record.sent.values())
    counts = verdict.counts
    lines = {
        "faults injected": faults.counts.total(),
        **{f"  {kind}": count for kind, count in sorted(faults.counts.items())},
        "faults that did not come about": faults.missed.total(),
        **{f"  {kind} ": count for kind, count in sorted(faults.missed.items())},
        "server starts": server.starts,
        "  refused, its disk being full": server.refused,
        "messages sent": len(record.sent),
        "messages received": record.received,
        "messages stored": len(stored),
        "messages refused": refused,
        "  said again": record.again,
        "looked up when back": record.looked_up,
        "  not answered, the database being away": record.unavailable,
        "joined without the past, the database being away": record.past_unavailable,
        "database away, says the server": world.said("database away"),
        "slowest delivery, in ms": round(1000 * record.slowest),
        "sessions": len(record.sessions),
        **{f"  ended by the server: {reason}": count for reason, count in record.partings.items()},
        "history differs in what was shown to nobody": counts.pop("not in every history, shown to nobody", 0),
    }
    for name in ("missing", "doubled", "out of order", "skipped", "refused but stored", "refused but shown",
                 "newcomer's gap", "newcomer shown twice", "dated ahead", "dated otherwise", "unanswered", "overdue",
                 "died", "wrong answers"):
        lines[name] = counts[name]
    for name, count in lines.items():
        print(f"{name:<50} {count:>9}")
    for case in verdict.cases + overdue + server.died[:5] + record.wrong[:5]:
        print(case, file=sys.stderr)
    print(f"seed {world.options.seed}: {'failed' if counts.total() else 'passed'}")
    return counts.total()


async def main():
    chosen = options()
    programs = postgres_programs()
    if chosen.database == "postgresql" and not programs:
        print("skipped: PostgreSQL is not installed (scripts/packages test)")
        return 77
    perform, what = ((outage, "an outage") if chosen.outage else (silence, "single faults") if chosen.silence
                     else (soak, f"{chosen.seconds:.0f} s"))
    print(f"seed {chosen.seed}: {chosen.database}, {what}", flush=True)
    # Ctrl-C and SIGTERM end it as an exception does, so that all is cleaned up.
    main_task = asyncio.current_task()
    for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(end, main_task.cancel)
    try:
        return 1 if await perform(chosen, programs) else 0
    except asyncio.CancelledError:
        print("interrupted")
        return 130
    except Overdue as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
