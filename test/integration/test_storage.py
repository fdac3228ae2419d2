"""What anybody has seen is kept."""

import datetime
import itertools
import time

from database import refuse_in_file
from irc import tags, texts
from waiting import until

CAPS = "message-tags server-time echo-message"


def milliseconds(timestamp):
    """A server-time tag's value in milliseconds since 1970."""
    parsed = datetime.datetime.strptime(timestamp, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    return round(parsed.timestamp() * 1000)


def test_what_was_shown_is_in_the_database_with_all_its_columns_after_the_server_was_killed(database, server):
    here = server(database=database.url)
    before = int(time.time() * 1000)
    alice = here.client("Alice", "#Lobby", caps=CAPS)
    bob = here.client("bob", "#lobby", caps=CAPS)
    alice.send("PRIVMSG #LOBBY :it's \"quoted\" \\ \u2603 and 'so on'; --")
    alice.send("@+draft/reply=abc;+x=a\\sb NOTICE #lobby :a notice")
    shown = [bob.expect(r".* (PRIVMSG|NOTICE) #Lobby :.*")[0] for _ in range(2)]
    here.kill()

    first, second = database.rows()
    assert [first["id"], second["id"]] == [tags(line)["msgid"] for line in shown]
    assert [first["time"], second["time"]] == [milliseconds(tags(line)["time"]) for line in shown]
    assert before <= first["time"] <= second["time"] <= int(time.time() * 1000)
    assert first == first | {
        "channel": "#lobby",
        "nick": "Alice",
        "user_name": "Alice",
        "host": "127.0.0.1",
        "kind": 0,
        "body": "it's \"quoted\" \\ \u2603 and 'so on'; --",
        "client_tags": "",
    }
    assert second == second | {"kind": 1, "body": "a notice", "client_tags": "+draft/reply=abc;+x=a\\sb"}


def test_every_message_seen_before_a_kill_amid_a_flood_is_kept_once_and_in_order(database, server):
    here = server(database=database.url, rate=0)
    bob = here.client("bob", "#lobby", caps="message-tags")
    talkers = [here.client(f"talker{i}", "#lobby", caps=CAPS) for i in range(3)]
    for talker in talkers:
        talker.send_meanwhile(*(f"PRIVMSG #lobby :{talker.nick} {n}" for n in range(20_000)))
    for _ in range(300):
        bob.expect(r" PRIVMSG ")
    here.kill()

    kept = [row["id"] for row in database.rows()]
    assert len(kept) == len(set(kept))
    for client in (bob, *talkers):
        try:
            client.rest()
        except AssertionError as error:  # its last line was cut off by the kill
            assert "ended within a line" in str(error)
        seen = [tags(line)["msgid"] for line in client.seen if " PRIVMSG #lobby " in line]
        if client is bob:
            assert len(seen) >= 300
        assert seen == kept[: len(seen)]


def test_a_restarted_server_goes_on_with_larger_ids(database, server):
    ids = []
    for turn in range(3):
        here = server(database=database.url, replay=0)
        alice = here.client("alice", "#lobby", caps=CAPS)
        for n in range(5):
            alice.say("#lobby", f"{turn} {n}")
            ids.append(tags(alice.expect(r".* PRIVMSG .*")[0])["msgid"])
        here.kill() if turn == 0 else here.terminate()
    assert all(a < b for a, b in itertools.pairwise(ids))
    assert [row["id"] for row in database.rows()] == ids


def test_what_is_said_to_one_person_is_not_stored(database, server):
    here = server(database=database.url)
    alice = here.client("alice", "#lobby")
    alice.say("alice", "a secret")
    alice.expect(r" PRIVMSG alice :a secret$")
    alice.send("TAGMSG #lobby", "TOPIC #lobby :no message either")
    alice.sync()
    assert database.rows() == []


def test_a_message_that_cannot_be_stored_gets_its_sender_an_error_and_nobody_sees_it(database, server):
    here = server(database=database.url)
    here.errors_expected = True
    alice = here.client("alice", "#lobby", caps="standard-replies echo-message")
    bob = here.client("bob", "#lobby")
    database.refuse("unstorable")
    refuse_in_file(here.directory / "troupe-spool.db", "unstorable")
    alice.say("#lobby", "unstorable")
    alice.expect(r"^:\S+ FAIL PRIVMSG MESSAGE_NOT_STORED #lobby :")
    alice.say("#lobby", "storable")
    bob.expect(r" PRIVMSG #lobby :storable$")

    assert texts(bob.seen) == ["storable"]
    assert texts(alice.everything()) == ["storable"]
    until(lambda: [row["body"] for row in database.rows()] == ["storable"], "it has come from the spool")
    assert "unstorable" not in here.log()


def test_nobody_sees_a_message_before_it_is_committed(postgresql, server):
    here = server(database=postgresql.url)
    alice = here.client("alice", "#lobby", caps="echo-message")
    bob = here.client("bob", "#lobby")
    alice.sync()
    with postgresql.locked():
        alice.say("#lobby", "patience")
        until(postgresql.someone_waits, "the commit waits for the lock")
        assert not bob.has_input() and not alice.has_input()
    bob.expect(r" PRIVMSG #lobby :patience$")
    alice.expect(r" PRIVMSG #lobby :patience$")


def test_relaxed_shows_a_message_first_and_stores_it_behind(postgresql, server):
    here = server(database=postgresql.url, durability="relaxed")
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    with postgresql.locked():
        alice.say("#lobby", "at once")
        bob.expect(r" PRIVMSG #lobby :at once$")
        assert postgresql.rows() == []
    here.terminate()
    assert [row["body"] for row in postgresql.rows()] == ["at once"]


def test_without_a_database_people_talk_and_no_file_is_made(server, tmp_path):
    here = server(database="none")
    alice = here.client("alice", "#lobby", caps=CAPS)
    bob = here.client("bob", "#lobby")
    alice.say("#lobby", "gone with the wind")
    bob.expect(r" PRIVMSG #lobby :gone with the wind$")
    assert [file.suffix for file in tmp_path.iterdir()] == [".log"]
