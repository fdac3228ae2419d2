"""What the soak starts: PostgreSQL, troupe-server and small disks. Each is stopped by its own pid."""

import asyncio
import contextlib
import glob
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from pathlib import Path


def postgres_programs():
    """The directory of the newest PostgreSQL's programs; None if there is none."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    newest = max(found, key=lambda path: float(path.split("/")[4]), default=None)
    return newest and Path(newest).parent


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Postgres:
    """A cluster of its own, on a Unix socket only: the server reaches it through the proxy. fsync is on."""

    def __init__(self, directory, programs):
        self.directory = directory
        self.programs = programs
        self.process = None
        # PostgreSQL refuses to run as root. Should the soak be killed with -9, it still stops (--pdeathsig).
        self.owner = ["setpriv", "--pdeathsig", "INT"]
        if os.geteuid() == 0:
            self.owner += ["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]

    def create(self):
        self.directory.mkdir()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
        subprocess.run(
            [*self.owner, self.programs / "initdb", "-D", "data", "-U", "troupe", "-A", "trust", "-E", "UTF8",
             "--locale", "C.UTF-8", "--no-sync"],
            cwd=self.directory, check=True, stdout=subprocess.DEVNULL)

    @property
    def socket(self):
        return self.directory / ".s.PGSQL.5432"

    async def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.owner, self.programs / "postgres", "-D", "data", "-c", "listen_addresses=", "-k", self.directory,
                "-c", "log_line_prefix=%m %p ", cwd=self.directory, stdout=log, stderr=log, start_new_session=True)
        async with asyncio.timeout(60):
            while await self.run("SELECT 1", "postgres", check=False) != "1\n":
                await asyncio.sleep(0.05)

    async def stop(self, how=signal.SIGQUIT):
        """SIGQUIT is what `pg_ctl stop -m immediate` sends: no checkpoint, no goodbye."""
        if self.process and self.process.returncode is None:
            self.process.send_signal(how)
            await self.process.wait()

    async def run(self, sql, database="troupe", check=True):
        """What psql prints for `sql`, as CSV; not through the proxy."""
        psql = await asyncio.create_subprocess_exec(
            self.programs / "psql", "-XqAt", "--csv", "-h", self.directory, "-U", "troupe", "-d", database, "-c", sql,
            stdout=subprocess.PIPE, stderr=None if check else subprocess.DEVNULL)
        output, _ = await psql.communicate()
        if check and psql.returncode:
            raise RuntimeError(f"psql: {sql}")
        return output.decode()

    @contextlib.asynccontextmanager
    async def locked_table(self, mode):
        """Within this block another session holds the table of messages."""
        psql = await asyncio.create_subprocess_exec(
            self.programs / "psql", "-XqAt", "-h", self.directory, "-U", "troupe", "-d", "troupe",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            psql.stdin.write(f"BEGIN; LOCK TABLE messages IN {mode} MODE; SELECT 'locked';\n".encode())
            if await asyncio.wait_for(psql.stdout.readline(), 20) != b"locked\n":
                raise RuntimeError("the table could not be locked")
            yield
        finally:
            psql.stdin.close()  # psql ends, and with it the transaction
            await psql.wait()

    async def backends(self):
        """The pids of the processes that serve troupe-server."""
        pids = await self.run("SELECT pid FROM pg_stat_activity WHERE application_name = 'troupe'", check=False)
        return [int(pid) for pid in pids.split()]


class FileLock:
    """Another process that can hold the lock of a SQLite file: the writers' lock, or (`exclusive`, which only comes
    about while nobody has the file open) one against readers as well."""

    PROGRAM = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
if sys.argv[2] == "exclusive":
    file.execute("PRAGMA locking_mode = EXCLUSIVE")
for command in sys.stdin:
    file.execute(command)
    print("done", flush=True)
"""

    def __init__(self, file, exclusive=False):
        self.file = file
        self.kind = "exclusive" if exclusive else "writers"
        self.process = None

    async def __aenter__(self):
        self.process = await asyncio.create_subprocess_exec(
            "python3", "-c", self.PROGRAM, self.file, self.kind, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    async def __aexit__(self, *_):
        self.process.stdin.close()
        await self.process.wait()

    async def take(self):
        await self.execute("BEGIN EXCLUSIVE" if self.kind == "exclusive" else "BEGIN IMMEDIATE")

    async def release(self):
        await self.execute("ROLLBACK")

    async def execute(self, command):
        self.process.stdin.write(f"{command}\n".encode())
        if await self.process.stdout.readline() != b"done\n":
            raise RuntimeError(f"{command} failed")


class Disk:
    """A directory that can be filled: a tmpfs of `size`, where it may be mounted. Else one that never is full."""

    def __init__(self, directory, size):
        self.directory = directory
        self.full = False
        self.freed_at = 0.0  # monotonic
        directory.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "troupe-soak", directory]
        may_mount = size is not None and os.geteuid() == 0
        self.small = may_mount and subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0

    async def fill(self, database):
        """Leaves not a page free, not even in SQLite's write-ahead log, which keeps what it once had."""
        self.full = True
        await asyncio.to_thread(shorten, database)
        await asyncio.to_thread(self.load)

    def load(self):
        with open(self.directory / "ballast", "wb", buffering=0) as ballast:
            for piece in (1 << 20, 1 << 16, 1 << 12, 1):
                try:
                    while ballast.write(bytes(piece)):
                        pass
                except OSError:
                    continue

    def free(self):
        (self.directory / "ballast").unlink(missing_ok=True)
        self.full = False
        self.freed_at = time.monotonic()

    async def has_had_room(self, seconds):
        """Returns when it has not been full for so long."""
        await asyncio.sleep(max(0.0, self.freed_at + seconds - time.monotonic()))

    def close(self):
        if self.small:
            subprocess.run(["umount", self.directory], check=False)
            self.small = False


