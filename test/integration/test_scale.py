"""Many connections, and little else: alone on the machine, because time and memory are measured."""

import ipaddress
import itertools
import resource
import selectors
import socket
import time

import pytest

from server import SANITIZED
from waiting import DEADLINE

LIMIT = 40 * 1024  # KiB: what the server may use for a thousand connections

pytestmark = pytest.mark.skipif(SANITIZED, reason="sanitizers are slow and large")


class Crowd:
    """Very many connections, read all together and without a look at most of what they are told."""

    def __init__(self, server, size):
        files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if files < size + 200:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(size + 200, most), most))
        self.server = server
        self.sockets = []
        self.selector = selectors.DefaultSelector()
        self.began = time.monotonic()
        for n in range(size):
            connection = socket.create_connection((server.host, server.port), timeout=DEADLINE)
            connection.sendall(f"NICK n{n}\r\nUSER n{n} 0 * :N\r\nJOIN #lobby\r\n".encode())
            connection.setblocking(False)
            self.selector.register(connection, selectors.EVENT_READ, bytearray())
            self.sockets.append(connection)

    def all_see(self, *words):
        """Reads until each of them has been told all these words."""
        waiting = {connection: set(words) for connection in self.sockets}
        longest = max(map(len, words))
        end = time.monotonic() + DEADLINE
        while waiting:
            assert time.monotonic() < end, f"{len(waiting)} of {len(self.sockets)} have not seen all of {words}"
            for key, _ in self.selector.select(1):
                data = key.fileobj.recv(262144)
                assert data, "a connection was closed"
                key.data.extend(data)
                if missing := waiting.get(key.fileobj):
                    missing -= {word for word in missing if word in key.data}
                    if not missing:
                        del waiting[key.fileobj]
                del key.data[:-longest]

    def silent(self, seconds):
        """Waits that long, in which nobody is told anything."""
        assert not self.selector.select(seconds)

    def close(self):
        for connection in self.sockets:
            connection.close()
        self.selector.close()


@pytest.fixture
def crowd(server):
    """Starts a server, and connects so many to it: `crowd(1000)`. The one before is ended."""
    made = []

    def make(size):
        for one in made:
            one.server.terminate()
            one.close()
        made[:] = [Crowd(server(max_per_address=0), size)]
        return made[0]

    yield make
    for one in made:
        one.close()


def test_a_thousand_join_a_room_within_3_seconds_and_one_message_reaches_all_in_40_megabytes(crowd):
    joined = []
    while not joined or joined[-1] >= 3:
        assert len(joined) < 3, f"joined within {joined} seconds"  # what else the machine does slows one of them down
        everybody = crowd(1000)
        everybody.all_see(b" 366 ", b":n999!n999@127.0.0.1 JOIN #lobby\r\n")
        joined.append(time.monotonic() - everybody.began)

    speaker = everybody.server.client("speaker", "#lobby")
    began = time.monotonic()
    speaker.say("#lobby", "hello, everybody")
    everybody.all_see(b":speaker!speaker@127.0.0.1 PRIVMSG #lobby :hello, everybody\r\n")
    reached = time.monotonic() - began
    now, most = everybody.server.memory()
    print(f"joined in {joined[-1]:.2f} s, reached in {reached:.3f} s, {now} KiB now and {most} KiB at most")
    assert most < LIMIT


def test_a_server_with_200_idle_connections_uses_next_to_no_cpu(crowd):
    everybody = crowd(200)
    everybody.all_see(b" 366 ", b":n199!n199@127.0.0.1 JOIN #lobby\r\n")
    before = everybody.server.cpu_ticks()
    everybody.silent(2)
    used = everybody.server.cpu_ticks() - before
    print(f"{used} ticks in 2 seconds")
    assert used <= 5


def test_very_many_whom_the_rate_holds_back_at_once_do_not_stop_the_server(server):
    """Each has a timer: as long as these were CAF's, its clock and the event loop waited for each other for ever."""
    size = 9500
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < size + 500:
        pytest.skip(f"needs {size + 500} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    running = server()
    addresses = [str(ipaddress.ip_address("127.1.0.1") + n) for n in range(100)]
    began = time.monotonic()
    connections = []
    try:
        with selectors.DefaultSelector() as selector:
            for n, address in zip(range(size), itertools.cycle(addresses)):
                connection = socket.create_connection((running.host, running.port), timeout=DEADLINE,
                                                      source_address=(address, 0))
                connections.append(connection)
                connection.sendall(f"NICK n{n}\r\nUSER n{n} 0 * :N\r\n".encode())
                selector.register(connection, selectors.EVENT_READ)
            registered = set()
            while len(registered) < size:
                assert time.monotonic() < began + 2 * DEADLINE, f"{len(registered)} have registered"
                for key, _ in selector.select(1):
                    data = key.fileobj.recv(65536)
                    assert data, "a connection was closed"
                    if b" 376 " in data or b" 422 " in data:
                        registered.add(key.fileobj)
        pings = "".join(f"PING {n}\r\n" for n in range(100)).encode()
        for connection in connections:
            connection.sendall(pings)
        newcomer = running.client("newcomer", "#lobby")
        newcomer.sync()
        print(f"answered after {time.monotonic() - began:.1f} s in all")
        assert running.terminate() == 0
    finally:
        for connection in connections:
            connection.close()
