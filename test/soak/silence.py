"""How long a channel in which people chat falls silent, by each kind of single fault; and how long a start takes.

Silence is the longest time between two messages that a reader is shown one after the other, while somebody says one
every 20 ms. Where the server was ended, it counts from the moment at which the next one took the reader's connection;
how long that takes is the other table: from the start of the process to the first echo of a message. Meanwhile somebody
else joins one new channel after the other, which must not take longer either.
"""

import asyncio
import contextlib
import os
import signal
import time
from dataclasses import dataclass, field

from clients import Connection
from faults import Draw, Missed, possible
from places import FileLock
from world import Overdue, World

CHANNEL = "#silence"
EVERY = 0.02
CAPABILITIES = "echo-message labeled-response standard-replies"
LONGEST_SILENCE = 1.0
LONGEST_JOIN = 1.0
LONGEST_START = 2.0
LONGEST_END = 1.0  # from SIGTERM to the end, in the middle of a start
# Faults in which the server itself is stopped.
NOT_ITS_OWN = {"freeze_server"}


@dataclass
class Chat:
    """A sender, a reader and one who joins channels, who come back as soon as they can."""

    world: World
    deliveries: list[tuple[float, float]] = field(default_factory=list)  # (when, silence before)
    joins: list[tuple[float, float]] = field(default_factory=list)  # (when, how long it took)
    refused: int = 0
    since: float = 0.0  # monotonic: the last delivery, or the connection if that was later

    @contextlib.asynccontextmanager
    async def going_on(self):
        tasks = [asyncio.create_task(self.again_and_again(take_part, name)) for take_part, name in
                 ((self.read, "reader"), (self.send, "sender"), (self.join, "joiner"))]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def again_and_again(self, take_part, name):
        number = 0
        while True:
            number += 1
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                connection = await connect(self.world.port)
                if name == "reader":
                    self.since = time.monotonic()
                try:
                    await register(connection, f"{name}{number}")
                    await take_part(connection)
                finally:
                    connection.close()

    async def read(self, connection):
        while True:
            _, _, command, _ = await connection.read()
            if command == "PRIVMSG":
                now = time.monotonic()
                self.deliveries.append((now, now - self.since))
                self.since = now
                self.world.record.received += 1

    async def send(self, connection):
        async def listen():
            while True:
                _, _, command, params = await connection.read()
                self.refused += command == "FAIL" and params[1] == "MESSAGE_NOT_STORED"

        listening = asyncio.create_task(listen())
        try:
            while not listening.done():
                connection.say(f"PRIVMSG {CHANNEL} :{time.monotonic()}")
                await asyncio.sleep(EVERY)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def join(self, connection):
        while True:
            channel = f"#new{len(self.joins)}"
            begin = time.monotonic()
            connection.say(f"JOIN {channel}")
            await connection.until("366")
            self.joins.append((begin, time.monotonic() - begin))
            connection.say(f"PART {channel}")
            await asyncio.sleep(0.1)

    def longest_join(self, since):
        return max((took for at, took in self.joins if at >= since), default=0.0)

    def silence(self, since):
        """The longest that was, or still is."""
        now = time.monotonic() - self.since
        return max([now, *(silence for at, silence in self.deliveries if at >= since)])

    async def is_well(self):
        """Returns when messages are delivered and none goes through the spool any more."""
        async with asyncio.timeout(120):
            good = 0
            while good < 20:
                await asyncio.sleep(0.05)
                alive = time.monotonic() - self.since < 0.5 and self.deliveries
                good = good + 1 if alive and self.world.spooled() == 0 else 0


async def connect(port):
    """A connection as soon as the server takes one."""
    while True:
        try:
            return Connection(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 18))
        except OSError:
            await asyncio.sleep(0.005)


