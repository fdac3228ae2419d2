"""How long a start takes when its database stalls, and its end; and a start when the spool's disk is full."""

import contextlib
import os
import signal
import subprocess
import time

import pytest

import database as databases
from relay import SilentRelay
from server import Server
from starting import bodies, fill_spool, say
from waiting import until

FAST = 2.0  # seconds from start to first answer, whatever the database does

# -- databases that stall


@contextlib.contextmanager
def accepting_and_stalling(url):
    with SilentRelay(None) as relay:
        relay.mute = True
        place = url.rpartition("@")[2].split("/")[0]
        yield url.replace(place, f"127.0.0.1:{relay.port}")


@contextlib.contextmanager
def locked_table(postgresql):
    """Not even reading goes on."""
    session = subprocess.Popen(["psql", "-XqAt", postgresql.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    try:
        session.stdin.write("BEGIN; LOCK TABLE messages IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n")
        assert session.stdout.readline() == "locked\n"
        yield
    finally:
        session.communicate("ROLLBACK;\n")


def postmaster(postgresql):
    """The process ids of the cluster: the one that listens, and its children."""
    file = postgresql._psql(postgresql.url, "SHOW data_directory")
    with open(f"{file}/postmaster.pid", encoding="utf-8") as lines:
        return int(lines.readline())


@contextlib.contextmanager
def frozen(postgresql):
    pid = postmaster(postgresql)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def stalling(kind, database):
    if kind == "table locked":
        with locked_table(database):
            yield
    elif kind == "frozen":
        with frozen(database):
            yield
    else:
        with database.locked():
            yield


def started(server, **options):
    """A server that was told something, and how long it took from its start until it answered."""
    begin = time.monotonic()
    here = server(commit_timeout="500ms", **options)
    taken = time.monotonic() - begin
    here.errors_expected = True
    say(here, "first")
    return here, taken


@pytest.mark.parametrize("kind", ["table locked", "frozen"])
def test_a_start_is_not_held_up_by_a_database_that_stalls(kind, postgresql, server):
    here = server(database=postgresql.url)
    here.terminate()
    with stalling(kind, postgresql):
        here, taken = started(server, database=postgresql.url)
        assert taken < FAST, here.log()
    until(lambda: [row["body"] for row in postgresql.rows()] == ["first"], "it has come home")


def test_a_start_is_not_held_up_by_a_database_that_accepts_and_stalls(postgresql, server):
    with SilentRelay(tuple(postgresql.url.rpartition("@")[2].split("/")[0].split(":"))) as relay:
        url = postgresql.url.replace(":".join(relay.target), f"127.0.0.1:{relay.port}")
        server(database=url).terminate()
        relay.mute = True
        here, taken = started(server, database=url)
        assert taken < FAST, here.log()


def test_a_start_is_not_held_up_by_a_database_that_is_gone(postgresql, server):
    with SilentRelay(tuple(postgresql.url.rpartition("@")[2].split("/")[0].split(":"))) as relay:
        url = postgresql.url.replace(":".join(relay.target), f"127.0.0.1:{relay.port}")
        server(database=url).terminate()
    here, taken = started(server, database=url)
    assert taken < FAST, here.log()


def test_a_start_is_not_held_up_by_a_locked_file(server, tmp_path):
    database = databases.Sqlite(tmp_path / "home.db")
    server(database=database.url).terminate()
    with database.locked():
        here, taken = started(server, database=database.url)
        assert taken < FAST, here.log()
    until(lambda: [row["body"] for row in database.rows()] == ["first"], "it has come home")


@pytest.mark.parametrize("known", [True, False])
def test_a_server_that_waits_for_its_database_ends_at_once_when_it_is_told_to(known, postgresql, server, tmp_path):
    if known:
        server(database=postgresql.url).terminate()
    with accepting_and_stalling(postgresql.url) as url:
        here = Server(tmp_path, {"database": url, "commit_timeout": "10s"})
        try:
            until(lambda: threads(here.process.pid) > 2, "it has begun to open the database")
            begin = time.monotonic()
            assert here.terminate() == 0
            assert time.monotonic() - begin < 1
        finally:
            here.finish()


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


# -- a full disk


@pytest.fixture
def disk(tmp_path):
    directory = tmp_path / "disk"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "troupe-test", directory]
    if os.geteuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("no small disk can be mounted here")
    yield directory
    subprocess.run(["umount", "-l", directory], check=True)


def test_a_full_spool_does_not_keep_the_server_from_starting_and_is_emptied(disk, postgresql, server, tmp_path):
    spool = disk / "spool.db"
    fill_spool(server, postgresql, spool=spool)
    with open(disk / "ballast", "wb", buffering=0) as ballast, contextlib.suppress(OSError):
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while ballast.write(bytes(size)):
                    pass
    os.remove(f"{spool}-shm")
    with open(disk / "ballast", "ab", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(bytes(4096)):
            pass

    here = server(database=postgresql.url, spool=spool)
    here.errors_expected = True
    until(lambda: [row["body"] for row in postgresql.rows()] == ["at home", "on the way"], "it has come home")
    say(here, "goes on")
    here.terminate()
    os.remove(disk / "ballast")
    here = server(database=postgresql.url, spool=spool)
    say(here, "and on")
    assert [row["body"] for row in postgresql.rows()] == ["at home", "on the way", "goes on", "and on"]
    assert bodies(spool) == []
