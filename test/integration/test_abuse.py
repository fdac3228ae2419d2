"""What one peer may not do to others: short forms of what `scripts/abuse` plays at length."""

import contextlib
import os
import time

import pytest

from irc import texts
from waiting import until

CAPS = "message-tags server-time batch draft/chathistory"
TAGGED = "@+example.org/t=" + "x" * 4000 + " PRIVMSG #past :{} " + "y" * 300
# Answers of 100 such messages that fill what the kernel takes for a connection over loopback, and more.
ANSWERS = 8


def descriptors(here):
    return len(os.listdir(f"/proc/{here.process.pid}/fd"))


def a_past(here, count=100):
    """A channel of which the latest messages are long."""
    talker = here.client("talker", "#past", caps="message-tags")
    talker.send(*(TAGGED.format(number) for number in range(count)))
    talker.sync()
    return talker


def deaf(here, nick, **options):
    """A client that has more to read than the kernel takes for it, and does not read it."""
    client = here.client(nick, "#past", caps=CAPS, receive_buffer=4096, **options)
    client.send(*["CHATHISTORY LATEST #past * 100"] * ANSWERS)
    # It is not known from outside when the server can write no more of it. Then it does nothing.
    used = []

    def rests():
        used.append(here.cpu_ticks())
        return len(used) > 20 and used[-20] == used[-1]

    until(rests, "the server has written what it can")
    return client


# -- memory


def test_answers_that_nobody_reads_are_not_made(server):
    here = server(rate=0)
    a_past(here)
    outsider = here.client("outsider", "#other")
    before, _ = here.memory()
    askers = [here.client(f"asker{number}", "#past", caps=CAPS, receive_buffer=4096) for number in range(20)]
    for asker in askers:
        asker.send(*["CHATHISTORY LATEST #past * 100"] * 32)  # 14 MB each
    outsider.sync()
    here.client("late", "#other")
    assert " PRIVMSG " not in "".join(outsider.everything())
    here.expect_memory_below(before + 32 * 1024)


# -- costs


def test_names_of_one_channel_many_times_is_answered_once(server):
    here = server()
    for number in range(10):
        here.client(f"member{number}", "#a")
    asker = here.client("asker")
    asker.send("NAMES " + ",".join(["#a"] * 160))
    assert len([line for line in asker.sync() if " 366 " in line]) == 1


def test_a_message_to_four_targets_counts_as_four(server):
    here = server(rate="50:20")
    bob = here.client("bob", "#a", "#b", "#c", "#d")
    alice = here.client("alice")
    began = time.monotonic()
    alice.send(*(f"PRIVMSG bob,bob,bob,bob,bob :{n}" for n in range(3)), *(f"PRIVMSG bob,#a,#b,#c :{n}" for n in range(20)))
    alice.sync()
    assert time.monotonic() - began > (20 * 4 - 20 - 1) / 50
    assert len(texts(bob.everything(), "bob")) == 23


def test_empty_lines_count(server):
    alice = server(rate="50:20").client("alice")
    began = time.monotonic()
    alice.send_bytes(b"\r\n" * 80)
    alice.sync()
    assert time.monotonic() - began > (80 - 20 - 1) / 50


# -- sockets


def test_who_half_closes_and_never_reads_is_let_go(server):
    here = server(rate=0)
    a_past(here)
    before = descriptors(here)
    gone = deaf(here, "gone")
    assert descriptors(here) == before + 1
    gone.socket.shutdown(1)
    until(lambda: descriptors(here) == before, "the socket is closed")


def test_who_quits_and_takes_a_byte_now_and_then_counts_until_it_is_let_go(server):
    here = server(rate=0, max_per_address=1)
    a_past(here)
    gone = deaf(here, "gone", source="127.0.0.2")
    gone.send("QUIT")
    second = here.connect(source="127.0.0.2")
    assert second.rest() == ["ERROR :Too many connections from your address"]

    def is_let_in():
        with contextlib.suppress(OSError):
            gone.socket.recv(1)
        client = here.connect(source="127.0.0.2")
        client.send("PING here")
        return (client.line() or "").endswith(":here")

    until(is_let_in, "its place is free again")


def test_passwords_cannot_be_guessed_one_after_the_other(server):
    here = server(password="correct-horse", max_per_address=5)
    answered = 0
    for number in range(50):
        guesser = here.connect(source="127.0.0.2")
        guesser.send("PASS wrong", f"NICK g{number}", "USER g 0 * :g")
        answered += any(" 464 " in line for line in guesser.rest())
    assert answered <= 10
    here.client("alice", password="correct-horse")


@pytest.mark.parametrize("request_line", ["GET / HTTP/1.1", "POST /x HTTP/1.1", "OPTIONS * HTTP/1.0"])
def test_a_browser_cannot_speak_irc_by_a_form(server, request_line):
    here = server()
    browser = here.connect()
    browser.send(request_line, "Host: irc.example.org", "", "NICK eve", "USER eve 0 * :eve", "JOIN #lobby")
    assert not [line for line in browser.rest() if " 001 " in line or " 451 " in line]


def test_ipv6_addresses_are_counted_by_64_bits(server, link):
    link.add("fd00:0:0:1::1/64", "fd00:0:0:1::2/64", "fd00:0:0:1:ffff::3/64", "fd00:0:0:2::4/64")
    with link.at_the_server():
        here = server(listen="[fd00:0:0:1::1]:6667", max_per_address=1)
        here.client("alice", source="fd00:0:0:1::2")
        assert here.connect(source="fd00:0:0:1:ffff::3").rest() == ["ERROR :Too many connections from your address"]
        here.client("bob", source="fd00:0:0:2::4")
