"""The wall clock steps: what is said later comes later all the same, and is dated right."""

import datetime
import pathlib
import sys

import pytest

from irc import tags
from relay import Relay
from waiting import until

sys.path.append(str(pathlib.Path(__file__).parents[1] / "soak"))
from clock import Clock  # noqa: E402

CAPS = "message-tags server-time echo-message batch draft/chathistory"
HOUR = 3600.0
YEARS = 20 * 365 * 24 * HOUR


@pytest.fixture
def clock(tmp_path):
    directory = tmp_path / "clock"
    directory.mkdir()
    made = Clock(directory)
    if not made.works:
        pytest.skip("no C++ compiler (c++)")
    return made


@pytest.fixture
def relay(postgresql):
    made = Relay(postgresql.url)
    yield made
    made.close()


def say(client, text):
    """The tags of the echo."""
    client.say("#lobby", text)
    return tags(client.expect(rf".* PRIVMSG #lobby :{text}$")[0])


def after(client, msgid):
    """What the history has after a message; nothing if it can't be read now."""
    client.send(f"CHATHISTORY AFTER #lobby msgid={msgid} 50")
    if client.expect(r" (FAIL CHATHISTORY|BATCH \+\S+ chathistory #lobby$)")[1].startswith("FAIL"):
        return None
    texts = []
    while (match := client.expect(r" (?:PRIVMSG #lobby :(.*)|BATCH -\S+)$"))[1]:
        texts.append(match[1])
    return texts


def seconds_ahead(message_tags, now):
    time = datetime.datetime.strptime(message_tags["time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return time.timestamp() - now


def test_what_is_said_after_a_restart_comes_later_though_the_clock_is_behind_and_the_database_away(
    postgresql, relay, clock, server
):
    here = server(clock.environment, database=relay.url)
    first = say(here.client("alice", "#lobby", caps=CAPS), "first")
    here.kill()

    relay.close()
    clock.step(-HOUR)
    here = server(clock.environment, database=relay.url)
    bob = here.client("bob", "#lobby", caps=CAPS)
    here.errors_expected = True  # the database is away
    second = say(bob, "second")
    assert first["msgid"] < second["msgid"]

    relay.open()
    until(lambda: [row["body"] for row in postgresql.rows()] == ["first", "second"], "it has come from the spool")
    until(lambda: after(bob, first["msgid"]) == ["second"], "the history has it")


def test_a_clock_that_was_ahead_once_confuses_no_later_start(postgresql, relay, clock, server):
    clock.step(HOUR)
    here = server(clock.environment, database=relay.url)
    ahead = say(here.client("alice", "#lobby", caps=CAPS), "ahead")
    here.kill()
    clock.step(0)
    here = server(clock.environment, database=relay.url)
    right = say(here.client("bob", "#lobby", caps=CAPS), "right")
    here.kill()

    relay.close()
    here = server(clock.environment, database=relay.url)
    here.errors_expected = True
    away = say(here.client("carol", "#lobby", caps=CAPS), "away")
    assert ahead["msgid"] < right["msgid"] < away["msgid"]


def test_one_message_of_a_clock_20_years_ahead_dates_no_later_one(database, clock, server):
    here = server(clock.environment, database=database.url)
    alice = here.client("alice", "#lobby", caps=CAPS)
    before = say(alice, "before")
    clock.step(YEARS)
    ahead = say(alice, "ahead")
    clock.step(0)
    later = say(alice, "later")
    assert before["msgid"] < ahead["msgid"] < later["msgid"]
    here.kill()
    here = server(clock.environment, database=database.url)
    bob = here.client("bob", "#lobby", caps=CAPS)
    restarted = say(bob, "restarted")
    assert later["msgid"] < restarted["msgid"]

    now = datetime.datetime.now().timestamp()
    assert seconds_ahead(ahead, now) > YEARS - HOUR
    for one in (before, later, restarted):
        assert abs(seconds_ahead(one, now)) < 5 * 60
    stored = {row["body"]: row["time"] / 1000 - now for row in database.rows()}
    assert stored.pop("ahead") > YEARS - HOUR
    assert max(map(abs, stored.values())) < 5 * 60


def test_who_was_just_active_is_not_idle_for_ages_when_the_clock_steps_back(clock, server):
    here = server(clock.environment, database="none")
    alice = here.client("alice", "#lobby")
    alice.say("#lobby", "hello")
    alice.sync()
    clock.step(-HOUR)
    alice.send("WHOIS alice alice")
    assert int(alice.expect(r" 317 alice alice (\d+) ")[1]) < 60
