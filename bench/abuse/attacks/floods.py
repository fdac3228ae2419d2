"""Much of what costs little."""

import asyncio
import contextlib
import random
import time

from ..peer import Closed, forever
from . import attack

PIECE = 64 * 1024


@attack("20 strangers invite a member of the pair 36 times each, all at once")
async def invites(scene):
    peers = await scene.attackers(20)
    await scene.all(peers, lambda peer, number: peer.join(*(f"#i{number}x{one}" for one in range(36))))
    await asyncio.sleep(4)  # until their burst is whole again
    yield
    await scene.persist(peers, lambda peer, number: peer.storm(
        f"INVITE pair0 #i{number}x{one % 36}" for one in range(10**9)))


@attack("100 connections send nothing but empty lines")
async def empty_lines(scene):
    peers = await scene.attackers()
    yield
    sent = await pour(scene, peers, b"\r\n" * (PIECE // 2))
    scene.figure("MB a second of empty lines that the kernel took", sent / scene.seconds / 1e6)


@attack("100 connections send one line that never ends")
async def endless_lines(scene):
    peers = await scene.attackers()
    yield
    sent = await pour(scene, peers, b"x" * PIECE)
    scene.figure("MB a second of a line that the kernel took", sent / scene.seconds / 1e6)


@attack("100 connections send lines of nothing but tags")
async def tag_lines(scene):
    peers = await scene.attackers()
    yield
    await pour(scene, peers, (b"@+t=" + b"x" * 4080 + b" \r\n") * (PIECE // 4096))


@attack("100 connections send noise")
async def noise(scene):
    peers = await scene.attackers()
    data = random.Random(1).randbytes(PIECE)
    yield
    await pour(scene, peers, data)


@attack("100 connections pipeline 100,000 commands each, and read nothing until they are closed")
async def pipelined(scene):
    peers = await scene.attackers()
    await scene.all(peers, lambda peer, _: peer.join("#flood"))
    data = f"PRIVMSG #flood :{'x' * 40}\r\n".encode() * 100_000
    yield

    async def act(peer, _):
        peer.write(data)
        await peer.end()

    await scene.persist(peers, act)


@attack("100 connections that share a channel speak in it, as fast as they may")
async def speech(scene):
    peers = await scene.attackers()
    await scene.all(peers, lambda peer, _: peer.join("#flood"))
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever(f"PRIVMSG #flood :{'x' * 400}")))


async def pour(scene, peers, data):
    """All write this as fast as the server reads it; the bytes that it took."""
    before = scene.traffic.sent

    async def act(peer, _):
        while True:
            peer.write(data)
            await peer.drain()

    await scene.persist(peers, act)
    return scene.traffic.sent - before


@attack("100 connections guess the server's password, each again when it is closed",
        options={"password": "correct-horse"})
async def passwords(scene):
    yield

    async def guess(_):
        while True:
            with contextlib.suppress(Closed, OSError):
                peer = await scene.unregistered()
                peer.say("PASS :wrong", "NICK guess", "USER guess 0 * :guess")
                await peer.end()

    begin = time.monotonic()
    await scene.in_time(*(guess(number) for number in range(100)))
    refused = sum(count for reason, count in scene.traffic.ends.items() if reason == "Password incorrect")
    scene.figure("guesses answered a second", refused / (time.monotonic() - begin), at_most=50)


@attack("unregistered connections say all that may be said before registering")
async def before_registering(scene):
    peers = await scene.many(100, lambda _: scene.unregistered())
    yield
    lines = ["CAP LS 302", "NICK #", "USER", "PING x", "PRIVMSG x :y", "LIST", f"CAP REQ :{'x ' * 200}"]
    await scene.persist(peers, lambda peer, _: peer.storm(one for _ in range(10**9) for one in lines),
                        again=scene.unregistered)
