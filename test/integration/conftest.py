"""The fixtures: servers and databases that are there for one test, and gone after it."""

import pytest

import database as databases
from link import a_link
from server import Server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """An empty database of each kind; the test runs once with either."""
    if request.param == "sqlite":
        yield databases.Sqlite(tmp_path / "messages.db")
    else:
        yield from postgresql_database()


@pytest.fixture
def postgresql():
    yield from postgresql_database()


def postgresql_database():
    if not databases.POSTGRESQL:
        pytest.skip("no TROUPE_TEST_POSTGRESQL: run it by scripts/with-postgres")
    made = databases.Postgresql()
    yield made
    made.drop()


@pytest.fixture
def link():
    """1 MB/s, with packets of 1500 bytes at most; there the server listens on `link.host`."""
    yield from a_link(1_000_000)


@pytest.fixture
def server(tmp_path):
    """Starts servers: `server(max_connections=3)` returns one that answers, with `--max-connections 3`; `under` is
    a command that runs it. When the test is over they are ended, and it fails if one of them had died or logged an error."""
    started = []

    def start(env=None, stderr=None, under=(), **options):
        if "database" not in options and "TROUPE_DATABASE" not in (env or {}):
            options["database"] = f"sqlite:{tmp_path / 'default.db'}"
        started.append(Server(tmp_path, options, env, stderr, under))
        return started[-1].wait_until_it_answers()

    yield start
    failure = None
    for one in started:
        try:
            one.finish()
        except BaseException as error:
            failure = error
    if failure:
        raise failure
