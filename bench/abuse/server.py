"""The server that is attacked, and what it costs."""

import asyncio
import contextlib
import os
import re
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

from compare import process

TICKS = os.sysconf("SC_CLK_TCK")


def priority(nice):
    """This process' priority, if it may be chosen. Attackers have less than the server, as if they were on another
    machine; the pairs more, as they measure the server and not how long they wait for a processor."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)


@dataclass
class Cost:
    """What a server has used so far, or (as a difference) within a time."""

    cpu: float  # seconds
    disk: int  # bytes
    written: int  # bytes, to sockets and files


class Server:
    """A server on loopback with its defaults, but for the options given. Its database is in `directory`."""

    def __init__(self, binary, directory, options, memory, descriptors=None):
        self.binary = binary
        self.directory = Path(directory)
        self.options = options
        self.memory = memory  # bytes of address space that it may take, so that an attack ends it and not the machine
        self.limit = descriptors
        self.host = "127.0.0.1"
        self.port = process.free_port()
        self.log = self.directory / "server.log"

    @contextlib.asynccontextmanager
    async def running(self, **lifted):
        """Within this block it runs; `lifted` are options for this time alone (`rate=0`)."""
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in {**self.options, **lifted}.items()]
        command = [str(self.binary), f"--listen={self.host}:{self.port}", "--log-level=warning", *arguments]
        with open(self.log, "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "KILL", *command, cwd=self.directory, stdout=log, stderr=log,
                stdin=asyncio.subprocess.DEVNULL, start_new_session=True,
                preexec_fn=self._before_exec)
        try:
            await self._answers()
            yield self
        finally:
            await self._stop()

    def _before_exec(self):
        priority(0)
        resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
        if self.limit:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.limit, self.limit))

    async def _answers(self):
        async with asyncio.timeout(20):
            while True:
                if self.process.returncode is not None:
                    raise process.Failed(f"the server did not start: {self.last_words()}")
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(self.host, self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    async def _stop(self):
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            if self.process.returncode is None:
                self.process.send_signal(number)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.process.wait(), patience)
                return

    # -- looking at it

    def alive(self):
        return self.process.returncode is None

    def last_words(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return " / ".join(lines[-3:])[-300:]

    def memory_now(self):
        return self._memory("VmRSS")

    def memory_peak(self):
        return self._memory("VmHWM")

    def descriptors(self):
        try:
            return len(os.listdir(self._proc() / "fd"))
        except OSError:
            return 0

    def cost(self):
        try:
            fields = (self._proc() / "stat").read_text().rpartition(")")[2].split()
            written = int(re.search(r"^wchar: (\d+)$", (self._proc() / "io").read_text(), re.MULTILINE)[1])
        except OSError:
            return Cost(0, 0, 0)
        disk = sum(one.stat().st_blocks * 512 for one in self.directory.rglob("*") if one.is_file())
        return Cost((int(fields[11]) + int(fields[12])) / TICKS, disk, written)

    def _memory(self, kind):
        try:
            status = (self._proc() / "status").read_text()
        except OSError:
            return 0
        found = re.search(rf"^{kind}:\s+(\d+) kB$", status, re.MULTILINE)
        return int(found[1]) * 1024 if found else 0

    def _proc(self):
        return Path(f"/proc/{self.process.pid}")
