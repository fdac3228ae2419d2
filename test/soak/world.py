"""All that the soak runs against, put up and taken down."""

import asyncio
import contextlib
import csv
import io
import sqlite3
import tempfile
import time
from pathlib import Path

from clients import Record, make
from clock import Clock
from places import Disk, FileLock, Postgres, Server, count_messages, free_port, remove
from proxy import Proxy
from verdict import Stored


class World:
    """Postgres behind the proxy (or a SQLite file), the spool on a small disk, the server, and its clients."""

    def __init__(self, options, programs):
        self.options = options
        self.directory = Path(tempfile.mkdtemp(prefix="troupe-soak."))
        self.directory.chmod(0o755)  # for PostgreSQL's user
        self.clock = Clock(self.directory)
        self.record = Record(self.clock)
        # Where time is measured the spool is on the disk: fsync on a tmpfs costs nothing.
        self.spool_disk = Disk(self.directory / "spool", None if options.outage or options.silence else "24m")
        self.spool = self.spool_disk.directory / "spool.db"
        self.store_disk = self.store = self.postgres = self.proxy = None
        if options.database == "postgresql":
            self.postgres = Postgres(self.directory / "postgres", programs)
            self.proxy = Proxy(self.postgres.socket, free_port())
            url = f"postgresql://troupe@127.0.0.1:{self.proxy.port}/troupe?sslmode=disable&gssencmode=disable"
        else:
            self.store_disk = Disk(self.directory / "store", "1g")
            self.store = self.store_disk.directory / "store.db"
            url = f"sqlite:{self.store}"
        self.log = self.directory / "server.log"
        self.home_was_broken = lambda since: False  # told by who breaks it
        self.well_since = None  # monotonic: when who breaks it has put it right, though it is not done yet

        threads = [] if options.io_threads is None else ["--io-threads", str(options.io_threads)]

        def command(port, spool):
            return [options.bin, "--listen", f"127.0.0.1:{port}", "--database", url, "--spool", spool,
                    "--commit-timeout", options.commit_timeout, "--durability", options.durability, "--rate", "0",
                    "--max-per-address", "0", *threads]

        self.server = Server(command, self.log, self.clock.environment, self.start_may_fail)
        self.server.spool = self.spool
        self.port = self.server.port
        self.clients = make(self.record, self.port, options, options.seed)
        self.tasks = []

    def start_may_fail(self, since):
        """A server has to start if one of the two, database and spool, is well."""
        return bool(self.store_disk and self.store_disk.full) or self.spool_disk.full and self.home_was_broken(since)

    async def __aenter__(self):
        try:
            if self.postgres:
                self.postgres.create()
                await self.postgres.start()
                await self.postgres.run("CREATE DATABASE troupe", "postgres")
                await self.proxy.listen()
            self.server.start()
            self.tasks = [asyncio.create_task(client.run()) for client in self.clients]
            await until("all clients have joined", lambda: all(client.session for client in self.clients), 30)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.server.keeper:
            await self.server.stop()
        if self.proxy:
            self.proxy.close()
        if self.postgres:
            await self.postgres.stop()
        self.spool_disk.close()
        if self.store_disk:
            self.store_disk.close()
        if self.options.keep:
            print(f"kept: {self.directory}")
        else:
            remove(self.directory)

    def talk(self, on):
        for client in self.clients:
            client.talking.set() if on else client.talking.clear()

    def said(self, what):
        """How often the server's log has it."""
        return self.log.read_text(errors="replace").count(what)

    @contextlib.asynccontextmanager
    async def database_away(self, draw):
        """Within this block nobody can write to the database."""
        if self.store:
            async with FileLock(self.store) as lock:
                await lock.take()
                yield
        elif draw.likely(0.5):
            await self.postgres.stop()
            try:
                yield
            finally:
                await self.postgres.start()
        else:
            self.proxy.refuse()
            self.proxy.cut()
            try:
                yield
            finally:
                await self.proxy.listen()

    @contextlib.contextmanager
    def database_well(self):
        """Within this block the database is well, so that a server that starts has no excuse."""
        self.well_since = time.monotonic()
        try:
            yield
        finally:
            self.well_since = None

    async def database_is_held(self):
        """Whether the server holds it against others just now."""
        return bool(self.store) or await self.postgres.run(
            "SELECT pid FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE locktype = 'advisory' AND application_name = 'troupe'", check=False) != ""

    def spooled(self):
        return count_messages(self.spool)

    async def settle(self, patience=120):
        """Waits until all is stored, under load first, and then all is answered."""
        await until("the spool is empty under load", lambda: self.spooled() == 0, patience)
        self.talk(False)
        await until("all clients are there", lambda: not any(one.session.over for one in self.clients), 30)
        await until("all is answered", lambda: not any(one.session.unanswered for one in self.clients), 30)
        await until("the spool is empty", lambda: self.spooled() == 0, patience)
        await asyncio.sleep(1)  # for what nobody waits for

    async def stored(self):
        """All that the database holds, in its order."""
        query = "SELECT id, channel, body, {} FROM messages ORDER BY id"
        if self.postgres:
            time = query.format("to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
            rows = csv.reader(io.StringIO(await self.postgres.run(time), newline=""))
            return [Stored(*row) for row in rows]
        time = query.format("strftime('%Y-%m-%dT%H:%M:', time / 1000, 'unixepoch') || "
                            "printf('%02d.%03dZ', time / 1000 % 60, time % 1000)")
        connection = sqlite3.connect(f"file:{self.store}?mode=ro", uri=True)
        rows = [Stored(written(id), *others) for id, *others in connection.execute(time)]
        connection.close()
        return rows


def written(id):
    text = id.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Overdue(Exception):
    """What had to happen did not."""


async def until(what, condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Overdue(f"waited {seconds} seconds in vain until {what}")
        await asyncio.sleep(0.1)
