"""Processes that are gone when this program is, however it ends."""

import contextlib
import ctypes
import signal
import socket
import subprocess
import time

_PR_SET_PDEATHSIG = 1
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_libc = ctypes.CDLL(None)


class Failed(Exception):
    """A server or a measuring did not work; the text says why."""


def free_port():
    """A TCP port of 127.0.0.1 on which nothing listens, outside those of outgoing connections."""
    for port in range(16700, 32000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Failed("no free port")


def _before_exec():
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(process):
    """Ends a process that `started` started, and waits for that."""
    for ending, patience in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        if process.poll() is None:
            process.send_signal(ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


@contextlib.contextmanager
def started(argv, directory, log, **options):
    """Runs a command beside this program, away from the terminal's signals."""
    old = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
    try:
        with open(log, "ab") as output:
            process = subprocess.Popen(
                argv, cwd=directory, stdin=subprocess.DEVNULL, stderr=output, start_new_session=True,
                preexec_fn=_before_exec, **{"stdout": output, **options})
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)
            yield process
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDINGS)
            stop(process)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


def wait_for_port(process, port, log, patience=20):
    """Waits until a started server accepts connections."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    with open(log, encoding="utf-8", errors="replace") as lines:
        last = " / ".join(line.strip() for line in lines.readlines()[-3:])
    raise Failed(f"it did not start: {last}")
