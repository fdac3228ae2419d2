"""The command-line client without a terminal, as a script uses it."""

import os
import subprocess

import pytest

from irc import texts
from server import BIN, NO_HOST, environment, free_port
from waiting import DEADLINE, until

TROUPE = BIN / "troupe"

# What `troupe --help` promises.
OK, LOST, USAGE, NAME, PASSWORD, REFUSED, OUTPUT = range(7)


def troupe(*arguments, input="", env=None):
    """Runs the client to its end."""
    return subprocess.run(
        [TROUPE, *map(str, arguments)],
        input=input,
        env=env or environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )


def complaint(ended, status):
    """The one line on standard error with which it ended."""
    assert ended.returncode == status, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert line.startswith("troupe: ")
    return line


class Running:
    """A client that runs beside the test."""

    def __init__(self, directory, *arguments):
        self._output = open(directory / f"output-{free_port()}", "w+", encoding="utf-8")
        self._errors = open(directory / f"errors-{free_port()}", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [TROUPE, *map(str, arguments)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=self._errors,
            text=True,
            bufsize=1,
        )

    def type(self, line):
        self.process.stdin.write(line + "\n")

    def lines(self):
        with open(self._output.name, encoding="utf-8") as output:
            return output.read().split("\n")[:-1]

    def expect(self, line):
        until(lambda: line in self.lines(), f"{line!r} is printed", explain=lambda: "\n".join(self.lines()))

    def end(self):
        """Ends its input, and returns how it ended."""
        self.process.stdin.close()
        return self.wait()

    def wait(self):
        status = self.process.wait(DEADLINE)
        with open(self._errors.name, encoding="utf-8") as errors:
            return subprocess.CompletedProcess(self.process.args, status, "\n".join(self.lines()), errors.read())

    def close(self):
        self.process.kill()
        self.process.wait()
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self._output.close()
        self._errors.close()


@pytest.fixture
def running(tmp_path):
    """Starts clients: `running("--port", 6667)`. They are gone after the test."""
    started = []

    def start(*arguments):
        started.append(Running(tmp_path, *arguments))
        return started[-1]

    yield start
    for client in started:
        client.close()


# -- sending


def test_a_piped_line_is_sent_and_the_client_ends_with_status_0(server):
    here = server()
    bob = here.client("bob", "#lobby")
    ended = troupe("--port", here.port, "--username", "carol", input="send hi\n")
    assert (ended.returncode, ended.stderr) == (OK, "")
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :hi$")
    bob.expect(r"^:carol!\S+ QUIT :")


def test_500_piped_lines_arrive_all_and_in_order_and_are_stored_when_it_has_ended(database, server):
    here = server(rate=0, database=database.url)
    bob = here.client("bob", "#lobby")
    lines = [f"line {n} {'x' * (n % 300)}" for n in range(500)]
    ended = troupe("--port", here.port, "--username", "carol", input="\n".join(lines))  # the last has no end
    assert (ended.returncode, ended.stderr) == (OK, "")
    assert [row["body"] for row in database.rows()] == lines
    bob.expect(r"^:carol!\S+ QUIT :")
    assert texts(bob.seen) == lines


def test_a_server_that_limits_the_rate_delays_piped_lines_and_loses_none(server):
    here = server(rate="50:20")
    bob = here.client("bob", "#lobby")
    lines = [f"{n} {'x' * 400}" for n in range(80)]
    ended = troupe("--port", here.port, "--username", "carol", input="\n".join(lines) + "\n")
    assert (ended.returncode, ended.stderr) == (OK, "")
    bob.expect(r"^:carol!\S+ QUIT :")
    assert texts(bob.seen) == lines


def test_a_text_longer_than_a_line_is_sent_in_parts_that_end_between_characters(server):
    here = server()
    bob = here.client("bob", "#lobby")
    text = "\u2615" * 500
    assert troupe("--port", here.port, "--username", "carol", input=text).returncode == OK
    bob.expect(r"^:carol!\S+ QUIT :")
    assert len(texts(bob.seen)) > 1
    assert "".join(texts(bob.seen)) == text


def test_commands_can_be_piped_as_well(server):
    here = server()
    bob = here.client("bob", "#lobby")
    bob.send("MODE #lobby -t")
    commands = "/nick dora\n/me waves\n/topic Tea at five\n/msg bob psst\n//not a command\n/join tea\nhello\n/part\nleave\nnever\n"
    ended = troupe("--port", here.port, "--username", "carol", input=commands)
    assert ended.returncode == OK, ended.stderr
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    bob.expect(r"^:carol!\S+ NICK :?dora$")
    bob.expect(r"^:dora!\S+ PRIVMSG #lobby :\x01ACTION waves\x01$")
    bob.expect(r"^:dora!\S+ TOPIC #lobby :Tea at five$")
    bob.expect(r"^:dora!\S+ PRIVMSG bob :psst$")
    bob.expect(r"^:dora!\S+ PRIVMSG #lobby :/not a command$")
    bob.expect(r"^:dora!\S+ QUIT :")
    assert not any("never" in line for line in bob.seen)


# -- receiving


def test_what_is_said_is_printed_line_by_line(server, running):
    here = server()
    bob = here.client("bob", "#lobby", "#tea")
    carol = running("--port", here.port, "--username", "carol")
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    bob.say("#lobby", "hello, carol")
    carol.expect("<bob> hello, carol")
    carol.type("send hello, bob")
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :hello, bob$")
    bob.say("#lobby", "\x01ACTION nods\x01")
    bob.say("carol", "a word with you")
    bob.send("NOTICE #lobby :take note")
    carol.expect("* bob nods")
    carol.expect("[private] <bob> a word with you")
    carol.expect("-bob- take note")
    bob.send("QUIT :good night")
    carol.expect("-- bob quit (Quit: good night)")
    assert not any("hello, bob" in line for line in carol.lines())
    assert carol.end().returncode == OK


def test_a_thousand_messages_are_printed_in_order(server, running):
    here = server(rate=0)
    bob = here.client("bob", "#lobby")
    carol = running("--port", here.port, "--username", "carol")
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    bob.send_meanwhile(*(f"PRIVMSG #lobby :{n}" for n in range(1000)))
    carol.expect("<bob> 999")
    assert [line for line in carol.lines() if line.startswith("<bob> ")] == [f"<bob> {n}" for n in range(1000)]


def test_what_others_say_cannot_control_the_terminal(server, running):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = running("--port", here.port, "--username", "carol")
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    bob.say("#lobby", "\x1b]0;title\x07 \x1b[2J \x9b31m end")
    bob.say("#lobby", "after")
    carol.expect("<bob> after")
    assert not set("".join(carol.lines())) & set(map(chr, (*range(32), *range(127, 160))))


def test_killing_a_client_frees_its_name_and_the_others_see_it_quit(server, running):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = running("--port", here.port, "--username", "carol")
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    carol.process.kill()
    bob.expect(r"^:carol!\S+ QUIT :")
    again = troupe("--port", here.port, "--username", "carol", input="back again\n")
    assert again.returncode == OK
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :back again$")


def test_a_reader_that_goes_away_does_not_leave_it_hanging(server):
    here = server()
    bob = here.client("bob", "#lobby")
    reading, writing = os.pipe()
    with subprocess.Popen(
        [TROUPE, "--port", str(here.port), "--username", "carol"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.DEVNULL,
    ) as carol:
        os.close(writing)
        bob.expect(r"^:carol!\S+ JOIN #lobby$")
        os.close(reading)
        bob.say("#lobby", "into the void")
        bob.sync()
        carol.stdin.close()
        carol.wait(DEADLINE)
    bob.expect(r"^:carol!\S+ QUIT :")


# -- options


def test_the_environment_gives_options_and_flags_win(server):
    here = server(password="open sesame")
    bob = here.client("bob", "#tea", "#lobby", password="open sesame")
    variables = environment(
        TROUPE_HOST="127.0.0.1",
        TROUPE_PORT=str(here.port),
        TROUPE_USERNAME="carol",
        TROUPE_ROOM="#tea",
        TROUPE_PASSWORD="open sesame",
    )
    assert troupe(input="by environment\n", env=variables).returncode == OK
    bob.expect(r"^:carol!\S+ PRIVMSG #tea :by environment$")
    flags = ["--username", "dora", "--room", "#lobby"]
    assert troupe(*flags, input="by flag\n", env=variables).returncode == OK
    bob.expect(r"^:dora!\S+ PRIVMSG #lobby :by flag$")


def test_help_names_every_option_and_exit_status():
    ended = troupe("--help")
    assert (ended.returncode, ended.stderr) == (OK, "")
    for word in ("--host", "--port", "--username", "--room", "--password", "TROUPE_PASSWORD", "#lobby", "Exit status"):
        assert word in ended.stdout
    for status in (OK, LOST, USAGE, NAME, PASSWORD, REFUSED):
        assert f"\n  {status}  " in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["--no-such-option"], USAGE),
        (["surplus"], USAGE),
        (["--port", "none"], USAGE),
        (["--port", "65536"], USAGE),
        (["--room", "#two words"], USAGE),
        (["--username", "two words"], NAME),
        (["--username", "x" * 31], NAME),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_said_in_one_line(arguments, status):
    complaint(troupe(*arguments), status)


# -- what is in the way: one line, and a status of its own


def test_a_refused_connection_is_said_in_one_line():
    port = free_port()
    line = complaint(troupe("--port", port, "--username", "carol", input="hello\n"), LOST)
    assert f"127.0.0.1 port {port}" in line


def test_an_unknown_host_is_said_in_one_line():
    assert NO_HOST in complaint(troupe("--host", NO_HOST, "--username", "carol"), LOST)


def test_a_taken_name_is_said_in_one_line(server):
    here = server()
    here.client("carol", "#lobby")
    assert "Carol" in complaint(troupe("--port", here.port, "--username", "Carol", input="hello\n"), NAME)


@pytest.mark.parametrize("password", [[], ["--password", "open"]], ids=["none", "wrong"])
def test_a_wrong_password_is_said_in_one_line(server, password):
    here = server(password="open sesame")
    line = complaint(troupe("--port", here.port, "--username", "carol", *password, input="hello\n"), PASSWORD)
    assert "password" in line


def test_output_to_a_full_disk_is_an_error_and_what_was_sent_is_kept(server):
    here = server()
    bob = here.client("bob", "#lobby")
    with open("/dev/full", "wb") as full:
        run = lambda *arguments, **options: subprocess.run(
            [TROUPE, *map(str, arguments)],
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=DEADLINE,
            **options,
        )
        sent = run("--port", here.port, "--username", "carol", input="send hi\n")
        bob.expect(r"^:carol!\S+ PRIVMSG #lobby :hi$")
        bob.expect(r"^:carol!\S+ QUIT :")
        asked = run("--help")
        # Its input never ends: it leaves all the same.
        reader, writer = os.pipe()
        listening = run("--port", here.port, "--username", "dave", stdin=reader)
        os.close(reader)
        os.close(writer)
    for ended in (sent, asked, listening):
        assert ended.stderr == "troupe: cannot write to standard output: No space left on device\n"
        assert ended.returncode == OUTPUT


def test_who_leaves_without_a_word_is_shown_without_empty_brackets(server, running):
    here = server()
    carol = running("--port", here.port, "--username", "carol")
    carol.expect("-- carol joined #lobby")
    bob = here.client("bob", "#lobby")
    bob.send("QUIT")
    carol.expect("-- bob quit (Quit)")


def test_a_server_that_is_full_is_said_in_one_line(server):
    here = server(max_connections=1)
    here.client("bob")
    ended = troupe("--port", here.port, "--username", "carol", input="hello\n")
    assert "Too many connections" in complaint(ended, LOST)


def test_a_room_that_lets_nobody_in_is_said_in_one_line(server):
    here = server()
    bob = here.client("bob", "#lobby")
    bob.send("MODE #lobby +i")
    bob.sync()
    assert "#lobby" in complaint(troupe("--port", here.port, "--username", "carol"), REFUSED)
    ended = troupe("--port", here.port, "--username", "carol", input="hello\n")
    assert ended.returncode == REFUSED
    assert "hello" in ended.stderr.splitlines()[1]  # it was not said


def test_a_line_that_is_refused_is_said_and_the_others_are_sent(server):
    here = server()
    bob = here.client("bob", "#lobby")
    ended = troupe("--port", here.port, "--username", "carol", input="one\n/msg nobody two\nthree\n")
    assert "nobody" in complaint(ended, REFUSED)
    bob.expect(r"^:carol!\S+ QUIT :")
    assert texts(bob.seen) == ["one", "three"]


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_a_server_that_goes_away_is_said_in_one_line(server, running, how):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = running("--port", here.port, "--username", "carol")
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    getattr(here, how)()
    ended = carol.wait()
    assert ended.returncode == LOST
    lines = ended.stderr.splitlines()
    assert f"127.0.0.1 port {here.port}" in lines[-1]
    assert len(lines) == 1


def test_a_message_that_was_not_acknowledged_is_not_taken_for_sent(postgresql, server, running):
    here = server(database=postgresql.url)
    bob = here.client("bob", "#lobby")
    carol = running("--port", here.port, "--username", "carol")
    bob.expect(r"^:carol!\S+ JOIN #lobby$")
    with postgresql.locked():
        carol.type("send is anybody there?")
        until(postgresql.someone_waits, "the commit waits for the lock")
        here.kill()
        assert "1 line" in complaint(carol.end(), LOST)
