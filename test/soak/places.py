"""What the soak starts: PostgreSQL, troupe-server and small disks. Each is stopped by its own pid."""

import asyncio
import glob
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
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

    async def backends(self):
        """The pids of the processes that serve troupe-server."""
        pids = await self.run("SELECT pid FROM pg_stat_activity WHERE application_name = 'troupe'", check=False)
        return [int(pid) for pid in pids.split()]


class Disk:
    """A directory that can be filled: a tmpfs of `size`, where it may be mounted. Else one that never is full."""

    def __init__(self, directory, size):
        self.directory = directory
        self.full = False
        directory.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "troupe-soak", directory]
        may_mount = size is not None and os.geteuid() == 0
        self.small = may_mount and subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0

    def fill(self, database):
        """Leaves not a page free, not even in SQLite's write-ahead log, which keeps what it once had."""
        self.full = True
        shorten(database)
        with open(self.directory / "ballast", "wb", buffering=0) as ballast:
            for piece in (1 << 16, 1 << 12, 1):
                try:
                    while ballast.write(bytes(piece)):
                        pass
                except OSError:
                    continue

    def free(self):
        (self.directory / "ballast").unlink(missing_ok=True)
        self.full = False

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

    def __init__(self, command, log, may_refuse):
        self.command = command
        self.log = log
        self.may_refuse = may_refuse  # whether a start may fail now, because its disk is full
        self.process = None
        self.keeper = None
        self.meant = False  # to end
        self.pause = 0.0
        self.starts = 0
        self.refused = 0
        self.died = []

    def start(self):
        self.keeper = asyncio.create_task(self.keep())

    async def keep(self):
        while True:
            await asyncio.sleep(self.pause)
            self.meant, self.pause = False, 0.5
            begin = self.log.stat().st_size if self.log.exists() else 0
            could_refuse = self.may_refuse()
            with open(self.log, "ab") as log:
                self.process = await asyncio.create_subprocess_exec(
                    "setpriv", "--pdeathsig", "KILL", *self.command, stdout=log, stderr=log, start_new_session=True)
            self.starts += 1
            status = await self.process.wait()
            if self.meant:
                continue
            said = self.log.read_bytes()[begin:].decode(errors="replace").splitlines()
            if status == 1 and could_refuse and not any("listening" in line for line in said):
                self.refused += 1
            else:
                self.died.append(f"status {status}: " + " | ".join(said[-3:]))

    async def kill(self, how, pause):
        """Ends it, and has it started again after `pause` seconds."""
        if self.process and self.process.returncode is None:
            self.meant, self.pause = True, pause
            self.process.send_signal(how)

    async def stop(self):
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
