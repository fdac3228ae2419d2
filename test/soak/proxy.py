"""A TCP proxy in front of PostgreSQL that fails in the ways a network does."""

import asyncio


class Gate(asyncio.Event):
    """Open at first; what comes while it is closed is accepted, and waits."""

    def __init__(self):
        super().__init__()
        self.set()

    open = asyncio.Event.set
    close = asyncio.Event.clear


class Link:
    """One connection through the proxy."""

    def __init__(self, client, server):
        self.client = client  # (reader, writer) each
        self.server = server
        self.answers = Gate()  # this link's own, besides the proxy's
        self.delay = 0.0  # seconds before the next answer

    def cut(self):
        for _, writer in (self.client, self.server):
            writer.transport.abort()
        self.answers.open()


class Proxy:
    def __init__(self, target, port):
        self.target = target  # a Unix socket
        self.port = port
        self.listener = None
        self.links = set()
        self.requests = Gate()
        self.answers = Gate()
        self.wanted = None  # a future for the link whose commit is on its way
        self.delays = None  # draws the seconds by which a commit's answer is late
        self.slowed = 0  # commits, since that was set

    async def listen(self):
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", self.port)

    def refuse(self):
        """Nobody can connect from now on; who is connected stays."""
        if self.listener:
            self.listener.close()
            self.listener = None

    def cut(self):
        for link in list(self.links):
            link.cut()

    def hold_answer(self):
        """Lets the next commit through, but not its answer. Returns a future for the link on which that is so:
        its `answers` may be opened, or it may be cut."""
        self.wanted = asyncio.get_running_loop().create_future()
        return self.wanted

    def delay_commits(self, delays):
        """From now on each commit's answer is late by what `delays` draws; None ends that. Returns how many have
        been since the last call."""
        slowed, self.slowed, self.delays = self.slowed, 0, delays
        return slowed

    def close(self):
        self.refuse()
        self.requests.open()
        self.answers.open()
        self.cut()

    async def serve(self, reader, writer):
        try:
            server = await asyncio.open_unix_connection(self.target)
        except OSError:
            writer.transport.abort()
            return
        link = Link((reader, writer), server)
        self.links.add(link)
        try:
            await asyncio.gather(self.pass_requests(link), self.pass_answers(link))
        finally:
            self.links.discard(link)
            link.cut()

    async def pass_requests(self, link):
        async def look(data):
            # Bind: the statement by which a store appends, in a message of its own
            if data[:1] != b"B" or b"\0append\0" not in data[:16]:
                return
            if self.wanted and not self.wanted.done():
                link.answers.close()
                self.wanted.set_result(link)
            if self.delays:
                link.delay = self.delays()
                self.slowed += 1

        await self.pump(link.client[0], link.server[1], (self.requests,), look)

    async def pass_answers(self, link):
        async def wait(data):
            delay, link.delay = link.delay, 0.0
            if delay:
                await asyncio.sleep(delay)

        await self.pump(link.server[0], link.client[1], (self.answers, link.answers), wait)

    async def pump(self, reader, writer, gates, look):
        """When the sender hangs up, what it said before still arrives, perhaps much later."""
        try:
            while data := await reader.read(1 << 16):
                await look(data)
                for gate in gates:
                    await gate.wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
