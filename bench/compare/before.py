"""An earlier version of ours, built from its commit, to be compared with this one."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from .process import Failed

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "troupe-server"
_GIT = ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT)]


def _run(what, argv, **options):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode != 0:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-3:]
        raise Failed(f"{what}: {' / '.join(last) or f'status {done.returncode}'}")
    return done.stdout.strip()


def resolve(commit):
    """A commit's full name."""
    return _run(f"--before {commit}", [*_GIT, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}"])


def build(commit, cache=ROOT / "build/before"):
    """The directory of the server as it was at this commit (its full name), which is built once."""
    kept = Path(cache) / commit
    if (kept / PROGRAM).exists():
        return kept
    print(f"building the version of {commit[:12]}", flush=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    _run("git worktree", [*_GIT, "worktree", "prune"])
    with tempfile.TemporaryDirectory(dir=kept.parent) as directory:
        tree = Path(directory) / "tree"
        _run("git worktree", [*_GIT, "worktree", "add", "--detach", str(tree), commit])
        try:
            _run(f"building {commit[:12]}", [str(tree / "scripts/build"), "release", "--target", PROGRAM])
            made = Path(tempfile.mkdtemp(dir=kept.parent))
            shutil.copy2(tree / "build/release/bin" / PROGRAM, made / PROGRAM)
            made.chmod(0o755)
            made.rename(kept)
        finally:
            subprocess.run([*_GIT, "worktree", "remove", "--force", str(tree)], capture_output=True)
    return kept
