"""Who is let in, on several event loops, and who is kept out."""

import re
import time

import pytest

from server import event_of
from waiting import until


def test_clients_on_several_io_threads_talk_to_each_other_in_one_order(server):
    here = server(io_threads=3, rate=0)
    clients = [here.client(f"c{i}", "#lobby", caps="echo-message") for i in range(7)]
    for i in range(20):
        for client in clients:
            client.say("#lobby", f"{client.nick} {i}")
    for client in clients:
        client.sync()
    told = [[line for line in client.everything() if " PRIVMSG #lobby " in line] for client in clients]
    assert len(told[0]) == 20 * len(clients)
    assert all(one == told[0] for one in told)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_a_client_that_closes_without_quit_and_comes_back_at_once_has_its_nick(server, threads):
    here = server(io_threads=threads, rate=0)
    for _ in range(300):
        client = here.connect()
        client.send("NICK alice", "USER alice 0 * :Alice")
        client.expect(" (001|433) ")
        assert not [line for line in client.seen if " 433 " in line]
        client.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_client_that_leaves_and_comes_back_at_once_has_its_place(server, threads):
    here = server(io_threads=threads, max_connections=2, rate=0)
    here.client("alice")
    for _ in range(200):
        bob = here.connect()
        bob.send("PING :hello")
        bob.expect(" PONG ")
        bob.close()


@pytest.mark.parametrize("words", ["GET / HTTP/1.1", "POST / HTTP/1.1"])
def test_who_speaks_http_is_closed_at_once(server, words):
    browser = server().connect()
    browser.send(words, "Host: localhost", "", "NICK mallory", "USER m 0 * :M", "JOIN #lobby", "PRIVMSG #lobby :hi")
    assert browser.rest() == ["ERROR :This is not a web server"]


def test_wrong_passwords_are_slow_for_their_address_alone(server):
    here = server(password="sesame", io_threads=2)
    friend = here.client("friend", "#lobby", password="sesame")
    guesses = 0
    end = time.monotonic() + 3
    while time.monotonic() < end:
        stranger = here.connect()
        stranger.send("PASS wrong", "NICK mallory", "USER m 0 * :M")
        guesses += any(" 464 " in line for line in stranger.rest())
        stranger.close()
    assert guesses <= 110
    friend.sync()
    other = here.client("other", "#lobby", password="sesame", source="127.0.0.2")
    other.say("#lobby", "hello")
    friend.expect("hello")


def test_one_mistyped_password_costs_next_to_nothing(server):
    here = server(password="sesame", max_per_address=2)
    stranger = here.connect()
    stranger.send("PASS wrong", "NICK alice", "USER a 0 * :A")
    stranger.rest()
    here.client("alice", password="sesame")


def test_refusals_are_logged_once_a_second_with_their_number(server):
    here = server(max_connections=1, log_level="warning")
    here.client("alice")
    begin = time.monotonic()
    for _ in range(200):
        client = here.connect()
        assert client.rest() == ["ERROR :Too many connections"]
        client.close()

    def refused():
        events = [event_of(line) for line in here.log().splitlines() if " refused" in line]
        return sum(event.get("clients", 1) for event in events), len(events)

    until(lambda: refused()[0] == 200, "all are counted", explain=here.log)
    assert refused()[1] <= 2 + (time.monotonic() - begin)
    assert re.search(r'refused address=127.0.0.1 reason="Too many connections"', here.log())
