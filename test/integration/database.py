"""The databases in which a server keeps its messages, as a test looks at them from outside."""

import contextlib
import json
import os
import sqlite3
import subprocess
import uuid

COLUMNS = ("id", "channel", "nick", "user_name", "host", "kind", "body", "client_tags", "time")

POSTGRESQL = os.environ.get("TROUPE_TEST_POSTGRESQL")  # an empty database in a cluster where we may make others


def refuse_in_file(file, body):
    """From now on a message with this body cannot be stored in this SQLite file."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.body = '{body}'"
            " BEGIN SELECT RAISE(ABORT, 'refused by a test'); END"
        )


class Sqlite:
    name = "sqlite"

    def __init__(self, file):
        self.file = file
        self.url = f"sqlite:{file}"

    def rows(self):
        """The messages kept, each a dictionary, in the order of their ids; the time in milliseconds since 1970."""
        with contextlib.closing(sqlite3.connect(self.file)) as connection:
            rows = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM messages ORDER BY id").fetchall()
        return [dict(zip(COLUMNS, (str(uuid.UUID(bytes=row[0])), *row[1:]))) for row in rows]

    def refuse(self, body):
        """From now on a message with this body cannot be stored."""
        refuse_in_file(self.file, body)

    @contextlib.contextmanager
    def locked(self):
        """Within this block no message can be stored: whoever tries has to wait."""
        with contextlib.closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def drop(self):
        pass  # it is in a test's temporary directory


class Postgresql:
    name = "postgresql"

    def __init__(self):
        self.database = f"test_{uuid.uuid4().hex}"
        self._psql(POSTGRESQL, f"CREATE DATABASE {self.database}")
        self.url = POSTGRESQL.rpartition("/")[0] + "/" + self.database

    def rows(self):
        time = "(extract(epoch FROM time) * 1000)::bigint"
        columns = ", ".join(f"{time} AS time" if column == "time" else column for column in COLUMNS)
        rows = f"SELECT {columns} FROM messages ORDER BY id"
        return json.loads(self._psql(self.url, f"SELECT coalesce(json_agg(row), '[]') FROM ({rows}) AS row"))

    def refuse(self, body):
        self._psql(self.url, f"ALTER TABLE messages ADD CONSTRAINT refuse CHECK (body <> '{body}')")

    @contextlib.contextmanager
    def locked(self):
        session = subprocess.Popen(
            ["psql", "-XqAt", self.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        try:
            session.stdin.write("BEGIN; LOCK TABLE messages IN EXCLUSIVE MODE; SELECT 'locked';\n")
            assert session.stdout.readline() == "locked\n"
            yield
        finally:
            session.communicate("ROLLBACK;\n")

    def someone_waits(self):
        """Whether a message waits for the lock."""
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return self._psql(self.url, waiting) != "0"

    def drop(self):
        self._psql(POSTGRESQL, f"DROP DATABASE {self.database} WITH (FORCE)")

    @staticmethod
    def _psql(url, statement):
        done = subprocess.run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-c", statement, url], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
