"""One attack beside chatting pairs: how it is played, and what is made of it."""

import asyncio
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from .scene import Scene
from .server import Server, priority

BENCH = Path(__file__).resolve().parents[1]
PATIENCE = 90  # seconds beyond an attack's time, for its preparation and for what it looks at behind it
FOREVER = 3600  # seconds for one that ends by itself
P99 = 0.050  # seconds: the bound of the pairs' latency
MEMORY = 300 * 1000 * 1000  # bytes: the bound of the server's
SHARE = 5  # percent of a core: the bound of what one connection at the default rate makes the server do


class Pairs:
    """The process of the chatting pairs."""

    def __init__(self, process):
        self.process = process

    @classmethod
    async def begin(cls, server, count, password):
        environment = {**os.environ, "PYTHONPATH": str(BENCH), "PYTHONDONTWRITEBYTECODE": "1"}
        process = await asyncio.create_subprocess_exec(
            "setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "abuse.pair", server.host, str(server.port),
            str(count), password, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment,
            limit=1 << 26, preexec_fn=lambda: priority(-5))
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError("the pairs could not chat")
        return cls(process)

    async def finish(self):
        """What they saw."""
        self.process.stdin.close()
        said = await self.process.stdout.read()
        await self.process.wait()
        return json.loads(said) if said else {"seen": [], "missing": [], "ended": ["died"], "invites": 0, "strange": 0}


def latencies(seen, begin, end):
    """p50, p99 and the longest, in seconds, of what was said from `begin` until `end`; None if nothing was."""
    some = sorted(latency for at, latency in seen if begin <= at < end)
    if not some:
        return None
    return {"p50": statistics.median(some), "p99": some[min(len(some) - 1, int(len(some) * 0.99))], "max": some[-1],
            "messages": len(some)}


async def play(attack, options, database):
    """The figures of one attack, as a dictionary."""
    with tempfile.TemporaryDirectory(prefix="troupe-abuse.", dir=options.directory) as directory:
        (Path(directory) / "motd.txt").write_text(f"{'m' * 70}\n" * 400, encoding="utf-8")
        settings = {**({"database": database} if attack.postgresql else {}), **attack.options, **options.server_options}
        server = Server(options.bin, directory, settings, options.memory_limit, attack.descriptors)
        password = settings.get("password", "")
        if attack.past:
            async with server.running(rate=0, max_per_address=0, max_connections=0):
                past = Scene(server, 0, options.scale, password)
                await attack.past(past)
                past.close()
        async with server.running():
            return await beside_pairs(attack, server, Scene(server, options.seconds or attack.seconds, options.scale,
                                                            password), options)


async def beside_pairs(attack, server, scene, options):
    steps = attack.play(scene)
    result = {"attack": attack.name, "title": attack.title}
    try:
        async with asyncio.timeout(FOREVER if attack.by_count else scene.seconds + PATIENCE):
            await anext(steps)
            pairs = await Pairs.begin(server, options.pairs, scene.password)
            calm, calm_since = server.cost(), time.monotonic()
            await asyncio.sleep(options.before)
            before, sent, received = server.cost(), scene.traffic.sent, scene.traffic.received
            idle = (before.cpu - calm.cpu) / (time.monotonic() - calm_since)
            result["prepared_memory"] = server.memory_now()
            begin = time.monotonic()
            try:
                with contextlib.suppress(StopAsyncIteration):
                    await anext(steps)
                if not attack.by_count:
                    await asyncio.sleep(max(0.0, begin + scene.seconds - time.monotonic()))
            finally:
                end = time.monotonic() if attack.by_count else min(time.monotonic(), begin + scene.seconds)
                seen = await pairs.finish()
    except TimeoutError:
        return {**result, "broken": ["it took too long"]}
    finally:
        await steps.aclose()
    after = server.cost()
    if attack.alone:
        share = (after.cpu - before.cpu) / (time.monotonic() - begin) - idle
        scene.figure("percent of a core that it takes", round(100 * share, 1), at_most=SHARE)
    result |= {
        "before": latencies(seen["seen"], begin - options.before, begin),
        "during": latencies(seen["seen"] + seen["missing"], begin, end),
        "memory_peak": server.memory_peak(), "memory_after": server.memory_now(),
        "cpu_seconds": after.cpu - before.cpu, "seconds": time.monotonic() - begin,
        "disk": after.disk - before.disk,
        "sent": scene.traffic.sent - sent, "received": scene.traffic.received - received,
        "ends": dict(scene.traffic.ends), "invites": seen["invites"],
        "figures": [{"name": one.name, "value": one.value, "at_most": one.at_most} for one in scene.figures],
    }
    result["broken"] = [*judge(result), *(f"a pair was cut off: {one}" for one in sorted(set(seen["ended"]))),
                        *(f"the pairs miss {len(seen['missing'])} messages" for _ in seen["missing"][:1]),
                        *(f"the server died: {server.last_words()}" for _ in range(not server.alive())),
                        *(f"{one.name}: {one.value:g}, at most {one.at_most:g}" for one in scene.figures
                          if not one.holds())]
    scene.close()
    return result


INVITES = 60  # that one user may be brought within an attack


def judge(result):
    """The bounds that were passed, in words."""
    if result["during"] is None or result["during"]["p99"] > P99:
        yield f"p99 over {P99 * 1000:.0f} ms"
    if result["memory_peak"] > MEMORY:
        yield f"memory over {MEMORY / 1e6:.0f} MB"
    if result["invites"] > INVITES:
        yield f"{result['invites']} invitations for one user, at most {INVITES}"
