"""What attackers do. An attack is a generator: what stands before its `yield` prepares it, and is not measured; what
stands behind it is the attack, which is ended when its time is over."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attack:
    name: str
    title: str
    play: Callable[["Scene"], AsyncIterator[None]]
    seconds: float  # that it takes by default
    past: Callable[["Scene"], Awaitable[None]] | None  # makes what the server is started on, with its limits lifted
    options: dict = field(default_factory=dict)  # of the server
    postgresql: bool = False  # else SQLite
    by_count: bool = False  # it ends by itself, and is played only if it is asked for
    alone: bool = False  # one connection at the default rate: its share of the server is bounded
    descriptors: int | None = None  # that the server may have; None: as many as this process


EVERY = []


def attack(title, *, seconds=5.0, past=None, options=None, **others):
    """Makes a function a kind of attack, named like it."""

    def register(play):
        EVERY.append(Attack(play.__name__, title, play, seconds, past, options or {}, **others))
        return play

    return register


def tagged(channel, size=4000, text=350):
    """A message that takes as many bytes as one may."""
    return f"@+t={'x' * size} PRIVMSG {channel} :{'y' * text}"


# The kinds register themselves.
from . import answers, churn, crowds, floods, hoards, sockets  # noqa: E402, F401
