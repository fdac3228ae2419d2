"""What an attack has at hand."""

import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass

from .peer import Closed, Peer, Traffic

ATTACKER = "127.0.0.2"  # the one address of all attackers
CONNECTIONS = 100  # that an address may have by default
AT_ONCE = 25  # on their way in


@dataclass
class Figure:
    """A figure of one attack besides those that all have, and its bound if it has one."""

    name: str
    value: float
    at_most: float | None = None

    def holds(self):
        return self.at_most is None or self.value <= self.at_most


class Scene:
    """A server, the attackers, and the helpers: peers of other addresses, who make what is attacked."""

    def __init__(self, server, seconds, scale, password=""):
        self.server = server
        self.seconds = seconds
        self.scale = scale
        self.password = password
        self.traffic = Traffic()  # the attackers'
        self.figures = []
        self._numbers = itertools.count(1)
        self._helping = Traffic()
        self._peers = []

    def figure(self, name, value, at_most=None):
        self.figures.append(Figure(name, value, at_most))

    def scaled(self, count):
        """A number of things that a short run needs fewer of."""
        return max(1, round(count * self.scale))

    # -- connections

    async def attacker(self, caps="", **options):
        """One more connection of the attacker's, registered."""
        return await self._peer(ATTACKER, self.traffic, "a", caps, **options)

    async def attackers(self, count=CONNECTIONS, caps="", **options):
        return await self.many(count, lambda _: self.attacker(caps, **options))

    async def helpers(self, count, caps="", **options):
        """Peers of many addresses, four of each: these may make so many channels."""
        return await self.many(
            count, lambda number: self._peer(f"127.1.{number // 4 // 250}.{1 + number // 4 % 250}", self._helping,
                                             "h", caps, **options))

    async def unregistered(self, **options):
        peer = await Peer.connect(self.server.host, self.server.port, ATTACKER, self.traffic, **options)
        self._peers.append(peer)
        return peer

    async def _peer(self, source, traffic, letter, caps, **options):
        peer = await Peer.connect(self.server.host, self.server.port, source, traffic, **options)
        self._peers.append(peer)
        try:
            return await peer.register(f"{letter}{next(self._numbers)}", caps, self.password)
        except BaseException:
            peer.abort()  # nobody has it: the attack's time was over, say
            raise

    async def many(self, count, make):
        """What `make` makes, so often, of a number."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number):
            async with gate:
                return await make(number)

        return list(await asyncio.gather(*(one(number) for number in range(count))))

    # -- behaviour

    async def all(self, peers, act):
        """Lets all of them act at the same time, until they are done or their connections are closed."""

        async def one(peer, number):
            with contextlib.suppress(Closed, OSError):
                await act(peer, number)

        await asyncio.gather(*(one(peer, number) for number, peer in enumerate(peers)))

    async def persist(self, peers, act, again=None):
        """As `all`, for the attack's time; whoever is closed comes back (by `again`) and goes on."""

        async def one(peer, number):
            while True:
                with contextlib.suppress(Closed, OSError, TimeoutError):
                    await act(peer, number)
                with contextlib.suppress(Closed, OSError, TimeoutError):
                    peer.abort()
                    peer = await (again or self.attacker)()
                    continue
                await asyncio.sleep(0.05)  # it was not let in: the next try

        await self.in_time(*(one(peer, number) for number, peer in enumerate(peers)))

    async def in_time(self, *endless):
        """Lets them run for the attack's time."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*endless), self.seconds)

    async def until(self, condition, at_most):
        """The seconds until the condition holds, at most so many."""
        begin = time.monotonic()
        while not condition() and time.monotonic() - begin < at_most:
            await asyncio.sleep(0.02)
        return time.monotonic() - begin

    def close(self):
        """Lets go of all connections."""
        for peer in self._peers:
            peer.abort()
