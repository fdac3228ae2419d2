"""What fills memory and disk."""

import itertools

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


@attack("99 connections in one channel say 4 kB of tags, and 50 of them do not read", seconds=8)
async def slow_readers(scene):
    peers = await scene.attackers(49, caps="message-tags")
    deaf = await scene.attackers(50, caps="message-tags", receive_buffer=4096)
    await scene.all(peers + deaf, lambda peer, _: peer.join("#slow"))
    yield
    for peer in deaf:
        peer.stop_reading()
    await scene.persist(peers, lambda peer, _: peer.storm(itertools.repeat(tagged("#slow"))))


@attack("100 connections send lines of which the end does not come")
async def half_lines(scene):
    peers = await scene.attackers()
    yield
    await scene.persist(peers, half)


async def half(peer, _):
    peer.write(b"@+t=" + b"x" * 4000 + b" PRIVMSG #a :" + b"y" * 400)
    await peer.end()
