"""Between the server and PostgreSQL."""

import asyncio

from . import Missed, fault

POSTGRESQL = ("postgresql",)


@fault("proxy", databases=POSTGRESQL)
async def cut(world, draw):
    world.proxy.cut()


@fault("proxy", databases=POSTGRESQL)
async def refuse(world, draw):
    world.proxy.refuse()
    if draw.likely(0.7):
        world.proxy.cut()
    await draw.pause()
    await world.proxy.listen()


@fault("proxy", databases=POSTGRESQL)
async def stall(world, draw):
    """Nothing gets through, in one direction or in both; in the end it does, or all is cut."""
    requests, answers = world.proxy.requests, world.proxy.answers
    gates = draw.choice(([requests], [answers], [requests, answers]))
    for gate in gates:
        gate.close()
    await draw.pause(0.1, 5)
    if draw.likely(0.5):
        world.proxy.cut()
    for gate in gates:
        gate.open()


async def commit_without_answer(world):
    """The link of a commit that was let through, whose answer is held."""
    try:
        return await asyncio.wait_for(world.proxy.hold_answer(), 10)
    except asyncio.TimeoutError:
        raise Missed from None


@fault("proxy", databases=POSTGRESQL)
async def hold_commit(world, draw):
    """The answer to a commit comes late: sooner or later than the server's patience."""
    link = await commit_without_answer(world)
    await draw.pause(0.05, 3)
    link.answers.open()


@fault("proxy", databases=POSTGRESQL)
async def lose_commit(world, draw):
    """The connection is lost between a commit and its answer."""
    link = await commit_without_answer(world)
    await draw.pause(0, 1)
    link.cut()


@fault("proxy", databases=POSTGRESQL)
async def slow_commits(world, draw):
    """For a while commits take up to a second, all of them or a few."""
    delays = draw.choice((lambda: draw.uniform(0, 1), lambda: 0.7 if draw.likely(0.05) else 0.0))
    world.proxy.delay_commits(delays)
    await asyncio.sleep(draw.uniform(3, 12))
    slowed = world.proxy.delay_commits(None)
    if not slowed:
        raise Missed
