"""People at their terminals: `troupe`, irssi and weechat, each in a window of tmux."""

import os
import re
import shutil

import pytest

import terminal
from server import BIN, free_port
from waiting import until

TROUPE = BIN / "troupe"

pytestmark = pytest.mark.skipif(terminal.missing() is not None, reason=str(terminal.missing()))

needs_irssi = pytest.mark.skipif(not shutil.which("irssi"), reason="irssi is not installed")


@pytest.fixture
def tmux():
    with terminal.Tmux() as windows:
        yield windows


@pytest.fixture
def troupe(tmux):
    """Starts `troupe` in a window, and waits for its prompt."""

    def start(server, nick, *arguments, **window):
        made = tmux.window(TROUPE, "--port", server.port, "--username", nick, *arguments, **window)
        made.expect(r"^\[#lobby\]$")
        return made

    return start


# -- troupe


def test_at_a_terminal_people_talk_and_leave(server, troupe):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = troupe(here, "carol")
    carol.enter("hello, bob")
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :hello, bob$")
    carol.expect(r"^\d\d:\d\d <carol> hello, bob$")
    carol.enter("send and once more")
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :and once more$")
    bob.say("#lobby", "hello, carol")
    carol.expect(r"^\d\d:\d\d <bob> hello, carol$")
    carol.expect_last("[#lobby]")
    carol.enter("leave")
    bob.expect(r"^:carol!\S+ QUIT :")
    carol.expect_end()


@pytest.mark.parametrize("keys", [["C-d"], ["C-c"]])
def test_ctrl_d_and_ctrl_c_leave_as_well_and_the_terminal_is_as_it_was(server, tmux, keys):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = tmux.window("sh", "-c", f"trap : INT; {TROUPE} --port {here.port} --username carol && stty -a")
    carol.expect(r"^\[#lobby\]$")
    carol.press(*keys)
    bob.expect(r"^:carol!\S+ QUIT :")
    carol.expect_end()
    assert re.search(r"(^|\s)icanon\b", carol.expect(r".*\bicanon\b.*")[0])
    assert re.search(r"(^|\s)echo\b", carol.expect(r".*\becho\b.*")[0])


def test_messages_that_arrive_while_a_line_is_typed_do_not_mangle_it(server, troupe):
    here = server(rate=0)
    bob = here.client("bob", "#lobby")
    carol = troupe(here, "carol", height=80)
    for n, word in enumerate("this is a line that takes long to type".split()):
        bob.send(*(f"PRIVMSG #lobby :interruption {n} {part} of six" for part in range(6)))
        carol.type(word + " ")
    bob.say("#lobby", "that was all")
    carol.expect(r"^\d\d:\d\d <bob> that was all$")
    carol.expect_last("[#lobby] this is a line that takes long to type")
    shown = [re.sub(r"^\d\d:\d\d ", "", line) for line in carol.screen() if "interruption" in line]
    assert shown == [f"<bob> interruption {n} {part} of six" for n in range(9) for part in range(6)]

    carol.enter("after all")
    assert bob.expect(r" PRIVMSG #lobby :(.*)")[1] == "this is a line that takes long to type after all"
    carol.expect(r"^\d\d:\d\d <carol> this is a line that takes long to type after all$")
    carol.expect_last("[#lobby]")


def test_a_line_longer_than_the_window_and_a_smaller_window_do_not_mangle_it_either(server, troupe):
    here = server(rate=0)
    bob = here.client("bob", "#lobby")
    carol = troupe(here, "carol", width=40, height=30)
    text = " ".join(f"word{n}" for n in range(15))
    carol.type(text)
    bob.say("#lobby", "first")
    carol.expect(r"^\d\d:\d\d <bob> first$")
    carol.resize(60, 30)
    bob.say("#lobby", "second")
    carol.expect(r"^\d\d:\d\d <bob> second$")
    carol.press("Enter")
    assert bob.expect(r" PRIVMSG #lobby :(.*)")[1] == text
    carol.expect_last("[#lobby]")


def test_a_line_can_be_edited_and_the_ones_before_come_back(server, troupe):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = troupe(here, "carol")
    carol.type("helo wörld")
    carol.press("Left", "BSpace")
    carol.type("L")
    carol.press("Home", "Right", "Right")
    carol.type("l")
    carol.expect_last("[#lobby] hello wörLd")
    carol.press("Enter")
    assert bob.expect(r" PRIVMSG #lobby :(.*)")[1] == "hello wörLd"
    carol.enter("second")
    bob.expect(r" PRIVMSG #lobby :second$")
    carol.press("Up", "Up")
    carol.expect_last("[#lobby] hello wörLd")
    carol.press("Enter")
    assert bob.expect(r" PRIVMSG #lobby :(.*)")[1] == "hello wörLd"


