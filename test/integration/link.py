"""A network link of its own: two network namespaces, and between them as many bytes a second as a test says."""

import contextlib
import ctypes
import os
import shutil
import subprocess

import pytest

MTU = 1500
CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _run(*arguments):
    return subprocess.run([str(one) for one in arguments], capture_output=True, text=True)


def _enter(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Link:
    """The server's end is `host`."""

    host = "10.203.17.1"
    _other = "10.203.17.2"

    def __init__(self):
        self._server, self._client = f"troupe-s-{os.getpid()}", f"troupe-c-{os.getpid()}"

    def open(self, bytes_a_second):
        """Why there can't be one; nothing if there is."""
        commands = [
            ["ip", "netns", "add", self._server],
            ["ip", "netns", "add", self._client],
            ["ip", "link", "add", "link0", "mtu", MTU, "netns", self._server, "type", "veth",
             "peer", "name", "link1", "mtu", MTU, "netns", self._client],
        ]
        for namespace, device, address in ((self._server, "link0", self.host), (self._client, "link1", self._other)):
            commands += [["ip", "-n", namespace, "address", "add", f"{address}/30", "dev", device],
                         ["ip", "-n", namespace, "link", "set", device, "up"],
                         ["ip", "-n", namespace, "link", "set", "lo", "up"]]
        commands.append(["tc", "-n", self._server, "qdisc", "add", "dev", "link0", "root", "tbf",
                         "rate", f"{8 * bytes_a_second}bit", "burst", "16kb", "latency", "200ms"])
        for command in commands:
            done = _run(*command)
            if done.returncode:
                return f"{' '.join(map(str, command))}: {done.stderr.strip()}"
        return ""

    def close(self):
        for namespace in (self._server, self._client):
            _run("ip", "netns", "delete", namespace)

    def add(self, *addresses):
        """Gives the server's end these as well."""
        for address in addresses:
            done = _run("ip", "-n", self._server, "address", "add", address, "dev", "lo")
            assert done.returncode == 0, done.stderr

    def at_the_server(self):
        """Within this block processes are started, and sockets made, at the server's end."""
        return self._inside(self._server)

    def at_the_client(self):
        return self._inside(self._client)

    @contextlib.contextmanager
    def _inside(self, namespace):
        with open("/proc/thread-self/ns/net", "rb") as here, open(f"/run/netns/{namespace}", "rb") as there:
            _enter(there.fileno())
            try:
                yield
            finally:
                _enter(here.fileno())


def a_link(bytes_a_second):
    """A fixture's generator: a link, or a test that is skipped."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if not (shutil.which("ip") and shutil.which("tc")):
        pytest.skip("no ip and tc: Debian's package iproute2")
    made = Link()
    try:
        if reason := made.open(bytes_a_second):
            pytest.skip(f"no network namespaces here: {reason}")
        yield made
    finally:
        made.close()
