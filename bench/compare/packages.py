"""Installs other servers from Debian, without any of them being started."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from .process import Failed

_POLICY = Path("/usr/sbin/policy-rc.d")


def available(package):
    """Whether Debian has it here."""
    shown = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True)
    return "Candidate:" in shown.stdout and "Candidate: (none)" not in shown.stdout


@contextlib.contextmanager
def _no_service_starts(as_root):
    """Debian starts the service of a package that it installs, unless this file says no."""
    mine = not _POLICY.exists()
    if mine:
        subprocess.run([*as_root, "install", "-m", "755", "/dev/stdin", str(_POLICY)], check=True,
                       input="#!/bin/sh\nexit 101\n", text=True)
    try:
        yield
    finally:
        if mine:
            subprocess.run([*as_root, "rm", "-f", str(_POLICY)], check=True)


def install(packages):
    """Installs them; none of their services runs afterwards, nor after the machine's next start."""
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    if as_root and not shutil.which("sudo"):
        raise Failed(f"neither root nor sudo to install it with: {' '.join(packages)}")
    print(f"installing from Debian: {' '.join(packages)}", flush=True)
    apt_get = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    with _no_service_starts(as_root):
        run = None
        for _ in range(2):
            run = subprocess.run([*apt_get, "install", "--no-install-recommends", *packages],
                                 stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if run.returncode == 0:
                break
            subprocess.run([*apt_get, "update"], capture_output=True)
        if run.returncode != 0:
            raise Failed(f"could not install {' '.join(packages)}: {run.stderr.strip()[-500:]}")
    if Path("/run/systemd/system").exists():
        subprocess.run([*as_root, "systemctl", "disable", "--now", *packages], capture_output=True)
