"""Every queue has a bound, and what happens at the bound hurts nobody else (the design's table of bounds)."""

import json
import os
import socket
import subprocess
import time

import pytest

from irc import texts
from server import BIN
from waiting import DEADLINE, until

# -- a line


def test_a_line_of_512_bytes_is_taken_and_a_longer_one_gets_417_and_is_dropped(server):
    alice = server().client("alice")
    longest = "AWAY :" + "x" * (510 - len("AWAY :"))
    alice.send(longest, longest + "y", "PING short")
    alice.expect(r" 306 alice :")
    alice.expect(r" 417 alice :")
    alice.expect(r" PONG \S+ :short$")


def test_client_tags_of_4094_bytes_are_taken_and_longer_ones_get_417(server):
    alice = server().client("alice", caps="message-tags")
    fits = "+a=" + "x" * (4094 - len("+a="))
    alice.send(f"@{fits} PING full", f"@{fits}x PING overfull", "PING after")
    alice.expect(r" PONG \S+ :full$")
    alice.expect(r" 417 alice :")
    alice.expect(r" PONG \S+ :after$")


def test_a_line_that_does_not_end_gets_one_417_and_is_not_kept(server):
    here = server(rate=0)
    alice = here.client("alice")
    before, _ = here.memory()
    for _ in range(256):
        alice.send_bytes(b"x" * 65536)
    alice.send("", "PING after")
    alice.expect(r" PONG \S+ :after$")
    assert len([line for line in alice.seen if " 417 " in line]) == 1
    here.expect_memory_below(before + 4096)


def test_a_message_that_could_not_be_relayed_in_one_line_is_refused(server):
    here = server()
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    alice.say("#lobby", "x" * (510 - len("PRIVMSG #lobby :")))
    alice.expect(r" 417 alice :")
    assert texts(bob.everything()) == []


# -- credit: commands that the room has not answered


def test_ten_thousand_commands_at_once_are_answered_in_order_and_none_is_lost(server):
    alice = server(rate=0).client("alice")
    sending = alice.send_meanwhile(*(f"PING {n}" for n in range(10_000)))
    assert [int(alice.expect(r" PONG \S+ :(\d+)$")[1]) for _ in range(10_000)] == list(range(10_000))
    sending.join()


def test_ten_thousand_messages_at_once_arrive_in_order_and_are_stored_in_order(database, server):
    here = server(rate=0, database=database.url)
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    alice.send_meanwhile(*(f"PRIVMSG #lobby :{n}" for n in range(10_000)))
    expected = [str(n) for n in range(10_000)]
    assert [bob.expect(r" PRIVMSG #lobby :(\d+)$")[1] for _ in range(10_000)] == expected
    assert [row["body"] for row in database.rows()] == expected


def test_while_the_room_cannot_answer_a_flood_waits_in_tcp_and_not_in_memory(postgresql, server):
    here = server(rate=0, database=postgresql.url)
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    line = b"PRIVMSG #lobby :" + b"x" * 400 + b"\r\n"
    before, _ = here.memory()
    sent = 0
    with postgresql.locked():
        alice.socket.settimeout(0.25)  # that long nothing can be written: then TCP is full
        with pytest.raises(TimeoutError):
            while sent < 64 * 1024 * 1024:
                sent += alice.socket.send(line * 100)
        here.expect_memory_below(before + 4096)
    whole, part = divmod(sent, len(line))
    alice.send_bytes(line[part:])
    for _ in range(whole + 1):
        bob.expect(r" PRIVMSG #lobby :x{400}$")
    assert texts(bob.sync()) == []


# -- the send queue


def test_a_client_that_does_not_read_is_closed_and_the_others_go_on(server):
    here = server(rate=0, sendq=65536, database="none")
    sloth = here.client("sloth", "#lobby", receive_buffer=4096)
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    said = 0
    gone = False
    while not gone:
        assert said < 100_000, "a client that does not read is still there"
        alice.send(*(f"PRIVMSG #lobby :{said + n} {'x' * 400}" for n in range(500)))
        said += 500
        gone = any(":sloth!" in line and line.endswith("QUIT :SendQ exceeded") for line in alice.sync())

    assert [int(text.split()[0]) for text in texts(bob.everything())] == list(range(said))
    here.expect_memory_below(40 * 1024)
    assert "SendQ exceeded" in here.log()
    here.client("sloth")
    sloth.close()


