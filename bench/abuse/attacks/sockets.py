"""Connections that don't go, and such that come and go."""

import asyncio
import contextlib
import socket

from ..peer import Closed, Peer
from ..scene import CONNECTIONS
from . import attack
from .answers import HISTORY, a_long_past

# A connection whose client goes may live so many seconds: answers are waited for 3, and their being taken as long.
DEADLINE = 8
# So many answers fill what the kernel takes for a loopback socket that nobody reads from (2.6 MB), and a part of the
# send queue.
QUESTIONS = 7


async def deaf(scene, goodbye, sip=False):
    """Connections come by twenties, ask for more than the kernel takes for them, and leave it unread by `goodbye`: how
    many sockets does the server hold, and how long do they live? With `sip` each takes a byte now and then."""
    before = scene.server.descriptors()
    most, left = 0, []

    async def come_and_go(_):
        peer = None
        while True:
            try:
                peer = await scene.attacker(caps=HISTORY, receive_buffer=4096)
                await peer.join("#past")
                peer.stop_reading()
                for _ in range(QUESTIONS):
                    peer.say("CHATHISTORY LATEST #past * 100")
                    await asyncio.sleep(0.05)  # until the answer stands in the send queue
            except (Closed, OSError, TimeoutError):
                peer = None
                await asyncio.sleep(0.05)  # it was not let in: the next try
            finally:
                if peer:
                    left.append(peer)
                    with contextlib.suppress(Closed):
                        goodbye(peer)

    async def watch():
        nonlocal most
        while True:
            most = max(most, scene.server.descriptors() - before)
            for peer in left if sip else ():
                peer.sip()
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    await scene.in_time(*(come_and_go(number) for number in range(20)))
    scene.figure("sockets of the attacker at once", most, at_most=CONNECTIONS + 5)  # some are just being closed
    gone = await scene.until(lambda: scene.server.descriptors() <= before + 2, DEADLINE + 5)
    scene.figure("seconds until all are gone", round(gone, 1), at_most=DEADLINE)
    watching.cancel()


@attack("who has output pending half-closes and never reads", past=a_long_past)
async def half_closed(scene):
    yield
    await deaf(scene, lambda peer: peer.half_close())


@attack("who has output pending says QUIT and never reads", past=a_long_past)
async def quit_unread(scene):
    yield
    await deaf(scene, lambda peer: peer.say("QUIT :bye"))


@attack("who has output pending half-closes and takes a byte now and then", past=a_long_past)
async def a_byte_now_and_then(scene):
    yield
    await deaf(scene, lambda peer: peer.half_close(), sip=True)


@attack("who has output pending does not read, and does not go", past=a_long_past)
async def unread(scene):
    peers = await scene.attackers(caps=HISTORY, receive_buffer=4096)
    await scene.all(peers, lambda peer, _: peer.join("#past"))
    yield
    for peer in peers:
        peer.stop_reading()
        with contextlib.suppress(Closed):
            peer.say(*["CHATHISTORY LATEST #past * 100"] * 32)


@attack("connections come, and are closed at once")
async def connects(scene):
    count = 0
    yield

    async def one(_):
        nonlocal count
        loop = asyncio.get_running_loop()
        while True:
            with socket.socket() as connection, contextlib.suppress(OSError):
                connection.setblocking(False)
                connection.bind(("127.0.0.2", 0))
                await loop.sock_connect(connection, (scene.server.host, scene.server.port))
                count += 1

    await scene.in_time(*(one(number) for number in range(20)))
    scene.figure("connections a second", round(count / scene.seconds))


@attack("as many connections as an address may have register, a byte a second", seconds=8)
async def slow_registrations(scene):
    peers = await scene.many(CONNECTIONS, lambda _: scene.unregistered())
    yield

    async def crawl(peer, number):
        for byte in f"NICK slow{number}\r\nUSER {'u' * 400}".encode():
            peer.write(bytes((byte,)))
            await asyncio.sleep(1)

    await scene.persist(peers, crawl, again=scene.unregistered)


@attack("as many connections as an address may have say nothing", seconds=8)
async def silent(scene):
    peers = await scene.many(CONNECTIONS, lambda _: scene.unregistered())
    yield
    await scene.persist(peers, lambda peer, _: peer.end(), again=scene.unregistered)


@attack("connections take every descriptor that the server may have, and more knock", seconds=6, descriptors=150)
async def every_descriptor(scene):
    yield
    before = scene.server.cost()
    held = []

    async def knock(number):
        while True:
            with contextlib.suppress(Closed, OSError):
                peer = await Peer.connect(scene.server.host, scene.server.port, f"127.0.3.{1 + number}", scene.traffic)
                held.append(peer)
                await peer.end()
            await asyncio.sleep(0.25)

    await scene.in_time(*(knock(number) for number in range(200)))
    spent = (scene.server.cost().cpu - before.cpu) / scene.seconds
    scene.figure("percent of a core meanwhile", round(100 * spent, 1), at_most=50)
    for peer in held:
        peer.abort()
    begin = asyncio.get_running_loop().time()
    while True:
        with contextlib.suppress(Closed, OSError):
            await scene.attacker()
            break
        await asyncio.sleep(0.05)
    scene.figure("seconds until somebody is let in again", round(asyncio.get_running_loop().time() - begin, 1), at_most=2)
