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