async def register(connection, nick):
    connection.say(f"CAP REQ :{CAPABILITIES}", f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END", f"JOIN {CHANNEL}")
    await connection.until("366")


async def silence(chosen, programs):
    """The number of bounds broken."""
    async with World(chosen, programs) as world:
        print(f"load of the machine: {' '.join(map(str, os.getloadavg()))}", flush=True)
        broken = await silences(world, chosen) + await starts(world, chosen)
    print(f"seed {chosen.seed}: {'failed' if broken else 'passed'}")
    return broken


async def silences(world, chosen):
    row = "{:<34} {:>5} {:>20} {:>7} {:>8} {:>10}"
    print("\n" + row.format("fault", "times", "silence/ms: longest", "median", "join/ms", "not stored"), flush=True)
    broken = 0
    for kind in possible(world):
        if kind.name in NOT_ITS_OWN or chosen.only and kind.name not in chosen.only or kind.name in chosen.without:
            continue
        figures, joins, refused, remarks = [], [], 0, []
        for number in range(chosen.times):
            try:
                draw = Draw(f"{chosen.seed} {kind.name} {number}")
                quiet, join, not_stored = await one_silence(world, kind, draw)
                figures.append(quiet)
                joins.append(join)
                refused += not_stored
            except Missed:
                remarks.append("did not come about")
            except (OSError, RuntimeError, TimeoutError, Overdue) as error:
                remarks.append(repr(error))
        longest, join = max(figures, default=0.0), max(joins, default=0.0)
        wrong = (longest > LONGEST_SILENCE or join > LONGEST_JOIN or refused > 0
                 or any("did not come" not in one for one in remarks))
        broken += wrong
        print(row.format(kind.name, len(figures), ms(longest), ms(median(figures)), ms(join), refused),
              *["BROKEN"] * wrong, "; ".join(remarks), flush=True)
    return broken


async def one_silence(world, kind, draw):
    """(seconds of silence and of the longest join, messages refused), by a server that has not seen a fault yet."""
    await world.server.down(signal.SIGTERM)
    world.server.up()
    chat = Chat(world)
    async with chat.going_on():
        await chat.is_well()
        begin = time.monotonic()
        await kind.perform(world, draw)
        await asyncio.sleep(1)
        await chat.is_well()
        return chat.silence(begin), chat.longest_join(begin), chat.refused


async def starts(world, chosen):
    row = "{:<34} {:>5} {:>22} {:>7} {:>22}"
    print("\n" + row.format("a start with the database", "times", "first echo/ms: longest", "median",
                            "end on SIGTERM amid it"), flush=True)
    broken = 0
    for name, state in (postgres_states if world.postgres else sqlite_states)(world):
        if chosen.only and name not in chosen.only:
            continue
        echoes, ends, remarks = [], [], set()
        for number in range(chosen.times):
            try:
                echoes.append(await start_to_echo(world, state))
                ends.append(await start_to_end(world, state, after=0.02 + 0.1 * number))
            except (OSError, RuntimeError, TimeoutError) as error:
                remarks.add(repr(error))
        wrong = bool(remarks) or max(echoes, default=0) > LONGEST_START or max(ends, default=0) > LONGEST_END
        broken += wrong
        print(row.format(name, len(echoes), ms(max(echoes, default=0)), ms(median(echoes)), ms(max(ends, default=0))),
              *["BROKEN"] * wrong, "; ".join(sorted(remarks)), flush=True)
    return broken


async def well(world):
    """The server runs, and has been at its database."""
    world.server.up()
    async with Chat(world).going_on() as chat:
        await chat.is_well()


async def start_to_echo(world, state):
    await well(world)
    await world.server.down(signal.SIGKILL)
    async with state():
        starts = world.server.starts
        world.server.up()
        async with asyncio.timeout(120):
            connection = await connect(world.port)
            await register(connection, "starter")
            connection.say(f"PRIVMSG {CHANNEL} :hello")
            await connection.until("PRIVMSG")
            took = time.monotonic() - world.server.started_at
        connection.close()
        if world.server.starts != starts + 1:
            raise RuntimeError("it had to be started more than once: " + world.server.died[-1])
        return took


async def start_to_end(world, state, after):
    await well(world)
    await world.server.down(signal.SIGKILL)
    async with state():
        starts = world.server.starts
        world.server.up()
        await world.server.started(starts)
        await asyncio.sleep(after)
        begin = time.monotonic()
        process = world.server.process
        await world.server.kill(signal.SIGTERM, 0)
        await asyncio.wait_for(process.wait(), 120)
        return time.monotonic() - begin


def postgres_states(world):
    @contextlib.asynccontextmanager
    async def healthy():
        yield

    @contextlib.asynccontextmanager
    async def refused():
        world.proxy.refuse()
        try:
            yield
        finally:
            await world.proxy.listen()

    @contextlib.asynccontextmanager
    async def gone():
        await world.postgres.stop()
        try:
            yield
        finally:
            await world.postgres.start()

    @contextlib.asynccontextmanager
    async def stalling():
        world.proxy.answers.close()
        try:
            yield
        finally:
            world.proxy.cut()
            world.proxy.answers.open()

    @contextlib.asynccontextmanager
    async def frozen():
        world.postgres.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            world.postgres.process.send_signal(signal.SIGCONT)

    return [("healthy", healthy), ("refusing connections", refused), ("closing connections", gone),
            ("accepting and stalling", stalling), ("frozen", frozen),
            ("its table locked", lambda: world.postgres.locked_table("ACCESS EXCLUSIVE"))]


def sqlite_states(world):
    @contextlib.asynccontextmanager
    async def healthy():
        yield

    @contextlib.asynccontextmanager
    async def locked(exclusive):
        async with FileLock(world.store, exclusive) as lock:
            await lock.take()
            yield

    @contextlib.asynccontextmanager
    async def full():
        await world.store_disk.fill(world.store)
        try:
            yield
        finally:
            world.store_disk.free()

    states = [("healthy", healthy), ("locked against writers", lambda: locked(False)),
              ("locked against everybody", lambda: locked(True))]
    return states + [("its disk full", full)] if world.store_disk.small else states


def ms(seconds):
    return f"{1000 * seconds:.0f}"


def median(figures):
    return sorted(figures)[len(figures) // 2] if figures else 0.0
