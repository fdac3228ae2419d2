"""What the server can be told from outside, and what it says of itself."""

import os
import re
import socket
import subprocess
import tempfile

import pytest

import database as databases
from server import NO_HOST, ROOT, SERVER, environment, event_of, flags, free_port, run
from waiting import until


def complaint(ended, status):
    """The one line on standard error with which the server ended."""
    assert ended.returncode == status, ended.stderr
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("troupe-server: ")
    return line


# -- usage


def test_help_names_every_option_its_default_and_the_exit_status():
    ended = run("--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    for option in (
        "listen database durability server-name network-name password motd max-connections max-per-address"
        " max-channels-per-address sendq rate ipv6-prefix io-threads registration-timeout ping-interval ping-timeout"
        " log-level log-format help version"
    ).split():
        assert f"--{option} " in ended.stdout
    for words in ("127.0.0.1:6667", "sqlite:troupe.db", "1048576", "10:40", "TROUPE_MAX_CONNECTIONS", "Exit status"):
        assert words in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


def test_version_is_one_line():
    ended = run("--version")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.fullmatch(r"troupe-[\d.]+\n", ended.stdout)


@pytest.mark.parametrize(
    "arguments, named",
    [
        (["--no-such-option"], "no-such-option"),
        (["surplus"], "surplus"),
        (["--listen"], "listen"),
        (["--listen", "nowhere"], "--listen"),
        (["--listen", "127.0.0.1:99999"], "--listen"),
        (["--listen", "80"], "0.0.0.0:80"),
        (["--sendq", "10"], "16384"),
        (["--replay", "257"], "256"),
        (["--database", "sqlite:"], "sqlite:FILE"),
        (["--commit-timeout", "2m"], "60s"),
        (["--ping-timeout", "1ms"], "100ms"),
        (["--durability", "hopeful"], "--durability"),
        (["--database", "mysql://127.0.0.1/troupe"], "--database"),
        (["--commit-timeout", "0"], "--commit-timeout"),
        (["--spool", ""], "--spool"),
        (["--server-name", "two words"], "--server-name"),
        (["--network-name", ""], "--network-name"),
        (["--max-connections", "many"], "--max-connections"),
        (["--max-per-address", "-1"], "--max-per-address"),
        (["--ipv6-prefix", "129"], "--ipv6-prefix"),
        (["--io-threads", "0"], "--io-threads"),
        (["--io-threads", "two"], "--io-threads"),
        (["--sendq", "1M"], "--sendq"),
        (["--rate", "10:"], "--rate"),
        (["--registration-timeout", "soon"], "--registration-timeout"),
        (["--ping-interval", "5 s"], "--ping-interval"),
        (["--ping-timeout", "99999999999999999999s"], "--ping-timeout"),
        (["--log-level", "chatty"], "--log-level"),
        (["--log-format", "xml"], "--log-format"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_bad_option_is_named_in_one_line_and_the_status_is_2(arguments, named):
    assert named in complaint(run(*arguments), 2)


def test_a_bad_value_in_the_environment_is_named_as_well():
    ended = run(env=environment(TROUPE_SENDQ="lots"))
    assert "sendq" in complaint(ended, 2).lower()


# -- an environment that is in the way


@pytest.mark.parametrize(
    "options",
    [
        {"listen": "192.0.2.99:6667"},  # of nobody (RFC 5737)
        {"listen": f"{NO_HOST}:6667"},
        {"motd": "/no/such/file"},
        {"motd": "/"},
        {"database": "sqlite:/no/such/directory/troupe.db"},
        {"database": "sqlite:/"},
        {"database": "postgresql://troupe:hunter2@127.0.0.1:1/troupe"},
        {"database": f"postgresql://troupe:hunter2@{NO_HOST}/troupe"},
        {"database": "postgresql://troupe:hunter2@127.0.0.1:99999/troupe"},
        {"database": "postgresql://troupe:hunter2@127.0.0.1/troupe?no_such_parameter=1"},
        {"database": "postgresql://troupe:hunter2@[127.0.0.1/troupe"},
    ],
    ids=lambda options: " ".join(map(str, options.values())),
)
def test_what_is_in_the_way_is_said_in_one_line_without_a_password_and_the_status_is_1(options, tmp_path):
    (name,) = options
    options = {"listen": f"127.0.0.1:{free_port()}", "database": f"sqlite:{tmp_path}/messages.db"} | options
    line = complaint(run(*flags(options)), 1)
    assert f"--{name}: " in line
    assert "hunter2" not in line


@pytest.mark.parametrize("address, reason", [("192.0.2.99:6667", "Cannot assign requested address"), (f"{NO_HOST}:1", "not known")])
def test_why_an_address_cannot_be_listened_on_is_said(address, reason, tmp_path):
    line = complaint(run("--listen", address, "--database", "none"), 1)
    assert line.startswith(f"troupe-server: --listen: cannot listen on {address}: ") and reason in line


def test_what_is_in_the_way_is_json_where_the_log_is():
    ended = run("--listen", "192.0.2.99:6667", "--database", "none", "--log-format", "json")
    (event,) = map(event_of, ended.stderr.splitlines())
    assert event["level"] == "critical" and event["event"] == "cannot serve"
    assert event["reason"].startswith("--listen: cannot listen on 192.0.2.99:6667: ")
    assert ended.returncode == 1


def test_an_address_in_use_is_said_in_one_line_and_the_status_is_1(server, tmp_path):
    here = server()
    ended = run("--listen", f"127.0.0.1:{here.port}", "--database", f"sqlite:{tmp_path}/other.db")
    assert f"--listen: cannot listen on 127.0.0.1:{here.port}: Address already in use" in complaint(ended, 1)
    here.client("alice")


def test_a_database_that_does_not_exist_is_said_in_one_line_and_the_status_is_1():
    if not databases.POSTGRESQL:
        pytest.skip("no TROUPE_TEST_POSTGRESQL: run it by scripts/with-postgres")
    url = databases.POSTGRESQL.replace("troupe@", "troupe:hunter2@").rpartition("/")[0] + "/no_such_database"
    line = complaint(run("--listen", f"127.0.0.1:{free_port()}", "--database", url), 1)
    assert "no_such_database" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(
    "options, blamed, reason",
    [
        (["--database", "sqlite:/no/such/x.db", "--spool", "OTHER/x"], "--database: ", "/no/such/x.db: No such file"),
        (["--database", "sqlite:HERE/x.db", "--spool", "OTHER/x"], "--database: ", "HERE/x.db: Permission denied"),
        (["--database", "sqlite:OTHER/x.db", "--spool", "/no/such/x"], "--spool: ", "/no/such/x: No such file"),
        (["--database", "sqlite:OTHER/x.db", "--spool", "HERE/x"], "--spool: ", "HERE/x: Permission denied"),
        (["--database", "sqlite:OTHER/x.db"], "--spool: ", "troupe-spool.db: Permission denied"),
        (["--spool", "OTHER/x"], "--database: ", "troupe.db: Permission denied"),
        ([], "--", "Permission denied"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_directory_in_the_way_is_blamed_with_its_option_and_the_reason(options, blamed, reason):
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as other:
        os.chmod(here, 0o555)
        os.chmod(other, 0o777)
        place = lambda text: text.replace("HERE", here).replace("OTHER", other)
        ended = subprocess.run(
            [SERVER, "--listen", f"127.0.0.1:{free_port()}", *map(place, options)],
            env=environment(),
            cwd=here,
            capture_output=True,
            text=True,
            timeout=20,
            **({} if os.geteuid() else {"user": 65534, "group": 65534, "extra_groups": []}),  # root may write everywhere
        )
    line = complaint(ended, 1)
    assert line.startswith("troupe-server: " + blamed)
    assert place(reason) in line


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear reader, this is no database. " * 200)
    before = letter.read_bytes()
    line = complaint(run("--listen", f"127.0.0.1:{free_port()}", "--database", f"sqlite:{letter}"), 1)
    assert str(letter) in line
    assert letter.read_bytes() == before


# -- options that do what they say


def test_options_come_from_the_environment_and_flags_win(server):
    port = free_port()
    variables = {
        "TROUPE_LISTEN": f"127.0.0.1:{port},127.0.0.2:{port}",
        "TROUPE_DATABASE": "none",
        "TROUPE_SERVER_NAME": "from.environment",
        "TROUPE_NETWORK_NAME": "FromEnvironment",
        "TROUPE_MAX_PER_ADDRESS": "1",
    }
    here = server(env=variables, server_name="from.flag")
    alice = here.client("alice")
    assert any(line.startswith(":from.flag 001 alice :") for line in alice.seen)
    alice_saw = "\n".join(alice.seen)
    assert " NETWORK=FromEnvironment " in alice_saw and "from.environment" not in alice_saw
    assert here.connect().rest() == ["ERROR :Too many connections from your address"]
    with socket.create_connection(("127.0.0.2", port), timeout=5):
        pass


def test_it_listens_on_several_addresses_at_once_also_of_ipv6(server):
    port = free_port()
    try:
        other = free_port("::1")
    except OSError:
        pytest.skip("no IPv6")
    here = server(listen=[f"127.0.0.1:{port}", f"127.0.0.2:{port}", f"[::1]:{other}"])
    alice = here.client("alice", "#lobby")
    here.host = "127.0.0.2"
    here.client("bob", "#lobby")
    here.host, here.port = "::1", other
    carol = here.client("carol", "#lobby")
    carol.say("#lobby", "from afar")
    # A host that began with a colon would be read as the rest of its line.
    alice.expect(r"^:carol!carol@0::1 PRIVMSG #lobby :from afar$")


def test_a_password_lets_in_who_gives_it_and_nobody_else(server):
    here = server(password="open sesame")
    here.client("alice", password="open sesame")
    for attempt in (["PASS :open"], ["PASS :open sesame!"], ["PASS :"], []):
        client = here.connect()
        client.send(*attempt, "NICK bob", "USER bob 0 * :Bob")
        lines = client.rest()
        assert any(" 464 " in line for line in lines)
        assert lines[-1].startswith("ERROR :")
        assert not any(" 001 " in line for line in lines)
    assert "sesame" not in here.log()


def test_the_message_of_the_day_is_shown_and_without_one_422(server, tmp_path):
    motd = tmp_path / "motd"
    motd.write_text("Be kind.\n\nHave tea: \u2615\n", encoding="utf-8")
    alice = server(motd=motd).client("alice")
    assert [line.split(":", 2)[2] for line in alice.seen if " 372 " in line] == ["- Be kind.", "- ", "- Have tea: \u2615"]
    assert any(" 422 " in line for line in server(motd="", database="none").client("bob").seen)


# -- the log


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_tells_who_came_and_went_and_never_a_text_or_a_password(database, server, form):
    url = database.url.replace("troupe@", "troupe:secret-database@")
    here = server(log_format=form, log_level="trace", password="secret-password", database=url)
    wrong = here.connect()
    wrong.send("PASS :secret-attempt", "NICK eve", "USER eve 0 * :Eve")
    wrong.rest()
    nobody = here.connect()
    nobody.send("QUIT :secret-end")
    nobody.rest()
    alice = here.client("alice", "#lobby", password="secret-password", caps="message-tags echo-message")
    bob = here.client("bob", "#lobby", password="secret-password")
    alice.send(
        "PRIVMSG #lobby :secret-message",
        "@+x=secret-tag NOTICE bob :secret-notice",
        "TOPIC #lobby :secret-topic",
        "MODE #lobby +k secret-key",
        "AWAY :secret-away",
        "PRIVMSG #lobby secret-unparsed\0 :x",
        "secret-command secret-parameter",
        "x" * 600 + "secret-long",
    )
    alice.sync()
    bob.expect("secret-notice")
    bob.send("NICK rob", "QUIT :secret-farewell")
    alice.expect(r"^:rob!\S+ QUIT :Quit: secret-farewell")
    here.terminate()

    lines = here.log().split("\n")[:-1]
    assert not [line for line in lines if "secret" in line]
    events = [event_of(line) for line in lines]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)", event["time"]) for event in events)
    number = {event["nick"]: event["connection"] for event in events if event["event"] == "registered"}
    logged = lambda **wanted: any(wanted.items() <= event.items() for event in events)
    assert logged(event="registered", connection=number["alice"], nick="alice", address="127.0.0.1", level="info")
    assert logged(event="joined", connection=number["alice"], nick="alice", channel="#lobby")
    assert logged(event="nick changed", connection=number["bob"], nick="rob", before="bob")
    assert logged(event="left", connection=number["bob"], nick="rob", reason="Quit", level="info")
    assert logged(event="left", address="127.0.0.1", reason="Password incorrect", level="warning")
    about_clients = {"connected", "registered", "joined", "parted", "kicked", "nick changed", "left"}
    assert all("connection" in event for event in events if event["event"] in about_clients)


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_a_client_says_cannot_control_the_terminal_that_shows_the_log(server, form):
    here = server(log_format=form)
    alice = here.client("alice", "#lobby")
    alice.send("QUIT :bye \x1b[2J \x07 \x0b \x0c \x7f \u0085 \u009b2J end")
    alice.rest()
    here.terminate()
    assert not set(here.log()) - {"\n"} & set(map(chr, (*range(32), *range(127, 160))))


def test_its_first_lines_say_what_runs_and_what_was_set_in_vain(server, database):
    url = database.url.replace("troupe@", "troupe:hunter2@")
    variables = {"TROUPE_MAX_CONNECTION": "hunter2", "TROUPE_ROOM": "#tea", "TROUPE_SENDQ": "20000"}
    here = server(env=variables, database=url, log_format="json", rate="5:20")
    events = [event_of(line) for line in here.log().splitlines()]
    started = next(event for event in events if event["event"] == "started")
    assert started["database"] == database.url
    assert re.fullmatch(r"troupe-[\d.]+", started["version"])
    assert {"sendq": 20000, "rate": 5, "burst": 20, "tls": False}.items() <= started.items()
    assert {"max_connections", "max_per_address", "durability"} <= set(started)
    assert [event["variable"] for event in events if event["level"] == "warning"] == ["TROUPE_MAX_CONNECTION"]
    assert "hunter2" not in here.log()


def test_a_health_check_is_no_client_in_the_log(server):
    here = server()
    before = here.log()
    for _ in range(3):
        subprocess.run([ROOT / "scripts/healthcheck", str(here.port)], check=True, timeout=5)
    here.client("alice").close()
    until(lambda: "left connection=" in here.log(), "alice has left")
    events = [event_of(line)["event"] for line in here.log().removeprefix(before).splitlines()]
    assert events == ["registered", "left"]


def test_debug_tells_of_batches_commits_and_recalls(server, database):
    for _ in range(2):  # the second one has a past to ask for
        here = server(log_level="debug", database=database.url)
        alice = here.client("alice", "#lobby")
        alice.say("#lobby", "hello")
        alice.sync()
        here.terminate()
    events = [event_of(line) for line in here.log().splitlines()]
    named = lambda name: [event for event in events if event["event"] == name]
    assert any(event["messages"] == 1 and event["us"] > 0 for event in named("committed"))
    assert any(event["items"] > 0 for event in named("batch sealed"))
    # What is said meanwhile may be found with it: joining waits for no past.
    assert any(event["messages"] in (1, 2) and event["answered"] == "true" for event in named("recalled"))


@pytest.mark.parametrize("level, expected", [("warn", []), ("warning", []), ("info", ["started"])])
def test_a_log_level_is_the_least_that_is_logged(server, level, expected):
    here = server(log_level=level)
    here.client("alice")
    assert [event_of(line)["event"] for line in here.log().splitlines()][:1] == expected


def test_log_level_off_logs_nothing(server):
    here = server(log_level="off")
    here.client("alice", "#lobby")
    here.terminate()
    assert here.log() == ""
