"""What goes wrong, and when: drawn from the seed. Each fault ends by putting right what it broke."""

import asyncio
import os
import signal
from collections import Counter


class Faults:
    """`needs` of a fault: what no two faults may break at the same time."""

    def __init__(self, rng, server, postgres, proxy, spool, store):
        self.rng = rng
        self.server = server
        self.postgres = postgres
        self.proxy = proxy
        self.spool = spool  # (disk, file) each
        self.store = store
        self.counts = Counter()
        self.broken = set()
        self.running = set()
        self.failed = []  # what could not be put right
        self.kinds = {self.kill_server: {"server"}, self.restart_server: {"server"}, self.freeze_server: {"server"}}
        if postgres:
            self.kinds |= {
                self.stop_postgres: {"postgres"}, self.kill_both: {"postgres", "server"},
                self.terminate_backends: {"postgres"}, self.freeze_backend: {"postgres"},
                self.cut: {"proxy"}, self.stall: {"proxy"}, self.refuse: {"proxy"},
                self.hold_commit: {"proxy"}, self.lose_commit: {"proxy"}}
            if spool[0].small:
                self.kinds |= {self.fill_spool: {"spool", "postgres"}}
        else:
            self.kinds |= {self.lock_store: {"store"}}
            if spool[0].small:
                self.kinds |= {self.fill_store: {"store"}, self.fill_both: {"spool", "store"}}

    async def inject(self, every):
        """One after the other, `every` so many seconds on average, until cancelled. No kind comes twice before
        each has come once, unless what it needs is broken already."""
        bag = []
        while True:
            await asyncio.sleep(self.rng.uniform(0.4, 1.6) * every)
            if not bag:
                bag = self.rng.sample(list(self.kinds), len(self.kinds))
            fault = next((one for one in bag if not self.kinds[one] & self.broken), None)
            if not fault:
                continue
            bag.remove(fault)
            self.counts[fault.__name__] += 1
            task = asyncio.create_task(self.perform(fault))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def perform(self, fault):
        needs = self.kinds[fault]
        self.broken |= needs
        try:
            await fault()
        except (OSError, RuntimeError, asyncio.TimeoutError) as error:
            self.failed.append(f"{fault.__name__}: {error!r}")
        finally:
            self.broken -= needs

    async def finish(self):
        """Waits until everything is right again."""
        await asyncio.gather(*self.running)

    def cancel(self):
        for task in self.running:
            task.cancel()

    async def pause(self, shortest=0.1, longest=3.0):
        """More often short than long."""
        await asyncio.sleep(shortest + (longest - shortest) * self.rng.random() ** 2)

    async def kill_server(self):
        await self.server.kill(signal.SIGKILL, self.rng.choice((0, 0, 0.5, 2)))

    async def restart_server(self):
        """In good order, in which it must not hang."""
        process = self.server.process
        await self.server.kill(signal.SIGTERM, 0)
        await asyncio.wait_for(process.wait(), 15)

    async def freeze_server(self):
        process = self.server.process
        if process and process.returncode is None:
            process.send_signal(signal.SIGSTOP)
            await self.pause(0.1, 2)
            process.send_signal(signal.SIGCONT)

    async def stop_postgres(self):
        await self.postgres.stop()
        await self.pause(0, 6)
        await self.postgres.start()

    async def kill_both(self):
        await asyncio.gather(self.server.kill(signal.SIGKILL, 0), self.postgres.stop())
        await self.pause(0, 6)
        await self.postgres.start()

    async def terminate_backends(self):
        await self.postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe'", check=False)

    async def freeze_backend(self):
        backends = await self.postgres.backends()
        if backends:
            one = self.rng.choice(backends)
            try:
                os.kill(one, signal.SIGSTOP)
                await self.pause(0.2, 4)
                os.kill(one, signal.SIGCONT)
            except ProcessLookupError:
                pass

    async def cut(self):
        self.proxy.cut()

    async def refuse(self):
        self.proxy.refuse()
        if self.rng.random() < 0.7:
            self.proxy.cut()
        await self.pause()
        await self.proxy.listen()

    async def stall(self):
        """Nothing gets through, in one direction or in both; in the end it does, or all is cut."""
        gates = self.rng.choice(([self.proxy.requests], [self.proxy.answers],
                                 [self.proxy.requests, self.proxy.answers]))
        for gate in gates:
            gate.close()
        await self.pause(0.1, 5)
        if self.rng.random() < 0.5:
            self.proxy.cut()
        for gate in gates:
            gate.open()

    async def commit_without_answer(self):
        """The link of a commit that was let through, whose answer is held."""
        try:
            return await asyncio.wait_for(self.proxy.hold_answer(), 10)
        except asyncio.TimeoutError:
            return None

    async def hold_commit(self):
        """The answer to a commit comes late: sooner or later than the server's patience."""
        if link := await self.commit_without_answer():
            await self.pause(0.05, 3)
            link.answers.open()

    async def lose_commit(self):
        """The connection is lost between a commit and its answer."""
        if link := await self.commit_without_answer():
            await self.pause(0, 1)
            link.cut()

    async def fill_spool(self):
        """No database, and then nowhere else to write."""
        disk, file = self.spool
        await self.postgres.stop()
        await self.pause(0, 2)
        disk.fill(file)
        await self.pause(0.5, 4)
        if self.rng.random() < 0.5:
            await self.postgres.start()
            await self.pause()
            disk.free()
        else:
            disk.free()
            await self.pause()
            await self.postgres.start()

    async def lock_store(self):
        """Another process writes to the SQLite file, and takes its time."""
        _, file = self.store
        holder = await asyncio.create_subprocess_exec(
            "python3", "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], timeout=5); "
            "c.execute('BEGIN IMMEDIATE'); sys.stdin.read(); c.rollback()", file, stdin=asyncio.subprocess.PIPE)
        await self.pause(0.3, 8)
        holder.stdin.close()
        await holder.wait()

    async def fill_store(self):
        disk, file = self.store
        disk.fill(file)
        await self.pause()
        disk.free()

    async def fill_both(self):
        for disk, file in (self.store, self.spool):
            disk.fill(file)
        await self.pause()
        for disk, _ in (self.store, self.spool):
            disk.free()