def shorten(database):
    """Moves the write-ahead log into the database file; not if somebody is using it right now."""
    try:
        connection = sqlite3.connect(database, timeout=0.1)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    except sqlite3.Error:
        pass


def count_messages(database):
    """How many messages a SQLite file holds; None if it can't be read now."""
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)
        try:
            return connection.execute("SELECT count(*) FROM messages").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error:
        return None


class Server:
    """troupe-server, started again whenever it ends; whether it was meant to end is written down."""

    def __init__(self, command, log, environment, may_refuse):
        self.command = command  # of a port and a spool
        self.log = log
        self.environment = os.environ | environment
        self.may_refuse = may_refuse  # of a time (monotonic): whether a start since then may fail
        self.port = free_port()
        self.spool = None
        self.process = None
        self.keeper = None
        self.may_start = asyncio.Event()
        self.may_start.set()
        self.starting = False
        self.meant = False  # to end
        self.pause = 0.0
        self.starts = 0
        self.started_at = 0.0  # monotonic
        self.refused = 0
        self.died = []

    def start(self):
        self.keeper = asyncio.create_task(self.keep())

    async def keep(self):
        while True:
            await asyncio.sleep(self.pause)
            await self.may_start.wait()
            self.meant, self.pause, self.starting = False, 0.5, True
            begin = self.log.stat().st_size if self.log.exists() else 0
            at = time.monotonic()
            try:
                self.process = await self.spawn(self.command(self.port, self.spool), self.log)
            finally:
                self.starting = False
            self.started_at = at
            self.starts += 1
            status = await self.process.wait()
            if self.meant:
                continue
            said = self.log.read_bytes()[begin:].decode(errors="replace").splitlines()
            if status == 1 and self.may_refuse(at - 1) and not any("listening" in line for line in said):
                self.refused += 1
            else:
                self.died.append(f"status {status}: " + " | ".join(said[-3:]))

    async def spawn(self, command, log):
        with open(log, "ab") as output:
            return await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "KILL", *command, stdout=output, stderr=output, start_new_session=True,
                env=self.environment)

    async def kill(self, how, pause):
        """Ends it, and has it started again after `pause` seconds."""
        if self.process and self.process.returncode is None:
            self.meant, self.pause = True, pause
            self.process.send_signal(how)

    async def down(self, how=signal.SIGKILL):
        """Ends it; it is not started before `up`."""
        self.may_start.clear()
        while self.starting:
            await asyncio.sleep(0.01)
        await self.kill(how, 0)
        if self.process:
            await asyncio.wait_for(self.process.wait(), 15)

    def up(self):
        self.may_start.set()

    async def started(self, before):
        """Returns when it has been started more than `before` times."""
        async with asyncio.timeout(15):
            while self.starts <= before:
                await asyncio.sleep(0.01)

    async def answers(self, patience):
        """Whether it is there, within so many seconds: one that was just killed is not, until it has started again."""
        with contextlib.suppress(asyncio.TimeoutError):
            async with asyncio.timeout(patience):
                while True:
                    with contextlib.suppress(OSError):
                        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                        writer.close()
                        return True
                    await asyncio.sleep(0.05)
        return False

    async def run_another(self, spool, patience):
        """The exit status of a second server on the same database, and what it said; it is killed, status None, if
        it still runs after `patience` seconds."""
        log = self.log.with_name("second.log")
        log.unlink(missing_ok=True)
        second = await self.spawn(self.command(free_port(), spool), log)
        try:
            status = await asyncio.wait_for(second.wait(), patience)
        except asyncio.TimeoutError:
            status = None
        finally:
            if second.returncode is None:
                second.kill()
                await second.wait()
        return status, log.read_text(errors="replace").strip()[-300:]

    async def stop(self):
        self.may_start.clear()
        while self.starting:
            await asyncio.sleep(0.01)
        self.keeper.cancel()
        if self.process and self.process.returncode is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), 15)
            except asyncio.TimeoutError:
                self.died.append("did not end on SIGTERM")
                self.process.kill()
                await self.process.wait()


def remove(directory):
    shutil.rmtree(directory, ignore_errors=True)
