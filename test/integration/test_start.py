"""What a server finds when it starts: whose files these are, who works with them already, and databases that stall."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import threading
import time

import pytest

import database as databases
from irc import texts
from server import SERVER, Server, environment, flags, free_port
from waiting import DEADLINE, until

FAST = 2.0  # seconds from start to first answer, whatever the database does

OLD_MESSAGES = """
CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE messages (
  id BLOB NOT NULL PRIMARY KEY, channel TEXT NOT NULL, nick TEXT NOT NULL, user_name TEXT NOT NULL, host TEXT NOT NULL,
  kind INTEGER NOT NULL, body TEXT NOT NULL, client_tags TEXT NOT NULL, time INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX messages_of_channel ON messages (channel, id);
INSERT INTO schema_version (version) VALUES (1);
"""


def make_old_file(file, *bodies):
    """A home or a spool as the first release made it, which said nothing of itself."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(OLD_MESSAGES)
        for number, body in enumerate(bodies):
            identity = bytes.fromhex(f"0190000000{number:02x}70008000000000000000")
            row = (identity, "#lobby", "alice", "alice", "host", 0, body, "", 0x019000000000 + number)
            connection.execute("INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.commit()


def bodies(file):
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT body FROM messages ORDER BY id")]


def refusal(directory, before=(), **options):
    """The one line with which a server refuses to start."""
    options.setdefault("listen", f"127.0.0.1:{free_port()}")
    ended = subprocess.run(
        [*before, SERVER, *flags(options)], env=environment(), cwd=directory, capture_output=True, text=True, timeout=DEADLINE
    )
    assert ended.returncode == 1, ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("troupe-server: ")]
    assert len(lines) == 1, ended.stderr
    return lines[0].removeprefix("troupe-server: ")


def say(server, *bodies):
    alice = server.client("alice", "#lobby", caps="echo-message")
    for body in bodies:
        alice.say("#lobby", body)
        alice.expect(f" PRIVMSG #lobby :{re.escape(body)}$")
    alice.send("QUIT")
    alice.rest()


# -- whose files


def test_a_database_named_as_the_spool_keeps_its_history(server, tmp_path):
    here = server(database="sqlite:troupe.db")
    say(here, "one", "two")
    here.terminate()

    assert refusal(tmp_path, database="sqlite:troupe.db", spool="troupe.db").startswith("--spool: troupe.db is the database itself")
    assert refusal(tmp_path, database="sqlite:other.db", spool="troupe.db").startswith("--spool: troupe.db is a database")
    assert refusal(tmp_path, database="sqlite:troupe-spool.db", spool="x.db").startswith("--database: troupe-spool.db is a spool")
    os.symlink("troupe.db", tmp_path / "link.db")
    os.link(tmp_path / "troupe.db", tmp_path / "hard.db")
    for other in ("link.db", "hard.db", "./troupe.db", tmp_path / "troupe.db"):
        assert "is the database itself" in refusal(tmp_path, database="sqlite:troupe.db", spool=other)
    assert bodies(tmp_path / "troupe.db") == ["one", "two"]


def test_files_of_the_first_release_are_taken_over(server, tmp_path):
    make_old_file(tmp_path / "troupe.db", "one", "two")
    make_old_file(tmp_path / "troupe-spool.db")
    outside = tmp_path / "outside"
    outside.write_text("precious\n")
    os.symlink(outside, tmp_path / "troupe-spool.db.home")
    assert "does not say that it is a spool" in refusal(tmp_path, database="sqlite:other.db", spool="troupe.db")

    here = server(database="sqlite:troupe.db")
    carol = here.client("carol", "#lobby", caps="message-tags server-time batch draft/chathistory")
    carol.send("CHATHISTORY LATEST #lobby * 10")
    carol.expect(r" BATCH -")
    assert texts(carol.seen) == ["one", "two"]
    here.terminate()
    assert outside.read_text() == "precious\n"


def write_old_mark(spool, url):
    """The mark of the first release: libstdc++'s std::hash of the URL (MurmurHash64A)."""
    data, multiplier, most = url.encode(), 0xC6A4A7935BD1E995, (1 << 64) - 1
    mixed = lambda value: value ^ value >> 47
    value = 0xC70F6907 ^ len(data) * multiplier & most
    whole = len(data) & ~7
    for at in range(0, whole, 8):
        block = int.from_bytes(data[at : at + 8], "little") * multiplier & most
        value = (value ^ mixed(block) * multiplier & most) * multiplier & most
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * multiplier & most
    spool.with_name(f"{spool.name}.home").write_text(f"{mixed(mixed(value) * multiplier & most)}\n")


def test_a_spool_of_the_first_release_moves_to_the_database_that_its_mark_names(server, tmp_path):
    spool = tmp_path / "spool.db"
    make_old_file(spool, "waited")
    write_old_mark(spool, "sqlite:home.db")
    assert "an earlier release" in refusal(tmp_path, database="sqlite:other.db", spool="spool.db")
    here = server(database="sqlite:home.db", spool="spool.db")
    until(lambda: bodies(tmp_path / "home.db") == ["waited"], "it has moved")
    assert not (tmp_path / "spool.db.home").exists()
    here.terminate()


def test_a_spool_of_the_first_release_whose_database_is_away_moves_to_no_other_one(server, tmp_path):
    spool = tmp_path / "spool.db"
    make_old_file(spool, "waited")
    away = "postgresql://troupe@127.0.0.1:1/troupe"
    write_old_mark(spool, away)
    here = server(database=away, spool="spool.db")
    here.errors_expected = True
    here.terminate()
    assert "holds 1 messages for postgresql://troupe@127.0.0.1:1/troupe" in refusal(
        tmp_path, database="sqlite:other.db", spool="spool.db"
    )
    assert bodies(spool) == ["waited"]


def fill_spool(server, postgresql, **options):
    """A server that was killed while its database was away, with a message in the spool."""
    here = server(database=postgresql.url, commit_timeout="200ms", **options)
    here.errors_expected = True
    say(here, "at home")
    with postgresql.locked():
        say(here, "on the way")
        here.kill()


def test_messages_in_the_spool_are_not_moved_into_another_database(postgresql, server, tmp_path):
    fill_spool(server, postgresql)
    line = refusal(tmp_path, database="sqlite:x.db")
    address = postgresql.url
    assert line.startswith("--spool: troupe-spool.db holds 1 messages for ") and address in line, line
    assert bodies(tmp_path / "x.db") == []

    server(database=postgresql.url)
    until(lambda: [row["body"] for row in postgresql.rows()] == ["at home", "on the way"], "they have come home")


def test_an_empty_spool_goes_with_the_database(server, tmp_path):
    for name in ("a.db", "b.db", "a.db"):
        here = server(database=f"sqlite:{name}")
        say(here, name)
        here.terminate()
    assert bodies(tmp_path / "a.db") == ["a.db", "a.db"]
    assert bodies(tmp_path / "b.db") == ["b.db"]


def test_a_database_made_anew_under_the_same_address_does_not_get_the_spools_messages(postgresql, server, tmp_path):
    fill_spool(server, postgresql)
    postgresql._psql(postgresql.url, "DROP TABLE messages, identity, schema_version")
    assert "as it was before" in refusal(tmp_path, database=postgresql.url)


def test_files_are_their_owners_alone_and_hold_no_password(server, tmp_path, database):
    url = database.url.replace("troupe@", "troupe:hunter2@")
    say(server(database=url), "hello")
    made = list(tmp_path.glob("*.db*"))
    assert made
    for file in made:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
        assert b"hunter2" not in file.read_bytes()
        assert not file.name.endswith(".home")


def test_what_cannot_be_opened_is_blamed_on_its_option(tmp_path):
    assert refusal(tmp_path, spool="no/such/spool.db") == "--spool: cannot open no/such/spool.db: No such file or directory"
    assert refusal(tmp_path, database="sqlite:no/x.db") == "--database: cannot open no/x.db: No such file or directory"
    assert refusal(tmp_path, spool=".") == "--spool: cannot open .: Is a directory"
    (tmp_path / "letter").write_text("Dear reader, this is no database. " * 200)
    assert refusal(tmp_path, spool="letter") == "--spool: letter: file is not a database"
    if os.geteuid() != 0:
        return
    as_nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
    os.chmod(tmp_path, 0o755)
    for parent in tmp_path.parents[:3]:
        os.chmod(parent, 0o755)
    (tmp_path / "open").mkdir()
    os.chmod(tmp_path / "open", 0o777)
    denied = refusal(tmp_path, as_nobody, database="sqlite:open/home.db")
    assert denied == "--spool: cannot open troupe-spool.db: Permission denied"
    denied = refusal(tmp_path, as_nobody, database="sqlite:mine.db", spool="open/spool.db")
    assert denied == "--database: cannot open mine.db: Permission denied"


def test_a_database_in_another_encoding_than_utf8_is_refused(postgresql, tmp_path):
    name = postgresql.database + "_latin1"
    postgresql._psql(databases.POSTGRESQL, f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        url = databases.POSTGRESQL.rpartition("/")[0] + "/" + name
        line = refusal(tmp_path, database=url)
        assert line.startswith("--database: PostgreSQL: the database's encoding is LATIN1, not UTF8"), line
    finally:
        postgresql._psql(databases.POSTGRESQL, f"DROP DATABASE {name}")


# -- one server at a time


def test_a_second_server_on_the_same_database_is_refused(database, server, tmp_path):
    here = server(database=database.url)
    say(here, "hello")
    line = refusal(tmp_path, database=database.url, spool="other-spool.db")
    assert line.startswith("--database: another server works with "), line
    say(here, "still here")
    assert [row["body"] for row in database.rows()] == ["hello", "still here"]


def test_a_second_server_on_the_same_spool_is_refused(server, tmp_path):
    server(database="sqlite:one.db")
    assert refusal(tmp_path, database="sqlite:two.db") == "--spool: another server works with troupe-spool.db"


def test_killed_and_back_at_once_ten_times(database, server):
    said = []
    for turn in range(10):
        here = server(database=database.url)
        said.append(f"turn {turn}")
        say(here, said[-1])
        here.signal(signal.SIGKILL)  # not waited for
    here.wait()
    assert [row["body"] for row in database.rows()] == said


def test_a_new_server_ends_the_connection_that_its_predecessor_left_behind(postgresql, server):
    """As it is after its machine has died: the database's end of the connection knows nothing of that."""
    target = postgresql.url.rpartition("@")[2].split("/")[0].split(":")
    with Relay((target[0], int(target[1]))) as relay:
        url = postgresql.url.replace(":".join(target), f"127.0.0.1:{relay.port}")
        here = server(database=url)
        say(here, "one")
        relay.keep_upstream()
        here.kill()
        started = time.monotonic()
        again = server(database=url)
        say(again, "two")
        assert time.monotonic() - started < FAST + 1
        assert [row["body"] for row in postgresql.rows()] == ["one", "two"]
        assert "without the database" not in again.log()


# -- databases that stall


class Relay:
    """A proxy that can stop passing anything on, and keep its connections to the database when clients are gone."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.mute = False
        self._keeping = False
        self._sockets = [self.listener]
        threading.Thread(target=self._accept, daemon=True).start()

    def keep_upstream(self):
        self._keeping = True

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                self._sockets.append(client)
                if self.mute:
                    continue
                server = socket.create_connection(self.target)
                self._sockets.append(server)
                for source, sink in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            if not self._keeping:
                sink.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextlib.contextmanager
def accepting_and_stalling(url):
    with Relay(None) as relay:
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
    with Relay(tuple(postgresql.url.rpartition("@")[2].split("/")[0].split(":"))) as relay:
        url = postgresql.url.replace(":".join(relay.target), f"127.0.0.1:{relay.port}")
        server(database=url).terminate()
        relay.mute = True
        here, taken = started(server, database=url)
        assert taken < FAST, here.log()


def test_a_start_is_not_held_up_by_a_database_that_is_gone(postgresql, server):
    with Relay(tuple(postgresql.url.rpartition("@")[2].split("/")[0].split(":"))) as relay:
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
