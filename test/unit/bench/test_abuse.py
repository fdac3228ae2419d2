"""scripts/abuse: what it makes of what the pairs saw, and that nothing of what it starts is left."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "bench"))

from abuse import attacks, run  # noqa: E402


def result(p99=0.001, memory=10**6, invites=0):
    return {"during": {"p99": p99}, "memory_peak": memory, "invites": invites}


def test_what_was_said_before_the_attack_is_no_part_of_it():
    seen = [(1.0, 0.5), (2.0, 0.001), (2.5, 0.003), (3.0, 0.5)]
    assert run.latencies(seen, 2.0, 3.0) == {"p50": 0.002, "p99": 0.003, "max": 0.003, "messages": 2}
    assert run.latencies(seen, 4.0, 5.0) is None


def test_one_of_a_hundred_messages_may_be_late_and_two_may_not():
    on_time, late = [(1.0, 0.001)] * 199, [(1.0, 1.0)]
    assert run.latencies(on_time + late, 0, 2)["p99"] == 0.001
    assert run.latencies(on_time + 3 * late, 0, 2)["p99"] == 1.0


def test_each_bound_is_judged():
    assert list(run.judge(result())) == []
    assert list(run.judge(result(p99=0.051))) == ["p99 over 50 ms"]
    assert list(run.judge(result(memory=301 * 10**6))) == ["memory over 300 MB"]
    assert list(run.judge(result(invites=61))) == ["61 invitations for one user, at most 60"]
    assert list(run.judge({**result(), "during": None})) == ["p99 over 50 ms"]


def test_attacks_have_names_of_their_own():
    names = [one.name for one in attacks.EVERY]
    assert len(set(names)) == len(names) > 30


def abuse(*arguments):
    return [sys.executable, ROOT / "scripts/abuse", "--bin", os.environ["TROUPE_BIN"], *arguments]


def test_an_attack_is_measured_and_the_rest_of_the_command_line_goes_to_the_server(tmp_path):
    done = subprocess.run(
        abuse("half_lines", "--seconds", "0.5", "--before", "0.5", "--json", "--directory", tmp_path, "--",
              "--database=none"), stdout=subprocess.PIPE)
    [figures] = json.loads(done.stdout)
    assert done.returncode == (1 if figures["broken"] else 0)
    assert figures["attack"] == "half_lines"
    assert figures["before"]["messages"] > 0 and figures["during"]["messages"] > 0
    assert figures["memory_peak"] >= figures["memory_after"] > 10**6
    assert figures["sent"] > 100 * 4000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_it_is_interrupted(tmp_path, ending):
    running = subprocess.Popen(abuse("half_lines", "--seconds", "30", "--directory", tmp_path), stdout=subprocess.DEVNULL)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    deadline = time.monotonic() + 20
    while len(started := children.read_text(encoding="ascii").split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(started) == 2  # the server and the pairs
    running.send_signal(ending)
    assert running.wait(20) == 130
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in started) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert list(tmp_path.iterdir()) == []
