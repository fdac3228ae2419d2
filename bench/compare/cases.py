"""What is measured of each server, and what is made of the results of all rounds."""

import json
import statistics
import subprocess
from dataclasses import dataclass

from .process import Failed

MEMBERS = 1000  # of the one channel that is spoken in
TEXT = 64  # bytes of a message's text
CHAT = 10  # members of the chat that goes on beside a join storm
HELD_BACK = 0.1  # cores: a server that is spoken to without a pause, and uses less, is not what was measured
CHANNEL = 10  # members of a channel that is joined in a storm


@dataclass(frozen=True)
class Case:
    name: str
    title: str
    options: tuple  # of `troupe-bench fanout`


def cases(connections, seconds):
    spoken = ("--clients", str(MEMBERS), "--bytes", str(TEXT), "--seconds", str(seconds))
    return (
        Case("w1", "one message outstanding", (*spoken, "--window", "1")),
        Case("w64", "64 messages outstanding", (*spoken, "--window", "64")),
        Case("idle", f"{connections:,} connections that are idle",
             ("--joins-only", "--chat", "0", "--clients", "2", "--idle", str(connections - 2))),
        Case("storm", f"a join storm of {connections:,} beside a chat of {CHAT}",
             ("--joins-only", "--chat", str(CHAT), "--clients", str(connections - CHAT),
              "--channels", str(max(1, (connections - CHAT) // CHANNEL)))),
    )


def measure(binaries, server, case, port, pid):
    """Runs one measuring; the figures, as `troupe-bench fanout --json` gives them."""
    argv = [str(binaries / "troupe-bench"), "fanout", "--json", "--port", str(port), "--pid", str(pid),
            "--at-a-time", str(server.at_a_time), *case.options]
    run = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=None, text=True)
    if not run.stdout:
        raise Failed(f"troupe-bench fanout ended with status {run.returncode}")
    return json.loads(run.stdout)


def value(result, path):
    """A figure by its path, such as "latency_us.p99"."""
    for key in path.split("."):
        result = result[key]
    return result


class Results:
    """The figures of all rounds."""

    def __init__(self):
        self._runs = {}
        self._failures = {}

    def add(self, server, case, result):
        self._runs.setdefault((server, case), []).append(result)

    def fail(self, server, case, why):
        self._failures[(server, case)] = why

    def failure(self, server, case):
        """Why there are no figures, or none that may be quoted; empty if there are."""
        runs = self._runs.get((server, case), [])
        for kind in ("lost", "doubled", "reordered", "altered"):
            if count := sum(run["violations"][kind] for run in runs):
                return f"{kind}: {count:,}"
        shares = [run["server_cpu_cores"] for run in runs if "server_cpu_us_per_delivery" in run]
        if shares and max(shares) < HELD_BACK:
            return f"held back by a limit of its own: it used {max(shares):.0%} of a core"
        return self._failures.get((server, case), "" if runs else "not measured")

    def interleaved(self, server, case):
        """Whether members of a channel were shown two speakers' messages in different orders."""
        return any(run["violations"]["interleaved"] for run in self._runs.get((server, case), []))

    def median(self, server, case, path):
        """The median of the rounds, or None if it may not be quoted."""
        if self.failure(server, case):
            return None
        return statistics.median(value(run, path) for run in self._runs[(server, case)])

    def ratio(self, server, other, case, path):
        """This server's median to another's, or None."""
        mine, others = self.median(server, case, path), self.median(other, case, path)
        return mine / others if mine is not None and others else None

    def raw(self):
        return [{"server": server, "case": case, "runs": runs} for (server, case), runs in self._runs.items()]
