"""What fills memory and disk."""

import asyncio
import itertools

from ..peer import batched
from . import attack, tagged


@attack("99 connections, each in 100 channels of its own, say 4 kB of tags in four of them at once", seconds=15)
async def tags(scene):
    peers = await scene.attackers(99, caps="message-tags")
    channels = [[f"#c{number}x{one}" for one in range(100)] for number in range(len(peers))]
    await scene.all(peers, lambda peer, number: peer.join(*channels[number]))
    yield

    async def talk(peer, number):
        fours = [",".join(channels[number][at:at + 4]) for at in range(0, 100, 4)]
        await peer.storm((tagged(four) for four in itertools.cycle(fours)), volley=3)

    await scene.persist(peers, talk)


async def read_by_half(scene, meanwhile=None):
    """49 connections speak in a channel, and 50 more do not read, but for what is done `meanwhile` with them."""
    peers = await scene.attackers(49, caps="message-tags")
    deaf = await scene.attackers(50, caps="message-tags", receive_buffer=4096)
    await scene.all(peers + deaf, lambda peer, _: peer.join("#slow"))
    yield
    for peer in deaf:
        peer.stop_reading()
    task = asyncio.create_task(meanwhile(deaf)) if meanwhile else None
    await scene.persist(peers, lambda peer, _: peer.storm(itertools.repeat(tagged("#slow"))))
    if task:
        task.cancel()


@attack("99 connections in one channel say 4 kB of tags, and 50 of them do not read", seconds=8)
async def slow_readers(scene):
    async for step in read_by_half(scene):
        yield step


@attack("50 connections read a byte a second of what 49 others say", seconds=8)
async def a_byte_a_second(scene):
    async def sip(peers):
        while True:
            for peer in peers:
                peer.sip()
            await asyncio.sleep(1)

    async for step in read_by_half(scene, sip):
        yield step


@attack("100 connections send lines of which the end does not come")
async def half_lines(scene):
    peers = await scene.attackers()
    yield
    await scene.persist(peers, half)


async def half(peer, _):
    peer.write(b"@+t=" + b"x" * 4000 + b" PRIVMSG #a :" + b"y" * 400)
    await peer.end()


@attack("99 connections fill the ban lists of 100 channels each, which takes minutes", by_count=True)
async def bans_everywhere(scene):
    peers = await scene.attackers(99)
    channels = [[f"#b{number}x{one}" for one in range(scene.scaled(100))] for number in range(len(peers))]
    await scene.all(peers, lambda peer, number: peer.join(*channels[number]))
    yield
    before = scene.server.memory_now()

    async def ban(peer, number):
        for channel in channels[number]:
            masks = [f"{'n' * 20}{one}!{'u' * 15}@{'h' * 55}" for one in range(100)]
            for some in batched(masks, 450, 4):
                await peer.volley(f"MODE {channel} +{'b' * len(some)} {' '.join(some)}")
        await peer.settle()

    await scene.all(peers, ban)
    scene.figure("MB of bans", (scene.server.memory_now() - before) / 1e6)


@attack("100 connections found channels, close them, say something and leave", seconds=15)
async def ended_lives(scene):
    peers = await scene.attackers()
    yield
    before = scene.server.memory_now()

    def lives(number):
        for one in itertools.count():
            name = f"#l{number}x{one}"
            yield f"JOIN {name}"
            yield f"MODE {name} +i"
            yield f"PRIVMSG {name} :secret"
            yield f"PART {name}"

    await scene.persist(peers, lambda peer, number: peer.storm(lives(number), volley=4))
    founded = scene.traffic.answered
    scene.figure("channels founded and left a second", round(founded / scene.seconds))
    scene.figure("bytes kept of each", round((scene.server.memory_now() - before) / max(1, founded)))
