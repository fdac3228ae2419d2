"""The SQLite file that is the server's database."""

import asyncio
import time

from places import FileLock

from . import fault

SQLITE = ("sqlite",)


@fault("store", databases=SQLITE)
async def lock_store(world, draw):
    """Another process writes to the file, and takes its time."""
    async with FileLock(world.store) as lock:
        await lock.take()
        await draw.pause(0.3, 8)


@fault("store", databases=SQLITE)
async def slow_commits(world, draw):
    """For a while another process writes to the file again and again, up to a second each time."""
    end = time.monotonic() + draw.uniform(3, 12)
    async with FileLock(world.store) as lock:
        while time.monotonic() < end:
            await lock.take()
            await asyncio.sleep(draw.uniform(0, 1))
            await lock.release()
            await asyncio.sleep(draw.uniform(0, 0.5))
