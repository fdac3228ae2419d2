"""PostgreSQL itself."""

import asyncio
import os
import signal

from . import Missed, fault

POSTGRESQL = ("postgresql",)


@fault("postgres", databases=POSTGRESQL)
async def stop_postgres(world, draw):
    await world.postgres.stop()
    await draw.pause(0, 6)
    await world.postgres.start()


@fault("postgres", "server", databases=POSTGRESQL)
async def kill_both(world, draw):
    await asyncio.gather(world.server.kill(signal.SIGKILL, 0), world.postgres.stop())
    await draw.pause(0, 6)
    await world.postgres.start()


@fault("postgres", databases=POSTGRESQL)
async def terminate_backends(world, draw):
    """pg_terminate_backend"""
    ended = await world.postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'troupe'", check=False)
    if "t" not in ended:
        raise Missed


@fault("postgres", databases=POSTGRESQL)
async def freeze_backend(world, draw):
    backends = await world.postgres.backends()
    if not backends:
        raise Missed
    one = draw.choice(backends)
    try:
        os.kill(one, signal.SIGSTOP)
        await draw.pause(0.2, 4)
        os.kill(one, signal.SIGCONT)
    except ProcessLookupError:
        pass


@fault("postgres", databases=POSTGRESQL)
async def lock_table(world, draw):
    """As a migration by hand would."""
    async with world.postgres.locked_table(draw.choice(("EXCLUSIVE", "ACCESS EXCLUSIVE"))):
        await draw.pause(0.3, 6)
