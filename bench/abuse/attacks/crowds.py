"""What one says and many hear."""

import asyncio
import itertools
import time

from ..peer import forever
from . import attack, tagged
from .answers import HISTORY, crowd, fill

DEAD = [f"#{letter}{other}" for letter in "abcdefghij" for other in "abcdefghij"]


async def dead_channels(scene):
    await fill(scene, DEAD, scene.scaled(500), lambda channel: tagged(channel, 500))


async def rejoin_dead_channels(scene, connections):
    """Meanwhile strangers join and leave channels of their own: how long does that take?"""
    peers = await scene.attackers(connections)
    strangers = await scene.helpers(4)
    yield
    joins = []

    async def join(peer, number):
        while True:
            begin = time.monotonic()
            await peer.join(f"#own{number}")
            joins.append(time.monotonic() - begin)
            peer.say(f"PART #own{number}")
            await asyncio.sleep(0.25)

    lines = (f"JOIN {','.join(DEAD[:50])}", f"JOIN {','.join(DEAD[50:])}", "JOIN 0")
    joining = asyncio.create_task(scene.all(strangers, join))
    await scene.persist(peers, lambda peer, _: peer.storm(forever(*lines)))
    joining.cancel()
    scene.figure("a stranger's JOIN, p99 in ms", 1000 * sorted(joins)[int(0.99 * len(joins))], at_most=100)


@attack("1 connection joins 100 dead channels with a past, and leaves them, in turn", past=dead_channels, alone=True)
async def rejoin_by_one(scene):
    async for step in rejoin_dead_channels(scene, 1):
        yield step


@attack("100 connections join 100 dead channels with a past, and leave them, in turn", past=dead_channels)
async def rejoin(scene):
    async for step in rejoin_dead_channels(scene, 100):
        yield step


async def a_present(scene, channels, caps=""):
    peers = await scene.attackers(caps=caps)
    await scene.all(peers, lambda peer, _: peer.join(*channels))
    return peers


@attack("100 connections write to four channels at once, all of them in each")
async def targets(scene):
    channels = ["#t1", "#t2", "#t3", "#t4"]
    peers = await a_present(scene, channels)
    yield
    line = f"PRIVMSG {','.join(channels)} :{'x' * 300}"
    await scene.persist(peers, lambda peer, _: peer.storm(forever(line)))


@attack("100 connections that share 100 channels change their nicks")
async def nicks(scene):
    peers = await a_present(scene, [f"#n{number}" for number in range(100)])
    yield
    await scene.persist(peers, lambda peer, number: peer.storm(
        f"NICK {'n' * 20}{number}{letter}" for letter in itertools.cycle("xyz")))


@attack("100 connections that share 100 channels quit and come back into them", seconds=8)
async def quits(scene):
    channels = [f"#q{number}" for number in range(100)]
    peers = await a_present(scene, channels)
    yield

    async def act(peer, _):
        peer.say(f"QUIT :{'x' * 300}")
        await peer.end()
        peer = await scene.attacker()
        await peer.join(*channels)
        peer.say(f"QUIT :{'x' * 300}")
        await peer.end()

    await scene.persist(peers, act)


@attack("100 connections join and leave a channel of 1,000")
async def join_and_part(scene):
    await crowd(scene, "#big", 1000)
    peers = await scene.attackers()
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever("JOIN #big", f"PART #big :{'x' * 300}")))


@attack("100 connections change topic, modes and AWAY in a channel of 1,000")
async def changes(scene):
    peers = await scene.attackers(caps="away-notify setname")
    await peers[0].join("#big")
    await crowd(scene, "#big", 1000)
    await scene.all(peers[1:], lambda peer, _: peer.join("#big"))
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever(
        f"TOPIC #big :{'t' * 300}", f"AWAY :{'a' * 300}", "AWAY", "MODE #big +t", "MODE #big -t",
        f"SETNAME :{'n' * 140}")))


@attack("100 connections ask for history, of a channel in memory, as one speaks in it")
async def speak_and_ask(scene):
    peers = await a_present(scene, ["#both"], caps=HISTORY)
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever(
        f"PRIVMSG #both :{'x' * 400}", "CHATHISTORY LATEST #both * 500")))
