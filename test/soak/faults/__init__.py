"""What goes wrong, and when: drawn from the seed. Each fault ends by putting right what it broke."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


class Missed(Exception):
    """The fault did not come about: what it wanted to catch never happened."""


class Draw(random.Random):
    """What a fault draws from."""

    async def pause(self, shortest=0.1, longest=3.0):
        """More often short than long."""
        await asyncio.sleep(shortest + (longest - shortest) * self.random() ** 2)

    def likely(self, probability):
        return self.random() < probability


@dataclass(frozen=True)
class Fault:
    name: str
    perform: Callable[["World", Draw], Awaitable[None]]
    needs: frozenset[str]  # what no two faults may break at the same time
    databases: frozenset[str]  # those that it is possible with
    fills: frozenset[str]  # the disks that it fills


EVERY = []
# What the server's database is reached by.
HOME = frozenset({"postgres", "proxy", "store"})


def fault(*needs, databases=("postgresql", "sqlite"), fills=()):
    """Makes a function a kind of fault, named like it."""

    def register(perform):
        EVERY.append(Fault(perform.__name__, perform, frozenset(needs), frozenset(databases),
                           frozenset(fills)))
        return perform

    return register


# The kinds register themselves.
from . import clocks, disks, network, postgres, server, sqlite, starts  # noqa: E402, F401


def possible(world):
    """The kinds that there can be here."""
    small = {name for name, disk in (("spool", world.spool_disk), ("store", world.store_disk)) if disk and disk.small}
    return [one for one in EVERY if world.options.database in one.databases and one.fills <= small
            and (world.clock.works or "clock" not in one.needs)]


class Faults:
    def __init__(self, seed, world, only=(), without=()):
        self.draw = Draw(seed)
        self.world = world
        self.kinds = [one for one in possible(world)
                      if (not only or one.name in only) and one.name not in without]
        self.begun = Counter()
        self.counts = Counter()  # those that really happened
        self.missed = Counter()
        self.broken = set()
        self.home_last_broken = 0.0
        self.running = set()
        self.failed = []  # what could not be put right, and what the server did not do in time

    async def inject(self, every):
        """One after the other, `every` so many seconds on average, until cancelled. No kind comes twice before
        each has come once, unless what it needs is broken already."""
        bag = []
        while True:
            await asyncio.sleep(self.draw.uniform(0.4, 1.6) * every)
            if not bag:
                bag = self.draw.sample(self.kinds, len(self.kinds))
            kind = next((one for one in bag if not one.needs & self.broken), None)
            if not kind:
                continue
            bag.remove(kind)
            task = asyncio.create_task(self.perform(kind))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def perform(self, kind):
        # Each draws for itself, so that what one draws does not depend on the others' timing.
        draw = Draw(f"{self.draw.random()} {kind.name}")
        self.begun[kind.name] += 1
        self.broken |= kind.needs
        try:
            await kind.perform(self.world, draw)
            self.counts[kind.name] += 1
        except Missed:
            self.missed[kind.name] += 1
        except (OSError, RuntimeError, asyncio.TimeoutError) as error:
            self.failed.append(f"{kind.name}: {error!r}")
        finally:
            self.broken -= kind.needs
            if kind.needs & HOME:
                self.home_last_broken = time.monotonic()

    def home_was_broken(self, since):
        """Whether the database was not well at any time after `since` (monotonic)."""
        if self.world.well_since is not None:
            return since < self.world.well_since
        return bool(self.broken & HOME) or self.home_last_broken >= since

    async def finish(self):
        """Waits until everything is right again."""
        await asyncio.gather(*self.running)

    def cancel(self):
        for task in self.running:
            task.cancel()
