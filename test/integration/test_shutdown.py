"""An orderly end."""

import contextlib
import fcntl
import os
import select
import signal
import subprocess

import pytest

from irc import Client, tags, texts
from server import SERVER, environment, event_of, free_port
from waiting import until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0_and_everybody_is_told(server, number):
    here = server()
    clients = [here.client(f"client{n}", "#lobby") for n in range(10)]
    unregistered = here.connect()
    unregistered.sync()
    here.signal(number)
    for client in (*clients, unregistered):
        lines = client.rest()
        assert lines[-1] == "ERROR :Server shutting down"
        assert not any(" QUIT " in line for line in lines)
    assert here.wait(5) == 0


def test_at_the_end_nobody_new_is_let_in(server):
    here = server()
    here.terminate()
    with pytest.raises(ConnectionRefusedError):
        here.connect()


def test_messages_in_flight_at_the_end_are_stored_and_delivered(database, server):
    here = server(rate=0, database=database.url)
    alice = here.client("alice", "#lobby", caps="message-tags echo-message")
    bob = here.client("bob", "#lobby", caps="message-tags")
    alice.send_meanwhile(*(f"PRIVMSG #lobby :{n}" for n in range(20_000)))
    bob.expect(r" PRIVMSG #lobby :100$")
    here.signal(signal.SIGTERM)
    assert bob.rest()[-1] == "ERROR :Server shutting down"
    assert alice.rest()[-1] == "ERROR :Server shutting down"
    assert here.wait(5) == 0

    kept = [row["id"] for row in database.rows()]
    assert [row["body"] for row in database.rows()] == [str(n) for n in range(len(kept))]
    assert ids(alice) == kept
    assert ids(bob) == kept


def test_a_message_that_waits_for_the_database_at_the_end_is_stored_and_delivered(postgresql, server):
    here = server(database=postgresql.url)
    alice = here.client("alice", "#lobby", caps="echo-message")
    bob = here.client("bob", "#lobby")
    with postgresql.locked():
        alice.say("#lobby", "last words")
        until(postgresql.someone_waits, "the commit waits for the lock")
        here.signal(signal.SIGTERM)
        until(lambda: "shutting down" in here.log(), "the server has begun to end")
    assert here.wait(5) == 0
    assert texts(alice.rest()) == ["last words"]
    assert [row["body"] for row in postgresql.rows()] == ["last words"]
    assert texts(bob.rest()) == ["last words"]


def test_a_second_signal_ends_it_at_once(postgresql, server):
    here = server(database=postgresql.url)
    here.errors_expected = True
    alice = here.client("alice", "#lobby")
    with postgresql.locked():
        alice.say("#lobby", "still waiting")
        until(postgresql.someone_waits, "the commit waits for the lock")
        here.signal(signal.SIGTERM)
        until(lambda: "shutting down" in here.log(), "the server has begun to end")
        assert here.process.poll() is None
        here.signal(signal.SIGTERM)
        assert here.wait(1) == 1


def test_it_ends_within_5_seconds_also_while_the_database_hangs(postgresql, server):
    here = server(database=postgresql.url)
    here.errors_expected = True
    alice = here.client("alice", "#lobby")
    with postgresql.locked():
        alice.say("#lobby", "still waiting")
        until(postgresql.someone_waits, "the commit waits for the lock")
        here.signal(signal.SIGTERM)
        here.wait(5)


def test_a_client_that_does_not_read_does_not_hold_up_the_end(server):
    here = server(rate=0, database="none", sendq=0)
    sloth = here.client("sloth", "#lobby", receive_buffer=4096)
    alice = here.client("alice", "#lobby")
    for _ in range(20):
        alice.send(*(f"PRIVMSG #lobby :{'x' * 400}" for _ in range(1000)))
        alice.sync()
    here.signal(signal.SIGTERM)
    assert here.wait(5) == 0
    sloth.close()


def ids(client):
    return [tags(line)["msgid"] for line in client.seen if " PRIVMSG #lobby " in line]


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR2])
def test_other_signals_are_logged_and_change_nothing(server, number):
    here = server()
    alice = here.client("alice", "#lobby")
    here.process.send_signal(number)
    until(lambda: f"signal={signal.Signals(number).name}" in here.log(), "the signal is logged")
    alice.sync()
    assert here.process.poll() is None


def test_a_log_that_nobody_reads_holds_up_neither_clients_nor_the_end(server, tmp_path):
    reader, writer = os.pipe()
    try:
        # Every line of this one is lost, from the very first on.
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while os.write(writer, b"x"):
                pass
        os.set_blocking(writer, True)
        here = server(stderr=writer, max_per_address=0, log_level="debug")
        alice = here.client("alice", "#lobby")
        for number in range(500):
            bob = here.client("bob", "#lobby")
            bob.say("#lobby", f"{number}")
            alice.expect(rf" PRIVMSG #lobby :{number}$")
            bob.send("QUIT")
            alice.expect(r"^:bob!\S+ QUIT ")
            bob.close()
        assert here.terminate() == 0
    finally:
        os.close(reader)
        os.close(writer)


def test_a_log_that_is_closed_goes_nowhere_else(tmp_path):
    port = free_port()
    command = [SERVER, "--listen", f"127.0.0.1:{port}", "--database", "none", "--log-level", "trace"]
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    process = subprocess.Popen(closed, cwd=tmp_path, env=environment())
    try:

        def connected():
            with contextlib.suppress(ConnectionRefusedError):
                return Client("127.0.0.1", port)

        alice = until(connected, "the server answers").register("alice", "#lobby")
        others = [Client("127.0.0.1", port).register(f"bob{n}", "#lobby") for n in range(5)]
        alice.sync()
        assert {os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in (0, 1, 2)} == {"/dev/null"}
        process.terminate()
        for client in (alice, *others):
            assert client.rest()[-1] == "ERROR :Server shutting down"
            assert not [line for line in client.seen if "connection=" in line]
            client.close()
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("blocking", [True, False])
def test_what_the_log_had_to_drop_is_counted_once_it_is_read_again(server, blocking):
    reader, writer = os.pipe()
    os.set_blocking(writer, blocking)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    try:
        here = server(stderr=writer, log_level="debug", rate=0)
    finally:
        os.close(writer)
    try:
        alice = here.client("alice")
        # More than may wait, which is 8192, and what the pipe holds.
        for _ in range(100):
            alice.send(*["NICK bob", "NICK alice"] * 60)
            alice.sync()
        # Nobody reads before all has been said. A pipe that does not block may have been full again for the signal.
        log = b""
        while b"signal=SIGHUP" not in log:
            if select.select([reader], [], [], 0.5)[0]:
                log += os.read(reader, 65536)
            else:
                here.process.send_signal(signal.SIGHUP)
        here.signal(signal.SIGTERM)
        while more := os.read(reader, 65536):
            log += more
    finally:
        os.close(reader)
    events = [event_of(line) for line in log.decode().splitlines()]
    assert here.wait() == 0
    dropped = sum(event["count"] for event in events if event["event"] == "lines of the log dropped")
    changes = sum(event["event"] == "nick changed" for event in events)
    assert 0 < dropped and changes + dropped >= 12000
    assert "ended" in [event["event"] for event in events], events[-3:]
