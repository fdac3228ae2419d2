"""Connections that come and go by the hundred thousand, and leave nothing behind."""

import asyncio
import contextlib

from ..peer import Closed, InUse, Peer
from . import attack

CONNECTIONS = 100_000
WORKERS = 64  # each of an address of its own, with a nick of its own
WARM = 0.2  # of all connections: after so many, memory is what it takes to serve them
GROWTH = 2048  # KiB that the server's memory may have grown by at the end
PATIENCE = 10  # seconds until what was closed is gone


async def comes_and_goes(peer, nick):
    pass


async def goes_while_registering(peer, nick):
    peer.say("CAP LS 302", f"NICK {nick}")


async def quits(peer, nick):
    await peer.register(nick)
    await peer.join(f"#{nick}", "#churn")
    peer.say(f"PRIVMSG #{nick} :hello", "QUIT")
    await peer.end()


async def vanishes(peer, nick):
    await peer.register(nick)
    await peer.join(f"#{nick}")


async def half_closes(peer, nick):
    await peer.register(nick)
    peer.half_close()
    await peer.end()


LIVES = (comes_and_goes, goes_while_registering, quits, vanishes, half_closes)


@attack("100,000 connections come and go in five ways: does memory stay?", by_count=True,
        options={"database": "none"})
async def churn(scene):
    """Without a database, because its cache of pages is meant to grow as there is more to be read."""
    count = scene.scaled(CONNECTIONS)
    used = 0
    yield

    async def live(numbers, worker):
        nonlocal used
        for number in numbers:
            peer = None
            with contextlib.suppress(Closed, OSError):
                peer = await Peer.connect(scene.server.host, scene.server.port, f"127.1.9.{1 + worker}", scene.traffic)
                try:
                    await LIVES[number % len(LIVES)](peer, f"churn{worker}")
                except InUse:
                    used += 1
            if peer:
                peer.abort()

    async def go(first, last):
        numbers = iter(range(first, last))
        await asyncio.gather(*(live(numbers, worker) for worker in range(WORKERS)))
        await scene.until(lambda: scene.server.descriptors() <= descriptors, PATIENCE)

    descriptors = scene.server.descriptors()
    warm = round(WARM * count)
    await go(0, warm)
    before = scene.server.memory_now()
    await go(warm, count)
    growth = scene.server.memory_now() - before
    scene.figure("growth of memory in KiB", growth // 1024, at_most=GROWTH)
    scene.figure("descriptors left", scene.server.descriptors() - descriptors, at_most=0)
    scene.figure("nicks still in use, of 1,000 who came back at once", round(1000 * used / count, 1))
