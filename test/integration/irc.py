"""A client that says exactly what a test tells it to, and shows what it is told."""

import re
import select
import socket
import threading
import time

from waiting import DEADLINE


class Client:
    """One connection. Every wait has a deadline, at which the test fails with the lines that did come."""

    def __init__(self, host, port, source=None, receive_buffer=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect((host, port))
        self.seen = []  # every line so far
        self.nick = "*"
        self._bytes = bytearray()
        self._searched = 0  # of `_bytes`, without finding a line's end
        self._tokens = 0

    # -- saying

    def send(self, *lines):
        self.send_bytes("".join(line + "\r\n" for line in lines).encode())

    def send_bytes(self, data):
        self.socket.settimeout(DEADLINE)
        self.socket.sendall(data)

    def send_meanwhile(self, *lines):
        """Sends on a thread of its own, while the test goes on to read."""
        data = "".join(line + "\r\n" for line in lines).encode()

        def send():
            try:
                self.send_bytes(data)
            except OSError:
                pass  # what became of the lines is what the test is about

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        return thread

    def register(self, nick, *channels, caps="", password=None):
        """Registers, then joins the channels; returns when the server has said all it has to say to that."""
        if caps:
            self.send("CAP LS 302", f"CAP REQ :{caps}")
        if password is not None:
            self.send(f"PASS :{password}")
        self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick.capitalize()} Real")
        if caps:
            self.expect(r" CAP \S+ ACK ")
            self.send("CAP END")
        self.expect(rf" (376|422) {re.escape(nick)} ")
        self.nick = nick
        for channel in channels:
            self.join(channel)
        return self

    def join(self, channel):
        self.send(f"JOIN {channel}")
        self.expect(rf"(?i) 366 \S+ {re.escape(channel)} ")

    def say(self, target, text):
        self.send(f"PRIVMSG {target} :{text}")

    # -- being told

    def line(self, deadline=DEADLINE):
        """The next line without its end; None if the connection ended."""
        end = time.monotonic() + deadline
        while True:
            at = self._bytes.find(b"\n", self._searched)
            if at >= 0:
                line = bytes(self._bytes[: at + 1])
                del self._bytes[: at + 1]
                self._searched = 0
                assert line.endswith(b"\r\n"), f"a line that does not end in CR LF: {line!r}"
                self.seen.append(line[:-2].decode())
                return self.seen[-1]
            self._searched = len(self._bytes)
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                assert not self._bytes, f"the connection ended within a line: {bytes(self._bytes)!r}"
                return None
            self._bytes += data

    def expect(self, pattern, deadline=DEADLINE):
        """Reads until a line in which the regular expression is found, and returns the match."""
        end = time.monotonic() + deadline
        try:
            while (line := self.line(end - time.monotonic())) is not None:
                if match := re.search(pattern, line):
                    return match
        except TimeoutError:
            raise AssertionError(f"{self.nick}: no line with {pattern!r} in {deadline:g} s; {self._last()}") from None
        raise AssertionError(f"{self.nick}: the connection ended before a line with {pattern!r}; {self._last()}")

    def sync(self):
        """Reads until the server has answered everything sent so far, and returns the lines that came."""
        self._tokens += 1
        token = f"sync-{self._tokens}"
        before = len(self.seen)
        self.send(f"PING {token}")
        self.expect(rf"^(@\S+ )?:\S+ PONG \S+ :?{token}$")
        return self.seen[before:-1]

    def everything(self):
        """All lines so far, those to come for what was sent so far included."""
        self.sync()
        return self.seen

    def rest(self, deadline=DEADLINE):
        """Reads until the connection ends, and returns the lines that came."""
        before = len(self.seen)
        end = time.monotonic() + deadline
        try:
            while self.line(end - time.monotonic()) is not None:
                pass
        except TimeoutError:
            raise AssertionError(f"{self.nick}: not closed within {deadline:g} s; {self._last()}") from None
        return self.seen[before:]

    def has_input(self):
        """Whether there is something to read just now."""
        return bool(self._bytes) or bool(select.select([self.socket], [], [], 0)[0])

    def close(self):
        self.socket.close()

    def _last(self):
        return "the last lines were\n  " + "\n  ".join(self.seen[-20:] or ["(none)"])


def texts(lines, channel="#lobby"):
    """What was said to the channel in these lines."""
    found = (re.search(rf" PRIVMSG {re.escape(channel)} :(.*)$", line) for line in lines)
    return [match[1] for match in found if match]


def tags(line):
    """A line's tags."""
    if not line.startswith("@"):
        return {}
    return dict((tag.split("=", 1) + [""])[:2] for tag in line[1:].split(" ", 1)[0].split(";"))
