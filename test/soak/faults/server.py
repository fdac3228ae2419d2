"""The server's process."""

import asyncio
import signal

from . import HOME, Missed, fault


@fault("server")
async def kill_server(world, draw):
    await world.server.kill(signal.SIGKILL, draw.choice((0, 0, 0.5, 2)))


@fault("server")
async def restart_server(world, draw):
    """In good order, in which it must not hang."""
    process = world.server.process
    await world.server.kill(signal.SIGTERM, 0)
    await asyncio.wait_for(process.wait(), 15)


@fault("server")
async def freeze_server(world, draw):
    process = world.server.process
    if not process or process.returncode is not None:
        raise Missed
    process.send_signal(signal.SIGSTOP)
    await draw.pause(0.1, 2)
    process.send_signal(signal.SIGCONT)


@fault("server", *HOME)
async def second_server(world, draw):
    """On the same database, with the same spool or with one of its own: it has to say why not, and end."""
    if not await world.server.answers(patience=10):
        raise Missed
    spool = world.spool
    if draw.likely(0.5) and await world.database_is_held():
        spool = world.directory / "second-spool.db"
    status, said = await world.server.run_another(spool, patience=15)
    if status != 1:
        raise RuntimeError(f"a second server with {spool.name} was not refused: status {status}: {said}")
