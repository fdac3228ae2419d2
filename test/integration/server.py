"""The server's process."""

import errno
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile

from irc import Client
from waiting import DEADLINE, SANITIZED, until

ROOT = pathlib.Path(__file__).parents[2]
BIN = pathlib.Path(os.environ.get("TROUPE_BIN") or ROOT / "build/release/bin")
SERVER = BIN / "troupe-server"

# A host that nobody can be, and that no name server is asked for: a part of a name has 63 characters at most.
NO_HOST = "no-such-host." + "x" * 64


def environment(**variables):
    """This process' environment without its own TROUPE_ variables, and with these."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TROUPE_")}
    return inherited | variables


def free_port(host="127.0.0.1"):
    """A port on which nothing listens: below those that the kernel gives to outgoing connections."""
    while True:
        port = random.randrange(10000, 30000)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return port
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise


def flags(options):
    """The command line for options given by name: `max_connections=3` is `--max-connections 3`."""
    arguments = []
    for name, value in options.items():
        for one in value if isinstance(value, (list, tuple)) else [value]:
            arguments += [f"--{name.replace('_', '-')}", str(one)]
    return arguments


def run(*arguments, env=None):
    """Runs the server, in a directory of its own, where it is expected to end by itself."""
    with tempfile.TemporaryDirectory() as directory:
        return subprocess.run(
            [SERVER, *map(str, arguments)],
            env=env or environment(),
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )


class Server:
    """A server that is running, with what it logged and the clients that a test connected to it."""

    def __init__(self, directory, options, env=None, stderr=None, under=()):
        options = dict(options)
        if "listen" not in options and "TROUPE_LISTEN" not in (env or {}):
            options["listen"] = f"127.0.0.1:{free_port()}"
        if threads := os.environ.get("TROUPE_TEST_IO_THREADS"):  # for all tests that don't say how many
            options.setdefault("io_threads", threads)
        listen = options.get("listen") or (env or {})["TROUPE_LISTEN"].split(",")
        first = listen if isinstance(listen, str) else listen[0]
        host, port = first.rsplit(":", 1)
        self.host, self.port = host.strip("[]"), int(port)
        self.url = options.get("database")
        self.errors_expected = False  # set by a test that makes the server log some
        self._ending = False  # somebody asked it to
        self._clients = []
        self.directory = directory
        self._log = open(directory / f"server-{self.port}.log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [*under, SERVER, *flags(options)],
            env=environment(**(env or {})),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log if stderr is None else stderr,
        )

    # -- starting and ending

    def wait_until_it_answers(self):
        """Returns once the server has answered a client, who is gone again then."""

        def answers():
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"
            try:
                probe = Client(self.host, self.port)
            except ConnectionRefusedError:
                return False
            probe.send("PING :hello", "QUIT")
            probe.expect(r" PONG \S+ :hello$")
            probe.rest()
            probe.close()
            return True

        until(answers, "the server answers", explain=self.log)
        return self

    def signal(self, number):
        self._ending = True
        self.process.send_signal(number)

    def wait(self, deadline=DEADLINE):
        """The exit status."""
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the server did not end within {deadline:g} s:\n{self.log()}") from None

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()

    def terminate(self):
        """Ends it in good order and returns the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def finish(self):
        """Ends it, whatever state it is in, and fails if something was not as it should be."""
        try:
            status = self.process.poll()
            assert status is None or self._ending, f"the server died with {status}"
            if not self._ending:
                status = self.terminate()
            assert status is not None, "the server was told to end and did not"
            assert status <= 0 or self.errors_expected, f"the server ended with {status}"
            if not self.errors_expected:
                assert self.errors() == []
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            for client in self._clients:
                client.close()
            print("\n".join(self.log().splitlines()[-40:]))  # pytest shows it where the test failed
            self._log.close()

    # -- clients

    def connect(self, **options):
        """A connection that has not said anything."""
        client = Client(self.host, self.port, **options)
        self._clients.append(client)
        return client

    def client(self, nick, *channels, caps="", password=None, **options):
        """A registered client in these channels."""
        return self.connect(**options).register(nick, *channels, caps=caps, password=password)

    # -- looking at it

    def log(self):
        with open(self._log.name, encoding="utf-8") as log:
            return log.read()

    def errors(self):
        """The lines of the log that an orderly run does not have."""
        lines = self.log().split("\n")[:-1]
        return [line for line in lines if level_of(line) not in ("trace", "debug", "info", "warning")]

    def cpu_ticks(self):
        """What it used of the processor so far (proc_pid_stat(5): utime and stime)."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def memory(self):
        """Its resident memory in KiB: now, and at most so far (proc_pid_status(5))."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return tuple(int(re.search(rf"^{kind}:\s+(\d+) kB$", status, re.MULTILINE)[1]) for kind in ("VmRSS", "VmHWM"))

    def expect_memory_below(self, kibibytes):
        """Fails if it ever used more. Sanitizers use more."""
        assert SANITIZED or self.memory()[1] < kibibytes


def level_of(log_line):
    return event_of(log_line)["level"]


def event_of(log_line):
    """What a line of the log tells, in either form: "time", "level", "event", and its values."""
    if log_line.startswith("{"):
        return json.loads(log_line)
    match = re.match(r"(\d{4}-\d\d-\d\dT[\d:.]+[+-][\d:]+) (\w+) (.*?)((?: [a-z_]+=(?:\"(?:[^\"\\]|\\.)*\"|[^\" ]+))*)$", log_line)
    if not match:
        return {"time": "", "level": "(no level)", "event": log_line}
    event = {"time": match[1], "level": match[2], "event": match[3]}
    for key, quoted, word in re.findall(r' ([a-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^" ]+))', match[4]):
        event[key] = int(word) if re.fullmatch(r"-?\d+", word) else word or re.sub(r"\\([\"\\])", r"\1", quoted)
    return event
