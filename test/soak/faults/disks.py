"""Disks without space."""

import asyncio
import signal

from places import FileLock

from . import HOME, Missed, fault

SQLITE = ("sqlite",)


@fault("spool", "postgres", databases=("postgresql",), fills=("spool",))
async def fill_spool(world, draw):
    """No database, and then nowhere else to write."""
    await world.postgres.stop()
    await draw.pause(0, 2)
    await world.spool_disk.fill(world.spool)
    await draw.pause(0.5, 4)
    if draw.likely(0.5):
        await world.postgres.start()
        await draw.pause()
        world.spool_disk.free()
    else:
        world.spool_disk.free()
        await draw.pause()
        await world.postgres.start()


@fault("store", databases=SQLITE, fills=("store",))
async def fill_store(world, draw):
    await world.store_disk.fill(world.store)
    await draw.pause()
    world.store_disk.free()


@fault("spool", "store", databases=SQLITE, fills=("spool", "store"))
async def fill_both(world, draw):
    for disk, file in ((world.store_disk, world.store), (world.spool_disk, world.spool)):
        await disk.fill(file)
    await draw.pause()
    for disk in (world.store_disk, world.spool_disk):
        disk.free()


@fault("spool", fills=("spool",))
async def fill_spool_only(world, draw):
    """The database is well, unless another fault befalls it meanwhile."""
    await world.spool_disk.fill(world.spool)
    await draw.pause(1, 6)
    world.spool_disk.free()


@fault("spool", "server", *HOME, fills=("spool",))
async def full_spool_healthy_database(world, draw):
    """The database comes back when the spool, with messages in it, is full; a server that starts then has to."""
    async with world.database_away(draw):
        await asyncio.sleep(draw.uniform(1, 3))
        await world.spool_disk.fill(world.spool)
        held = world.spooled()
        await draw.pause(0, 2)
    try:
        if not held:
            raise Missed
        with world.database_well():
            await draw.pause(1.2, 4)
            if draw.likely(0.4):
                starts = world.server.starts
                await world.server.kill(draw.choice((signal.SIGKILL, signal.SIGTERM)), 0)
                await world.server.started(starts)
            await draw.pause(1, 5)
    finally:
        world.spool_disk.free()


@fault("spool", "store", databases=SQLITE, fills=("spool",))
async def full_spool_locked_store(world, draw):
    """Locked for less or more than the server's patience, again and again, when there is no other place."""
    await world.spool_disk.fill(world.spool)
    try:
        async with FileLock(world.store) as lock:
            for _ in range(draw.randrange(1, 4)):
                await lock.take()
                await draw.pause(0.2, 7)
                await lock.release()
                await draw.pause(0, 1)
    finally:
        world.spool_disk.free()


@fault("spool", "proxy", databases=("postgresql",), fills=("spool",))
async def full_spool_slow_commits(world, draw):
    """Commits take up to two seconds when there is no other place."""
    await world.spool_disk.fill(world.spool)
    try:
        world.proxy.delay_commits(lambda: draw.uniform(0, 2))
        await draw.pause(1, 8)
    finally:
        world.spool_disk.free()
        slowed = world.proxy.delay_commits(None)
    if not slowed:
        raise Missed