def test_of_thousands_of_messages_the_others_miss_nothing_while_members_who_never_read_are_closed(server):
    here = server(sendq=65536, rate=0)
    command = [BIN / "troupe-bench", "fanout", "--json", "--port", str(here.port), "--clients", "10", "--deaf", "2",
               "--window", "64", "--bytes", "400", "--messages", "20000"]
    measured = json.loads(subprocess.run(command, stdout=subprocess.PIPE, timeout=DEADLINE, check=True).stdout)
    assert measured["deaf"] == {"members": 2, "closed": 2}


# -- the rate of commands


def test_commands_beyond_the_burst_are_delayed_and_answered_all(server):
    alice = server(rate="50:10").client("alice")
    began = time.monotonic()
    alice.send(*(f"PING {n}" for n in range(40)))
    assert [int(alice.expect(r" PONG \S+ :(\d+)$")[1]) for _ in range(40)] == list(range(40))
    assert time.monotonic() - began > (40 - 10 - 1) / 50


def test_a_client_far_beyond_its_rate_is_closed_with_excess_flood_and_the_others_are_told(server):
    here = server(rate="5:20")
    bob = here.client("bob", "#lobby")
    alice = here.client("alice", "#lobby")
    alice.send_meanwhile(*(f"PRIVMSG #lobby :{n} {'x' * 100}" for n in range(1000)))
    assert alice.rest()[-1] == "ERROR :Excess Flood"
    bob.expect(r"^:alice!\S+ QUIT :Excess Flood$")
    said = texts(bob.seen)
    assert 10 <= len(said) < 100
    assert [int(text.split()[0]) for text in said] == list(range(len(said)))


def test_a_rate_of_0_delays_nothing(server):
    alice = server(rate=0).client("alice")
    began = time.monotonic()
    alice.send(*(f"PING {n}" for n in range(1000)))
    alice.expect(r" PONG \S+ :999$")
    assert time.monotonic() - began < 5


# -- connections


def test_one_connection_too_many_is_refused_with_a_reason_until_another_leaves(server):
    here = server(max_connections=2)
    here.client("alice")
    bob = here.client("bob")
    assert here.connect().rest() == ["ERROR :Too many connections"]
    bob.send("QUIT")
    bob.rest()
    here.client("carol")


def test_one_connection_too_many_from_an_address_is_refused_and_other_addresses_are_not(server):
    here = server(max_per_address=2)
    here.client("alice")
    bob = here.client("bob")
    assert here.connect().rest() == ["ERROR :Too many connections from your address"]
    here.client("carol", source="127.0.0.2")
    bob.send("QUIT")
    bob.rest()
    here.client("dave")


def test_0_lifts_the_limits_of_connections(server):
    here = server(max_connections=0, max_per_address=0)
    clients = [here.connect() for _ in range(150)]
    for client in clients:
        client.sync()


# -- time


def test_who_does_not_register_in_time_is_closed_with_a_reason(server):
    here = server(registration_timeout="200ms")
    registered = here.client("alice")
    silent, busy = here.connect(), here.connect()
    busy.send("NICK bob", "PING 1", "PING 2")  # speaking alone does not help
    assert silent.rest() == ["ERROR :Registration timeout"]
    assert busy.rest()[-1] == "ERROR :Registration timeout"
    registered.sync()


def test_who_does_not_answer_a_ping_in_time_is_closed_and_the_others_are_told(server):
    here = server(ping_interval="200ms", ping_timeout="200ms")
    deaf = here.client("deaf", "#lobby")
    alive = here.client("alive", "#lobby")
    while True:
        line = alive.line()
        if line.startswith("PING "):
            alive.send(line.replace("PING", "PONG", 1))
        elif line.startswith(":deaf!"):
            break
    assert " QUIT :Ping timeout: " in line
    assert deaf.rest()[-1].startswith("ERROR :Ping timeout: ")
    here.client("deaf")


def test_a_connection_half_closed_by_its_client_is_gone(server):
    here = server()
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    bob.socket.shutdown(socket.SHUT_WR)
    alice.expect(r"^:bob!\S+ QUIT :Connection closed$")
    bob.rest()


def test_connections_that_come_and_go_leave_nothing_behind(server):
    here = server(max_per_address=0)
    descriptors = f"/proc/{here.process.pid}/fd"
    # Files are opened when they are first needed.
    first = here.client("first", "#lobby")
    first.say("#lobby", "hello")
    first.sync()
    before = len(os.listdir(descriptors)) - 1
    first.close()
    for n in range(300):
        client = here.connect()
        client.send(f"NICK n{n}", f"USER n{n} 0 * :N")
        client.close()
    until(lambda: len(os.listdir(descriptors)) <= before, "all sockets are closed again")
    assert " :There are 1 users and 0 invisible" in "\n".join(here.client("alice").seen)
