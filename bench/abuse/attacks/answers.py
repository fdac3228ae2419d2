"""Short questions that have long or costly answers."""

import asyncio
import subprocess

from ..peer import batched, forever
from . import attack, tagged

HISTORY = "message-tags server-time batch draft/chathistory"


async def fill(scene, channels, messages, line=tagged):
    """Says so many messages in each of these channels."""
    helpers = await scene.helpers(min(20, len(channels)), caps="message-tags")

    async def talk(peer, number):
        mine = channels[number::len(helpers)]
        await peer.join(*mine)
        for channel in mine:
            for some in batched([line(channel)] * messages, 10_000):
                await peer.volley(*some)
        await peer.settle()

    await scene.all(helpers, talk)


async def a_long_past(scene):
    await fill(scene, ["#past"], 600)


async def a_past_in_memory(scene, peers):
    """480 messages that the attackers say themselves, within their burst: the server keeps up to 512 in memory."""

    async def talk(peer, _):
        for _ in range(8):
            await peer.volley(tagged("#past"))
        await peer.settle()

    await scene.all(peers[:60], talk)


async def a_million(scene):
    await fill(scene, ["#past"], scene.scaled(1_000_000), lambda channel: f"PRIVMSG {channel} :{'y' * 40}")


LONG_AGO = "timestamp=2020-01-01T00:00:00.000Z"
LATER = "timestamp=2100-01-01T00:00:00.000Z"
OF_A_MILLION = (f"CHATHISTORY AFTER #past {LONG_AGO} 500", f"CHATHISTORY BEFORE #past {LATER} 500",
                f"CHATHISTORY BETWEEN #past {LATER} {LONG_AGO} 500", f"CHATHISTORY AROUND #past {LONG_AGO} 500",
                f"CHATHISTORY TARGETS {LONG_AGO} {LATER} 100")


async def ask_for_history(scene, connections, *questions, in_memory=False):
    peers = await scene.attackers(62 if in_memory else connections, caps=HISTORY)
    await scene.all(peers, lambda peer, _: peer.join("#past"))
    if in_memory:
        await a_past_in_memory(scene, peers)
        peers = peers[:connections]
    yield

    async def again():
        peer = await scene.attacker(caps=HISTORY)
        await peer.join("#past")
        return peer

    await scene.persist(peers, lambda peer, _: peer.storm(forever(*questions)), again)


@attack("1 connection asks for the history of a channel of a million messages", past=a_million, alone=True)
async def history_of_a_million_by_one(scene):
    async for step in ask_for_history(scene, 1, *OF_A_MILLION):
        yield step


@attack("100 connections ask for the history of a channel of a million messages", past=a_million)
async def history_of_a_million(scene):
    async for step in ask_for_history(scene, 100, *OF_A_MILLION):
        yield step


@attack("62 connections pipeline CHATHISTORY of 450 messages with 4 kB of tags")
async def history(scene):
    async for step in ask_for_history(scene, 62, "CHATHISTORY LATEST #past * 450", in_memory=True):
        yield step


@attack("19 connections pipeline CHATHISTORY of 450 messages with 4 kB of tags")
async def history_of_19(scene):
    async for step in ask_for_history(scene, 19, "CHATHISTORY LATEST #past * 450", in_memory=True):
        yield step


@attack("62 connections pipeline CHATHISTORY of what is not in memory", past=a_long_past)
async def history_from_the_database(scene):
    async for step in ask_for_history(scene, 62, f"CHATHISTORY AFTER #past {LONG_AGO} 500"):
        yield step


