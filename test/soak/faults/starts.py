"""A start while the database does what it should not; and ends at bad moments."""

import asyncio
import signal
import time

from places import FileLock

from . import HOME, Missed, fault

POSTGRESQL = ("postgresql",)
SQLITE = ("sqlite",)
ENDS_WITHIN = 6  # seconds from SIGTERM, whatever the database does


async def start_amid(world, draw, longest=8):
    """Has the server, which is down, start, and leaves it a while in what is broken. It may be asked to end then."""
    starts = world.server.starts
    world.server.up()
    await world.server.started(starts)
    await draw.pause(0.5, longest)
    if draw.likely(0.3):
        process = world.server.process
        await world.server.kill(signal.SIGTERM, 0)
        begin = time.monotonic()
        try:
            await asyncio.wait_for(process.wait(), ENDS_WITHIN)
        except asyncio.TimeoutError:
            await process.wait()
            raise RuntimeError(f"it took {time.monotonic() - begin:.1f} s to end on SIGTERM") from None


@fault("server", "postgres", databases=POSTGRESQL)
async def start_with_table_locked(world, draw):
    await world.server.down()
    try:
        async with world.postgres.locked_table(draw.choice(("EXCLUSIVE", "ACCESS EXCLUSIVE"))):
            await start_amid(world, draw)
    finally:
        world.server.up()


@fault("server", "proxy", databases=POSTGRESQL)
async def start_with_stalling_proxy(world, draw):
    """It accepts, and then nothing comes; in the end it does, or all is cut."""
    await world.server.down()
    world.proxy.answers.close()
    if both := draw.likely(0.5):
        world.proxy.requests.close()
    try:
        await start_amid(world, draw)
    finally:
        if draw.likely(0.5):
            world.proxy.cut()
        world.proxy.answers.open()
        if both:
            world.proxy.requests.open()
        world.server.up()


@fault("server", "postgres", databases=POSTGRESQL)
async def start_with_postgres_frozen(world, draw):
    """The kernel accepts the connection, and nobody says anything."""
    await world.server.down()
    world.postgres.process.send_signal(signal.SIGSTOP)
    try:
        await start_amid(world, draw)
    finally:
        world.postgres.process.send_signal(signal.SIGCONT)
        world.server.up()


@fault("server", "store", databases=SQLITE)
async def start_with_file_locked(world, draw):
    """Against writers, or against everybody."""
    await world.server.down()
    try:
        async with FileLock(world.store, exclusive=draw.likely(0.5)) as lock:
            await lock.take()
            await start_amid(world, draw)
    finally:
        world.server.up()


@fault("server", *HOME)
async def kill_while_unloading(world, draw):
    """Between the commit in the database and the removal from the spool, if it can be, or at any moment of it."""
    async with world.database_away(draw):
        await asyncio.sleep(draw.uniform(1, 4))
        held = world.spooled()
        hold = held and world.proxy and draw.likely(0.5) and world.proxy.hold_answer()
    if not held:
        raise Missed
    try:
        async with asyncio.timeout(20):
            if hold:
                link = await hold
                await draw.pause(0, 0.2)
                await world.server.kill(signal.SIGKILL, 0)
                link.cut()
            else:
                while (now := world.spooled()) is None or now >= held:
                    held = max(held, now or 0)
                    await asyncio.sleep(0.005)
                await world.server.kill(signal.SIGKILL, 0)
    except TimeoutError:
        raise Missed from None