def test_the_commands_do_what_they_say(server, troupe):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = troupe(here, "carol")
    carol.enter("/me waves")
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :\x01ACTION waves\x01$")
    carol.expect(r"^\d\d:\d\d \* carol waves$")
    bob.send("MODE #lobby -t")
    carol.enter("/topic Tea at five")
    bob.expect(r"^:carol!\S+ TOPIC #lobby :Tea at five$")
    carol.enter("/nick dora")
    bob.expect(r"^:carol!\S+ NICK :?dora$")
    carol.expect(r"carol is now known as dora$")
    carol.enter("/nick bob")
    carol.expect(r"!! .*bob.* in use")
    carol.enter("/whois bob")
    carol.expect(r"-- bob \(bob@127\.0\.0\.1\): Bob Real$")
    carol.enter("/list")
    carol.expect(r"-- #lobby \(2\) Tea at five$")
    carol.enter("/msg bob psst")
    bob.expect(r"^:dora!\S+ PRIVMSG bob :psst$")
    carol.enter("/join #tea")
    carol.expect(r"^\[#tea\]$")
    carol.enter("/part")
    carol.expect_last("[#lobby]")
    carol.enter("/no-such-command")
    carol.expect(r"!! .*no-such-command")
    carol.enter("/help")
    carol.expect(r"/whois <name>")
    carol.enter("/exit")
    carol.expect_end()


def test_names_are_coloured_unless_no_color_is_set(server, troupe):
    here = server()
    bob = here.client("bob", "#lobby")
    coloured = troupe(here, "carol")
    plain = troupe(here, "dora", NO_COLOR="1")
    bob.say("#lobby", "how do I look?")
    for window in (coloured, plain):
        window.expect(r"<bob> how do I look\?$")
    assert any(re.search(r"\x1b\[[\d;]*m.*bob", line) for line in coloured.screen(colours=True))
    assert not any("\x1b" in line for line in plain.screen(colours=True))


def test_it_reconnects_and_says_so(server, troupe):
    here = server()
    carol = troupe(here, "carol")
    here.kill()
    carol.expect(r"!! connection lost: .* trying again in 1 s$")
    carol.expect_last("[no connection]")
    again = server(listen=f"127.0.0.1:{here.port}")
    bob = again.client("bob", "#lobby")
    carol.expect_last("[#lobby]")
    carol.enter("here I am again")
    bob.expect(r"^:carol!\S+ PRIVMSG #lobby :here I am again$")


def test_at_a_terminal_what_is_in_the_way_ends_it_with_one_line(server, tmux):
    here = server()
    here.client("carol")
    taken = tmux.window(TROUPE, "--port", here.port, "--username", "carol")
    taken.expect(r"^troupe: .*carol.*taken")
    taken.expect_end(3)
    refused = tmux.window(TROUPE, "--port", free_port(), "--username", "carol")
    refused.expect(r"^troupe: cannot connect")
    refused.expect_end(1)


# -- irssi and weechat


# It would wait for two seconds between commands.
IRSSI_SETTINGS = 'settings = { "irc/core" = { cmd_queue_speed = "10msec"; cmds_max_at_once = "100"; }; };\n'


@pytest.fixture
def irssi(tmux, tmp_path):
    """Starts irssi in a window, and joins #lobby."""

    def start(server, nick):
        home = tmp_path / f"irssi-{nick}"
        home.mkdir()
        (home / "config").write_text(IRSSI_SETTINGS)
        where = ["--connect", server.host, "--port", server.port]
        made = tmux.window("irssi", "--home", home, *where, "--nick", nick)
        made.expect(r"Welcome to Troupe")
        made.enter("/join #lobby")
        made.expect(rf"{nick} \[.*\] has joined #lobby")
        return made

    return start


@needs_irssi
def test_irssi_joins_speaks_and_leaves(server, irssi):
    here = server()
    bob = here.client("bob", "#lobby")
    ann = irssi(here, "ann")
    bob.expect(r"^:ann!\S+ JOIN :?#lobby$")
    ann.enter("hello from irssi")
    bob.expect(r"^:ann!\S+ PRIVMSG #lobby :hello from irssi$")
    bob.say("#lobby", "hello to irssi")
    ann.expect(r"< ?@?bob> hello to irssi")
    ann.enter("/topic Tea at five")
    ann.enter("/part #lobby good night")
    bob.expect(r"^:ann!\S+ PART #lobby :good night$")
    ann.enter("/quit")
    ann.expect_end()


