"""What a server finds when it starts: whose files these are, and who works with them already."""

import os
import signal
import stat
import time

import database as databases
from irc import texts
from relay import SilentRelay
from starting import bodies, fill_spool, make_old_file, refusal, say, write_old_mark
from waiting import until

FAST = 2.0  # seconds from start to first answer, whatever the database does


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
    with SilentRelay((target[0], int(target[1]))) as relay:
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
