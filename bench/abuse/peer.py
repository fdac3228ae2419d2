"""An attacker's connections: they say whatever an attack wants, and count what goes back and forth."""

import asyncio
import contextlib
import itertools
import os
import re
import socket
from collections import Counter, deque

HEAD = rb"^(?:@\S+ )?:\S+ "  # of a line: its tags and source
REGISTERED = HEAD + rb"(376|422|433) "
# Bytes of commands that may be unanswered: the server closes whom it has to hold 16 KiB back of.
WINDOW = 12 * 1024
VOLLEY = 4 * 1024  # bytes of the commands after which an answer is awaited
ANSWERED = b"volley\r\n"
COMMANDS = 32  # and how many they are at most
PATIENCE = 60  # seconds for what no attack is about


class Closed(Exception):
    """The connection ended; the text is what the server said to that."""


class InUse(Closed):
    """Somebody has the nick."""


class Traffic:
    """What all connections of one side sent and received, and how they ended."""

    def __init__(self):
        self.sent = 0
        self.received = 0
        self.answered = 0  # volleys
        self.ends = Counter()


class Peer(asyncio.Protocol):
    """One connection. It reads whatever comes, unless it is told not to."""

    def __init__(self, traffic):
        self.traffic = traffic
        self.nick = None
        self.closed = asyncio.get_running_loop().create_future()
        self._writable = asyncio.Event()
        self._writable.set()
        self._awaited = None  # (pattern, future) of `expect`
        self._unread = b""  # while something is awaited: what came and is not searched yet
        self._last = b""  # the end of what came
        self._edge = b""  # the end of what was searched for answers, too short to be one
        self._volleys = deque()  # the sizes of those that are unanswered
        self._fewer = asyncio.Event()  # set when one of them is answered

    @classmethod
    async def connect(cls, host, port, source, traffic, receive_buffer=None):
        loop = asyncio.get_running_loop()
        one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            one.setblocking(False)
            if receive_buffer is not None:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if source:
                one.bind((source, 0))
            await loop.sock_connect(one, (host, port))
            _, peer = await loop.create_connection(lambda: cls(traffic), sock=one)
        except BaseException:
            one.close()
            raise
        return peer

    async def register(self, nick, caps="", password=""):
        request = f"CAP REQ :{caps}\r\nCAP END\r\n" if caps else ""
        given = f"PASS :{password}\r\n" if password else ""
        self.nick = nick
        said = f"{given}{request}NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n".encode()
        if (await self.ask(REGISTERED, said))[1] == b"433":
            raise InUse(nick)
        return self

    # -- saying

    def say(self, *lines):
        self.write("".join(line + "\r\n" for line in lines).encode())

    def write(self, data):
        if self.transport.is_closing():
            raise Closed(self._why())
        self.traffic.sent += len(data)
        self.transport.write(data)

    async def drain(self):
        """Returns when what was written is on its way."""
        await self._wait_for(self._writable)

    async def volley(self, *lines):
        """Says something as soon as little enough is unanswered that the server does not close the connection."""
        data = "".join(line + "\r\n" for line in (*lines, "PING volley")).encode()
        while self._volleys and sum(self._volleys) + len(data) > WINDOW:
            self._fewer.clear()
            await self._wait_for(self._fewer)
        self._volleys.append(len(data))
        self.write(data)

    async def storm(self, lines, volley=None):
        """Says these endless lines as fast as the server lets it, so many of them before it waits for an answer."""
        lines = iter(lines)
        while True:
            first = next(lines)
            count = volley or max(1, min(COMMANDS, VOLLEY // len(first)))
            await self.volley(first, *itertools.islice(lines, count - 1))

    # -- being told

    async def ask(self, pattern, data):
        """Says something, and returns the match in the line that answers it."""
        self._unread = b""
        self._awaited = (re.compile(pattern), asyncio.get_running_loop().create_future())
        self.write(data)
        async with asyncio.timeout(PATIENCE):
            return await self._awaited[1]

    async def join(self, *channels):
        """Joins them, as many at a time as a line and the server's burst allow."""
        for some in batched(channels, 400, 40):
            await self.ask(HEAD + rb"(?:366 \S+ (?i:" + re.escape(some[-1]).encode() + rb") |(?:403|405|407|437|47\d) )",
                           f"JOIN {','.join(some)}\r\n".encode())

    async def settle(self):
        """Returns when all that was said is answered."""
        while self._volleys:
            self._fewer.clear()
            await self._wait_for(self._fewer)

    async def end(self):
        """Returns when the connection has ended."""
        await asyncio.wait([self.closed])

    def stop_reading(self):
        self.transport.pause_reading()

    def half_close(self):
        self.transport.write_eof()

    def abort(self):
        self.transport.abort()

    def sip(self):
        """Takes a byte, past the transport, which does not read any more."""
        with contextlib.suppress(OSError):
            os.read(self.transport.get_extra_info("socket").fileno(), 1)

    # -- asyncio.Protocol

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.traffic.received += len(data)
        self._last = data[-512:] if len(data) >= 512 else (self._last + data)[-512:]
        if self._volleys:
            for _ in range(min(len(self._volleys), (self._edge + data).count(ANSWERED))):
                self._volleys.popleft()
                self.traffic.answered += 1
                self._fewer.set()
        self._edge = (self._edge + data[-len(ANSWERED):])[1 - len(ANSWERED):]
        if self._awaited:
            self._search(data)

    def _search(self, data):
        *lines, self._unread = (self._unread + data).split(b"\r\n")
        for line in lines:
            if match := self._awaited[0].search(line):
                self._awaited[1].done() or self._awaited[1].set_result(match)
                self._awaited = None
                return

    def pause_writing(self):
        self._writable.clear()

    def resume_writing(self):
        self._writable.set()

    def connection_lost(self, _):
        self.traffic.ends[self._why()] += 1
        self.closed.done() or self.closed.set_result(None)
        if self._awaited and not self._awaited[1].done():
            self._awaited[1].set_exception(Closed(self._why()))
            self._awaited[1].exception()  # it may be that nobody waits any more
        for event in (self._writable, self._fewer):
            event.set()

    def eof_received(self):
        return False

    async def _wait_for(self, event):
        await event.wait()
        if self.closed.done():
            raise Closed(self._why())

    def _why(self):
        said = re.findall(rb"ERROR :([^\r\n]*)", self._last)
        return re.sub(r"\d+", "N", said[-1][:40].decode(errors="replace")) if said else "no reason"


def batched(names, size, count=1000):
    """The names in groups of so many at most, that take at most so many bytes with commas between."""
    some = []
    for name in names:
        if some and (sum(map(len, some)) + len(some) + len(name) > size or len(some) == count):
            yield some
            some = []
        some.append(name)
    if some:
        yield some


def forever(*lines):
    return itertools.cycle(lines)
