"""A terminal with a program in it: a window of a tmux server that nobody else uses."""

import contextlib
import itertools
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from server import environment
from waiting import DEADLINE, until

SETTINGS = "set -g status off\nset -g default-terminal screen-256color\n"

# Runs a program and says how it ended, so that its last words can be read until the window is closed. (What tmux says
# of a program that has ended is not always true: up to 3.3a it misses the end of some.)
LAUNCHER = """trap : INT; sh -c 'echo $$ >"$0"; exec "$@"' "$@"; echo "ended with status $?"; exec cat"""

def missing():
    """Why there can be no terminal, if so."""
    return None if shutil.which("tmux") else "tmux is not installed"


class Tmux:
    """The server and its windows; gone at the end of a `with`."""

    def __enter__(self):
        # Not a test's own directory, whose name may be too long for a socket.
        self._directory = pathlib.Path(tempfile.mkdtemp(prefix="troupe-tmux-"))
        (self._directory / "settings").write_text(SETTINGS)
        self._windows = itertools.count()
        return self

    def __exit__(self, *_):
        sessions = {int(pid) for pid in self.call("list-panes", "-a", "-F", "#{pane_pid}", check=False).split()}
        self.call("kill-server", check=False)
        for pid_file in self._directory.glob("*.pid"):
            # A program may survive its terminal: weechat-headless does.
            with contextlib.suppress(ProcessLookupError, ValueError):
                pid = int(pid_file.read_text())
                if os.getsid(pid) in sessions:
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self._directory)

    def window(self, program, *arguments, width=100, height=40, **variables):
        """Starts a program in a window of its own, with these environment variables."""
        name = f"window{next(self._windows)}"
        pid_file = self._directory / f"{name}.pid"
        size = ["-x", str(width), "-y", str(height)]
        settings = [word for pair in variables.items() for word in ("-e", "=".join(pair))]
        command = ["sh", "-c", LAUNCHER, "sh", pid_file, program, *arguments]
        self.call("new-session", "-d", "-s", name, *size, *settings, "--", *map(str, command))
        return Window(self, name, pid_file)

    def call(self, *arguments, check=True):
        variables = environment(LC_ALL="C.UTF-8", TERM="xterm-256color")
        variables.pop("TMUX", None)
        variables.pop("NO_COLOR", None)
        done = subprocess.run(
            ["tmux", "-u", "-S", self._directory / "socket", "-f", self._directory / "settings", *arguments],
            env=variables,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout


class Window:
    def __init__(self, tmux, name, pid_file):
        self._tmux = tmux
        self._target = f"={name}:"
        self._pid_file = pid_file

    def type(self, text):
        self._tmux.call("send-keys", "-t", self._target, "-l", "--", text)

    def press(self, *keys):
        """Keys by their names: Enter, Left, C-c, …"""
        self._tmux.call("send-keys", "-t", self._target, *keys)

    def enter(self, text):
        self.type(text)
        self.press("Enter")

    def resize(self, width, height):
        self._tmux.call("resize-window", "-t", self._target, "-x", str(width), "-y", str(height))

    def screen(self, colours=False):
        """What can be seen: its lines, the empty ones at the end left out."""
        escapes = ["-e"] if colours else []
        lines = self._tmux.call("capture-pane", "-p", *escapes, "-t", self._target).split("\n")
        while lines and not lines[-1].strip():
            lines.pop()
        return [line.rstrip() for line in lines]

    def expect(self, pattern):
        """Waits until a line can be seen in which the regular expression is found; returns the match."""
        found = lambda: next(filter(None, (re.search(pattern, line) for line in self.screen())), None)
        return until(found, f"a line with {pattern!r} can be seen", explain=self._explain)

    def expect_last(self, line):
        """Waits until this is the last line that can be seen."""
        until(lambda: self.screen()[-1:] == [line], f"the last line is {line!r}", explain=self._explain)

    def expect_end(self, status=0):
        """Waits until the program has ended with this status."""
        self.expect(rf"^ended with status {status}$")

    def kill(self):
        """Kills the program as -9 does."""
        os.kill(int(self._pid_file.read_text()), signal.SIGKILL)

    def _explain(self):
        return "the screen was\n  " + "\n  ".join(self.screen())