@attack("62 connections pipeline CHATHISTORY while the database stalls", past=a_long_past, postgresql=True)
async def history_of_a_stalled_database(scene):
    lock = await asyncio.create_subprocess_exec("psql", "-XqAt", scene.server.options["database"],
                                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        peers = ask_for_history(scene, 62, f"CHATHISTORY AFTER #past {LONG_AGO} 500")
        await anext(peers)
        lock.stdin.write(b"BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n")
        await lock.stdout.readline()
        await asyncio.sleep(1)  # the first commit's time is over: the spool has taken the database's place
        yield
        async for _ in peers:
            pass
    finally:
        lock.kill()
        await lock.wait()


async def make_channels(scene, count):
    """So many channels with long names and topics; their makers stay in them."""
    makers = await scene.helpers(-(-count // 100))

    async def make(peer, number):
        names = [f"#{'a' * 40}{number:04}{one:03}" for one in range(min(100, count - 100 * number))]
        await peer.join(*names)
        # Patience: the server's rate holds them to ten a second.
        for name in names[:10]:
            await peer.volley(f"TOPIC {name} :{'t' * 300}")
        await peer.settle()

    await scene.all(makers, make)


MASKS = "LIST " + ",".join(f"*a*a*a*a*a*{chr(98 + number % 24)}" for number in range(35))


async def ask_for_list(scene, channels, connections, question="LIST"):
    await make_channels(scene, scene.scaled(channels))
    peers = await scene.attackers(connections)
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever(question)))


@attack("1 connection asks LIST with 35 masks of 10,000 channels", alone=True)
async def list_masks_by_one(scene):
    async for step in ask_for_list(scene, 10_000, 1, MASKS):
        yield step


@attack("100 connections ask LIST with 35 masks of 10,000 channels")
async def list_masks(scene):
    async for step in ask_for_list(scene, 10_000, 100, MASKS):
        yield step


@attack("100 connections ask LIST with 35 masks of 50,000 channels")
async def list_masks_of_50000(scene):
    async for step in ask_for_list(scene, 50_000, 100, MASKS):
        yield step


@attack("100 connections ask LIST of 10,000 channels")
async def list_all(scene):
    async for step in ask_for_list(scene, 10_000, 100):
        yield step


@attack("1 connection asks LIST of 50,000 channels, for a minute", seconds=60, alone=True)
async def list_all_of_50000_by_one(scene):
    async for step in ask_for_list(scene, 50_000, 1):
        yield step


@attack("100 connections ask LIST of 50,000 channels")
async def list_all_of_50000(scene):
    async for step in ask_for_list(scene, 50_000, 100):
        yield step


@attack("5 connections ask NAMES #a,#a,#a… of a channel of 1,000")
async def names(scene):
    await crowd(scene, "#a", 1000)
    peers = await scene.attackers(5)
    yield
    question = "NAMES " + ",".join(["#a"] * 166)
    await scene.persist(peers, lambda peer, _: peer.storm(forever(question)))


@attack("100 connections ask NAMES of a channel of 1,000")
async def names_of_many(scene):
    await crowd(scene, "#big", 1000)
    peers = await scene.attackers()
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever("NAMES #big")))


@attack("100 connections ask WHO of a channel of 1,000 and of everybody")
async def who(scene):
    await crowd(scene, "#big", 1000)
    peers = await scene.attackers()
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever("WHO #big", "WHO *", "WHO *a*a*a*b")))


async def ask_about_9000(scene, connections):
    await crowd(scene, "#big", 9000)
    peers = await scene.attackers(connections)
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever("WHO #big", "NAMES #big", "WHO *", "WHO *a*a*a*b")))


@attack("1 connection asks WHO and NAMES of a channel of 9,000", alone=True)
async def who_of_9000_by_one(scene):
    async for step in ask_about_9000(scene, 1):
        yield step


@attack("100 connections ask WHO and NAMES of a channel of 9,000")
async def who_of_9000(scene):
    async for step in ask_about_9000(scene, 100):
        yield step


@attack("100 connections ask WHOIS of a user in 100 channels")
async def whois(scene):
    peers = await scene.attackers()
    names = [f"#{'w' * 50}{number}" for number in range(100)]
    await peers[0].join(*names)
    nick = peers[0].nick
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever(f"WHOIS {nick}", f"WHOIS {nick} {nick}")))


@attack("100 connections ask for the bans of a channel that has 100")
async def bans(scene):
    peers = await scene.attackers()
    await peers[0].join("#banned")
    masks = [f"{'n' * 20}{number}!*@{'h' * 40}" for number in range(100)]
    for some in batched(masks, 330):
        await peers[0].volley(f"MODE #banned +{'b' * len(some)} {' '.join(some)}")
    await peers[0].settle()
    await scene.all(peers[1:], lambda peer, _: peer.join("#banned"))
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever("MODE #banned b")))


@attack("100 connections ask for 400 lines of MOTD, CAP LS and LUSERS", options={"motd": "motd.txt"})
async def motd(scene):
    peers = await scene.attackers()
    yield
    await scene.persist(peers, lambda peer, _: peer.storm(forever("MOTD", "CAP LS 302", "LUSERS", "VERSION")))


async def crowd(scene, channel, count):
    """So many helpers in a channel."""
    helpers = await scene.helpers(scene.scaled(count))
    await scene.all(helpers, lambda peer, _: peer.join(channel))
    return helpers
