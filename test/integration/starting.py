"""What tests of a server's start need: files of before, and how a start is refused."""

import contextlib
import re
import sqlite3
import subprocess

from server import SERVER, environment, flags, free_port
from waiting import DEADLINE

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


def fill_spool(server, postgresql, **options):
    """A server that was killed while its database was away, with a message in the spool."""
    here = server(database=postgresql.url, commit_timeout="200ms", **options)
    here.errors_expected = True
    say(here, "at home")
    with postgresql.locked():
        say(here, "on the way")
        here.kill()
