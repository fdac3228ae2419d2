"""PostgreSQL away for a while under steady load: what its clients notice, and where the messages end up."""

import asyncio
import time

from verdict import judge, token_of
from world import World

BACK_WITHIN = 60  # seconds until all is in PostgreSQL
SLOWEST = 100  # milliseconds, at p99, once the server knows that the database is away


def milliseconds(text):
    return float(text[:-2]) if text.endswith("ms") else 1000 * float(text.rstrip("s"))


async def outage(chosen, programs):
    """The number of promises broken."""
    async with World(chosen, programs) as world:
        record = world.record
        record.latencies = []
        world.talk(True)
        await asyncio.sleep(10)
        begin = time.monotonic()
        await world.postgres.stop()
        await asyncio.sleep(chosen.away)
        end = time.monotonic()
        await world.postgres.start()
        back = time.monotonic()
        await world.settle(BACK_WITHIN)
        took = time.monotonic() - back
        stored = await world.stored()
        verdict = judge(record, stored, [])
        known = begin + milliseconds(chosen.commit_timeout) / 1000 + 0.1
        before = describe(latency for at, latency in record.latencies if at < begin)
        during = describe(latency for at, latency in record.latencies if known <= at < end)
        after = describe(latency for at, latency in record.latencies if at >= end)
        failed = sum(sent.answer != "echo" for sent in record.sent.values())
        not_there = len(record.sent) - len({token_of(one.text) for one in stored})
        print(f"away for {end - begin:.1f} s; all was stored {took:.1f} s after it was back")
        for when, figures in (("before", before), ("during", during), ("after", after)):
            print(f"latency {when:<7} n={figures[0]} p50={figures[1]:.1f} p99={figures[2]:.1f} max={figures[3]:.1f} ms")
        print(f"sent={len(record.sent)} received={record.received} stored={len(stored)} failed={failed} "
              f"not stored={not_there} missing={verdict.counts['missing']} doubled={verdict.counts['doubled']} "
              f"out of order={verdict.counts['out of order']} died={len(world.server.died)}")
        broken = failed + not_there + verdict.counts.total() + len(world.server.died) + (during[2] >= SLOWEST)
        print("failed" if broken else "passed")
        return broken


def describe(latencies):
    """(count, p50, p99, max) in milliseconds"""
    ordered = sorted(latencies)
    if not ordered:
        return 0, 0.0, 0.0, 0.0
    return len(ordered), *(1000 * ordered[int(part * (len(ordered) - 1))] for part in (0.5, 0.99, 1))
