"""Who may read a channel's past across restarts, and what a running server says of itself."""

import re
import signal

import pytest
from waiting import until

ASKS = "batch draft/chathistory message-tags"


def past(client, channel):
    """The texts that a member is shown of its channel's past."""
    client.send(f"CHATHISTORY LATEST {channel} * 100")
    found = []
    while not re.search(r" BATCH -", line := client.line()):
        if f" PRIVMSG {channel} :" in line:
            found.append(line.split(f" PRIVMSG {channel} :")[1])
    return found


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_a_closed_channels_past_is_readable_to_nobody_after_a_restart_an_open_ones_is(database, server, how):
    first = server(database=database.url)
    alice = first.client("alice", "#open", "#closed", "#left")
    alice.send("MODE #closed +k key", "MODE #left +i")
    for channel in ("#open", "#closed", "#left"):
        alice.send(f"PRIVMSG {channel} :said in {channel}")
    alice.send("PART #left", "JOIN #left")
    alice.sync()
    bob = first.client("bob", "#open", "#left", caps=ASKS)
    assert past(bob, "#open") == ["said in #open"]
    assert past(bob, "#left") == []
    getattr(first, how)()

    here = server(database=database.url)
    carol = here.client("carol", "#open", "#closed", "#left", caps=ASKS)
    assert past(carol, "#open") == ["said in #open"]
    assert past(carol, "#closed") == []
    assert past(carol, "#left") == []
    carol.send("PRIVMSG #closed :new")
    carol.sync()
    assert past(carol, "#closed") == ["new"]


@pytest.mark.parametrize("kept", [True, False])
def test_a_signal_has_every_actor_say_how_things_are(server, kept):
    here = server(database="sqlite:troupe.db" if kept else "none", io_threads=2)
    alice = here.client("alice", "#lobby")
    here.client("bob", "#lobby")
    alice.say("#lobby", "hello")
    alice.sync()
    here.process.send_signal(signal.SIGUSR1)
    actors = ["supervisor", "room", "listener", '"switchboard 0"', '"switchboard 1"']
    if kept:
        actors += ["persistence", "archive", "records", "reader"]
        actors += ['"store keeper"', '"spool keeper"', '"records keeper"']
    for actor in actors:
        until(lambda: f"measured actor={actor} " in here.log(), f"{actor} answers")
    room = re.search(r"measured actor=room .*", here.log()).group()
    assert " users=2 channels=1 " in room
    listener = re.search(r"measured actor=listener .*", here.log()).group()
    assert " connections=2 " in listener
    alice.sync()