@needs_irssi
def test_two_irssi_windows_and_one_troupe_chat_and_killing_one_frees_its_name(server, irssi, troupe):
    here = server()
    ann, ben, carol = irssi(here, "ann"), irssi(here, "ben"), troupe(here, "carol")
    ann.expect(r"carol \[.*\] has joined #lobby")
    ann.enter("ann speaks")
    ben.expect(r"< ?@?ann> ann speaks")
    carol.expect(r"<ann> ann speaks$")
    carol.enter("carol speaks")
    for window in (ann, ben):
        window.expect(r"< ?@?carol> carol speaks")

    ann.kill()
    ben.expect(r"ann \[.*\] has quit")
    carol.expect(r"-- ann quit")
    carol.enter("/nick ann")
    ben.expect(r"carol is now known as ann")

    carol.enter("/nick carol")
    ben.expect(r"ann is now known as carol")
    carol.kill()
    ben.expect(r"carol \[.*\] has quit")
    here.client("ann", "#lobby")
    here.client("carol", "#lobby")


class Weechat:
    """Weechat takes its commands from a pipe here, and writes what it shows to logs: with a screen or without one."""

    PROGRAM = shutil.which("weechat-headless") or shutil.which("weechat")

    def __init__(self, tmux, directory, server, nick):
        self.directory = directory
        settings = {
            "logger.file.flush_delay": 0,
            "irc.server_default.tls": "off",  # the name since 4.0, which has it on
            "irc.server_default.ssl": "off",
            "irc.server_default.nicks": nick,
            "irc.server_default.anti_flood": 0,  # since 4.0
            "irc.server_default.anti_flood_prio_high": 0,
            "irc.server_default.anti_flood_prio_low": 0,
            "fifo.file.path": directory / "commands",
        }
        commands = [f"/set {name} {value}" for name, value in settings.items()]
        commands += [f"/server add troupe {server.host}/{server.port}", "/connect troupe"]
        arguments = [word for command in commands for word in ("--run-command", command)]
        self.window = tmux.window(self.PROGRAM, "--dir", directory, *arguments)
        until(lambda: os.path.exists(directory / "commands"), "weechat listens", explain=self.window._explain)

    def enter(self, text, buffer="irc.troupe.#lobby"):
        with open(self.directory / "commands", "w", encoding="utf-8") as pipe:
            pipe.write(f"{buffer} *{text}\n")

    def expect(self, pattern, buffer="irc.troupe.#lobby"):
        log = self.directory / "logs" / f"{buffer}.weechatlog"
        read = lambda: log.read_text(encoding="utf-8") if log.exists() else ""
        until(lambda: re.search(pattern, read(), re.MULTILINE), f"weechat shows {pattern!r}", explain=read)


@pytest.mark.skipif(not Weechat.PROGRAM, reason="weechat is not installed")
def test_weechat_joins_speaks_leaves_and_when_killed_frees_its_name(server, tmux, troupe, tmp_path):
    here = server()
    bob = here.client("bob", "#lobby")
    carol = troupe(here, "carol")
    wanda = Weechat(tmux, tmp_path / "weechat", here, "wanda")
    wanda.expect(r"Welcome to Troupe, wanda", "irc.server.troupe")
    wanda.enter("/join #lobby", "irc.server.troupe")
    bob.expect(r"^:wanda!\S+ JOIN :?#lobby$")
    wanda.expect(r"\twanda .* has joined #lobby$")
    wanda.enter("hello from weechat")
    bob.expect(r"^:wanda!\S+ PRIVMSG #lobby :hello from weechat$")
    carol.expect(r"<wanda> hello from weechat$")
    carol.enter("hello to weechat")
    wanda.expect(r"\t@?carol\thello to weechat$")

    wanda.enter("/part good night")
    bob.expect(r"^:wanda!\S+ PART #lobby :good night$")
    wanda.enter("/join #lobby", "irc.server.troupe")
    bob.expect(r"^:wanda!\S+ JOIN :?#lobby$")
    wanda.window.kill()
    bob.expect(r"^:wanda!\S+ QUIT :")
    carol.expect(r"-- wanda quit")
    here.client("wanda", "#lobby")


@pytest.mark.skipif(not Weechat.PROGRAM, reason="weechat is not installed")
def test_weechat_is_shown_on_joining_what_was_said_before(server, tmux, tmp_path):
    here = server()
    bob = here.client("bob", "#lobby")
    bob.say("#lobby", "said before")
    bob.sync()
    wanda = Weechat(tmux, tmp_path / "weechat", here, "wanda")
    wanda.expect(r"Welcome to Troupe, wanda", "irc.server.troupe")
    wanda.enter("/join #lobby", "irc.server.troupe")
    wanda.expect(r"\t@?bob\tsaid before$")
