"""What stands around the programs: scripts, and what a checkout keeps to itself."""

import os
import shutil
import subprocess

import pytest

from server import BIN, ROOT

GIT = ["git", "-c", "safe.directory=*", "-c", "user.name=test", "-c", "user.email=test@example.org"]

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def listing(directory):
    return {entry.name for entry in os.scandir(directory)}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no checkout")
def test_passwords_and_messages_are_never_committed():
    mine = ".env .env.local troupe.db troupe.db-wal troupe.db-shm troupe-spool.db troupe-spool.db.home chat.sqlite troupe.dump"
    mine = mine.split() + ["before-upgrade.dump", "docker-compose.override.yml", "data/other.db", "docs/.env"]
    ignored = subprocess.run([*GIT, "check-ignore", *mine], cwd=ROOT, capture_output=True, text=True).stdout.split()
    assert ignored == mine
    tracked = subprocess.run([*GIT, "ls-files", "-ci", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    assert tracked.stdout == ""


def test_passwords_and_messages_never_get_into_an_image():
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    for pattern in ("**/.env", "**/.env.*", "**/*.db", "**/*.db-*", "**/*.db.*", "**/*.dump", "docker-compose*.yml", ".git"):
        assert pattern in ignored


def test_the_smoke_test_leaves_nothing_behind():
    if BIN.parent.parent != ROOT / "build":
        pytest.skip("the programs are not this checkout's")
    before = listing(ROOT)
    done = subprocess.run([ROOT / "scripts/smoke", BIN.parent.name], capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    assert listing(ROOT) == before


@pytest.fixture
def commit(tmp_path):
    """A checkout with the hook, and scripts that only say that they were called: commits files, returns what was."""
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    calls = tmp_path / "calls"
    for name in ("build", "lint"):
        (scripts / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{calls}\n')
        (scripts / name).chmod(0o755)
    subprocess.run([*GIT, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*GIT, "config", "core.hooksPath", ROOT / "scripts/hooks"], cwd=tmp_path, check=True)

    def commit(*files):
        calls.write_text("")
        for name in files:
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(os.urandom(8).hex())
        subprocess.run([*GIT, "add", "--", *files], cwd=tmp_path, check=True)
        subprocess.run([*GIT, "commit", "-q", "-m", "x"], cwd=tmp_path, check=True)
        return calls.read_text().splitlines()

    return commit


def test_a_commit_of_documentation_alone_builds_nothing(commit):
    assert commit("README.md", "docs/operations.md", "LICENSE") == []


@pytest.mark.parametrize("file", ["main.cpp", "CMakeLists.txt", "scripts/run", "docs/diagram.py", "md"])
def test_a_commit_of_anything_else_is_built_and_linted(commit, file):
    calls = commit(file, "README.md")
    assert calls[-2:] == ["build release", "lint"]
    assert (calls[0] == "lint format main.cpp") == (file == "main.cpp")


@pytest.fixture
def lint(tmp_path):
    """A checkout with these files; returns what `scripts/lint CHECK` says of it, nothing if it is content."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/lint", tmp_path / "scripts/lint")
    subprocess.run([*GIT, "init", "-q"], cwd=tmp_path, check=True)

    def lint(check, files):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        subprocess.run([*GIT, "add", "-A"], cwd=tmp_path, check=True)
        done = subprocess.run([tmp_path / "scripts/lint", check], capture_output=True, text=True)
        assert done.returncode == (1 if done.stderr else 0)
        return done.stderr

    return lint


@pytest.mark.parametrize("file, include", [
    ("chat/room.cpp", '"actors/interfaces.hpp"'),
    ("chat/commands/join.hpp", '"net/wire.hpp"'),
    ("chat/room.cpp", "<caf/all.hpp>"),
    ("protocol/names.hpp", '"log/log.hpp"'),
    ("db/store.cpp", '"chat/room.hpp"'),
    ("net/wire.cpp", '"actors/connection.hpp"'),
    ("net/wire.cpp", '"chat/session.hpp"'),
    ("actors/room.cpp", '"server/options.hpp"'),
    ("client/main.cpp", '"db/message_log.hpp"'),
    ("server/main.cpp", '"test/main.hpp"'),
])
def test_an_include_up_the_layers_is_found(lint, file, include):
    said = lint("layers", {file: f"#include <string>\n# include {include}\n"})
    assert said.startswith(f"{file}: ") and include.strip('<">') in said


def test_includes_down_the_layers_are_none_of_lint_s_business(lint):
    assert lint("layers", {
        "server/main.cpp": '#include "actors/room.hpp"\n#include <caf/all.hpp>\n#include "log/log.hpp"\n',
        "actors/room.cpp": '#include "chat/room.hpp"\n#include "net/wire.hpp"\n#include "actors/interfaces.hpp"\n',
        "chat/room.cpp": '#include "db/message.hpp"\n#include "chat/user.hpp"\n#include <sys/types.h>\n',
        "client/main.cpp": '#include "protocol/names.hpp"\n',
        "test/unit/chat/room.cpp": '#include "fixture.hpp"\n#include "actors/room.hpp"\n',
    }) == ""


def test_a_source_file_of_more_than_400_lines_is_found(lint):
    assert lint("length", {"chat/room.cpp": "//\n" * 400, "docs/long.md": "x\n" * 500}) == ""
    said = lint("length", {"chat/room.cpp": "//\n" * 401, "test/test_it.py": "#\n" * 500, "scripts/it": "#!/bin/sh\n" * 401})
    assert [line.split(":")[0] for line in said.splitlines()] == ["chat/room.cpp", "test/test_it.py", "scripts/it"]
