"""The wall clock, which steps; the monotonic one goes on. Ids have to grow all the same, if the server has been able to
write down in its spool how far they may have come."""

import asyncio

from . import HOME, Missed, fault

RESERVES_AGAIN_WITHIN = 7  # seconds, after the spool's disk was full
YEARS = 20 * 365 * 86400.0


async def chat_goes_on(world, seconds):
    """Something is shown within so many seconds."""
    before = world.record.received
    async with asyncio.timeout(seconds):
        while world.record.received < before + 20:
            await asyncio.sleep(0.02)


@fault("clock", "spool")
async def step_clock(world, draw):
    """Back or ahead, while the server runs, and right again."""
    await world.spool_disk.has_had_room(RESERVES_AGAIN_WITHIN)
    world.clock.step(draw.choice((-1, 1)) * draw.choice((0.05, 2, 60, 3600)))
    await draw.pause(0.2, 4)
    world.clock.step(0)


@fault("server", "clock", "spool", *HOME)
async def start_with_clock_behind(world, draw):
    """Killed, the database away, and the clock behind at the start: the newest messages are not there to tell."""
    await world.spool_disk.has_had_room(RESERVES_AGAIN_WITHIN)
    await world.server.down()
    try:
        async with world.database_away(draw):
            world.clock.step(-draw.choice((1, 30, 600, 3600)))
            world.server.up()
            try:
                await chat_goes_on(world, 20)
            except TimeoutError:
                raise Missed from None
            await draw.pause(0.2, 3)
        await draw.pause(0, 2)
    finally:
        world.server.up()
        world.clock.step(0)


@fault("server", "clock", "spool", *HOME)
async def start_after_clock_was_ahead(world, draw):
    """The clock ran ahead and was put right, perhaps long ago; then killed, and the database away at the start."""
    await world.spool_disk.has_had_room(RESERVES_AGAIN_WITHIN)
    world.clock.step(YEARS if draw.likely(0.1) else draw.choice((5, 600, 3600)))
    try:
        await chat_goes_on(world, 20)
        if draw.likely(0.5):
            world.clock.step(0)
            await draw.pause(0.1, 1)
        await world.server.down()
        world.clock.step(0)
        async with world.database_away(draw):
            world.server.up()
            await chat_goes_on(world, 20)
            await draw.pause(0.2, 3)
    except TimeoutError:
        raise Missed from None
    finally:
        world.server.up()
        world.clock.step(0)
