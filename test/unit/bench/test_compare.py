"""scripts/compare: what it makes of the figures, and that nothing of what it starts is left."""

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "bench"))

from compare import cases, plot, report, servers  # noqa: E402

FLOOR, NONE = (next(s for s in servers.SERVERS if s.name == name) for name in ("floor", "troupe-none"))
CASES = cases.cases(1000, 1)


def run(rate=1000.0, cpu=4.0, cores=0.9, **violations):
    return {
        "deliveries_per_second": rate, "server_cpu_us_per_delivery": cpu, "server_cpu_cores": cores,
        "joins_per_second": 5.0,
        "latency_us": {"p50": 1000.0, "p99": 2000.0, "max": 3000.0},
        "memory_bytes": {"peak": 5e6, "per_connection": 2000.0},
        "violations": {**dict.fromkeys(("lost", "doubled", "reordered", "interleaved", "altered"), 0), **violations},
    }


def results(**runs):
    """Results of case w1 by server ("_" stands for "-")."""
    made = cases.Results()
    for name, of_server in runs.items():
        for one in of_server:
            made.add(name.replace("_", "-"), "w1", one)
    return made


def text(made):
    return report.text([FLOOR, NONE], CASES, made, command="c", machine="m", rounds=1, remarks=["r"], picture="p.svg")


def test_medians_and_their_ratios():
    made = results(floor=[run(4000), run(1000), run(2000)], troupe_none=[run(900), run(1100)])
    assert made.median("floor", "w1", "deliveries_per_second") == 2000
    assert made.median("troupe-none", "w1", "latency_us.p99") == 2000
    assert made.ratio("troupe-none", "floor", "w1", "deliveries_per_second") == 0.5
    assert made.ratio("troupe-none", "inspircd", "w1", "deliveries_per_second") is None
    assert made.median("floor", "w64", "deliveries_per_second") is None


@pytest.mark.parametrize("kind", ["lost", "doubled", "reordered", "altered"])
def test_no_figure_of_a_server_that_broke_a_promise_is_quoted(kind):
    made = results(floor=[run()], troupe_none=[run(), run(**{kind: 3})])
    assert made.median("troupe-none", "w1", "deliveries_per_second") is None
    assert f"Troupe, no database, 1 I/O thread ({kind}: 3) | – | – | – | –" in text(made)


def test_no_figure_of_a_server_that_holds_its_clients_back_is_quoted():
    made = results(troupe_none=[run(cores=0.015), run(cores=0.02)])
    assert "Troupe, no database, 1 I/O thread (held back by a limit of its own: it used 2% of a core) | –" in text(made)


def test_other_orders_for_other_members_are_told():
    made = results(floor=[run()], troupe_none=[run(interleaved=7)])
    assert made.median("troupe-none", "w1", "deliveries_per_second") == 1000
    assert "Troupe, no database, 1 I/O thread: a channel's members were shown its messages in different orders." in text(made)


def test_a_server_that_failed_is_named_with_the_reason():
    made = results(floor=[run()])
    made.fail("troupe-none", "w1", "it did not start")
    assert "Troupe, no database, 1 I/O thread (it did not start) | –" in text(made)


def test_the_table():
    made = text(results(floor=[run(1_000_000, 4.0)], troupe_none=[run(500_000, 5.0)]))
    assert "| Troupe, no database, 1 I/O thread | 500,000 | 0.50 × | – | 5.000 | 1.25 × | – | 1.00 | 2.00 | 5.0 |" in made
    assert "64 messages outstanding" not in made  # it was not measured


def test_the_table_with_the_version_before():
    (old,) = (s for s in servers.of_before("0123456789abcdef") if s.name == "before-none")
    made = report.text([FLOOR, NONE, old], CASES, results(floor=[run()], troupe_none=[run(600)], before_none=[run(500)]),
                       command="c", machine="m", rounds=1, remarks=["r"], picture="p.svg")
    assert "| to the floor | to InspIRCd | to the version before | CPU" in made
    assert "| Troupe, no database, 1 I/O thread | 600 | 0.60 × | – | 1.20 × |" in made
    assert "| Troupe of 01234567, no database | 500 | 0.50 × | – | – |" in made


def test_only_ours_of_now_is_told_of_its_threads():
    def command(server):
        return servers.command(server, Path("now"), "d", 1, "postgresql://", Path("before"))
    now = [command(s) for s in servers.SERVERS if s.database]
    before = [command(s) for s in servers.of_before("0123456789abcdef")]
    assert {argv[0] for argv in now} == {"now/troupe-server"} and {argv[0] for argv in before} == {"before/troupe-server"}
    assert [argv[argv.index("--io-threads") + 1] for argv in now] == ["1", "2"] * 3
    assert not [argv for argv in before if "--io-threads" in argv]
    assert [argv[argv.index("--database") + 1] for argv in before] == ["none", "sqlite:d/troupe.db", "postgresql://"]


def test_a_version_before_that_is_none_is_an_error(tmp_path):
    said = subprocess.run(compare("--before", "no-such-commit", "--output", tmp_path / "p.md"), capture_output=True, text=True)
    assert said.returncode == 1
    assert said.stderr.startswith("scripts/compare: --before no-such-commit: ")


def test_only_what_is_between_the_markers_is_replaced():
    first = report.insert("# Title\n\nabove\n", "one")
    assert first.startswith("# Title\n\nabove\n\n<!-- scripts/compare")
    second = report.insert(first + "\nbelow\n", "two")
    assert "above" in second and "one" not in second and "two" in second
    assert second.endswith("<!-- to here -->\n\nbelow\n")
    assert report.insert(second, "two") == second
    assert report.insert("", "one").startswith("# Performance\n\n<!-- ")


def test_the_plot_is_well_formed():
    svg = plot.plot([plot.Panel("a < b", [("floor", 2.0), ("Troupe & co", 1.0)], 2), plot.Panel("empty", [], 1)])
    texts = [element.text for element in xml.etree.ElementTree.fromstring(svg).iter() if element.text]
    assert "a < b" in texts and "Troupe & co" in texts and "2.00" in texts and "empty" not in texts


def compare(*arguments):
    return [sys.executable, ROOT / "scripts/compare", "--bin", os.environ["TROUPE_BIN"], "--only", "floor",
            "--seconds", "0.2", "--connections", "100", *arguments]


def test_a_round_of_the_floor_is_written_down(tmp_path):
    subprocess.run(compare("--rounds", "1", "--cases", "w64,storm", "--output", tmp_path / "p.md"), check=True)
    written = (tmp_path / "p.md").read_text(encoding="utf-8")
    assert "medians of 1 rounds" in written and "| floor | " in written and "(p.svg)" in written
    assert "<svg" in (tmp_path / "p.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_it_is_interrupted(tmp_path, ending):
    running = subprocess.Popen(compare("--cases", "w1", "--seconds", "30", "--output", tmp_path / "p.md"),
                               stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(tmp_path)})
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    deadline = time.monotonic() + 10
    while len(started := children.read_text(encoding="ascii").split()) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(started) == 2  # the floor and the load generator
    running.send_signal(ending)
    assert running.wait(10) != 0
    running.stdout.close()
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in started) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]
    left = [path.name for path in tmp_path.iterdir()]
    assert not left or ending == signal.SIGKILL  # against which the directory of temporary files has no defence
