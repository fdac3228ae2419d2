"""What the measuring was done on, and what on it would falsify the figures."""

import ctypes
import fcntl
import os
import platform
import resource
import socket
import struct
import time
from pathlib import Path


def _text(path):
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _cpu_model():
    for line in _text("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def description():
    """One line: CPU, cores, memory, kernel, Debian's version, TCP's congestion control."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{_cpu_model()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB",
        f"Linux {platform.release()}",
        f"Debian {_text('/etc/debian_version') or '?'}",
        f"TCP {_text('/proc/sys/net/ipv4/tcp_congestion_control') or '?'}",
    ]
    if "hypervisor" in _text("/proc/cpuinfo"):
        parts.append("virtual")
    return ", ".join(parts)


def running(*names):
    """The processes with one of these names, as "name (pid)"."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        if (name := _text(directory / "comm")) in names:
            found.append(f"{name} ({directory.name})")
    return sorted(found)


def _tracks_connections():
    return _text("/proc/sys/net/netfilter/nf_conntrack_count") not in ("", "0")


def isolate():
    """Moves this process and its children to come to a network of their own, with nothing but a loopback interface,
    so that no other program's connection tracking or traffic costs them anything. Only root can; says whether."""
    clone_newnet = 0x40000000
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(clone_newnet) != 0:
        return False
    get_flags, set_flags, is_up = 0x8913, 0x8914, 1
    with socket.socket() as any_socket:
        name_and_flags = fcntl.ioctl(any_socket, get_flags, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", name_and_flags)[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags | is_up))
    return True


QUIET = 0.5  # the load of a machine that does nothing else


def wait_until_quiet(at_most=180):
    """Waits so many seconds at most for the load, which a build before may have left, to be gone."""
    end = time.monotonic() + at_most
    while os.getloadavg()[0] > QUIET and time.monotonic() < end:
        time.sleep(1)


def warnings(isolated):
    """What makes the figures of this machine, at this moment, worse or less steady than they could be."""
    found = []
    engines = running("dockerd", "containerd", "podman", "crio")
    if engines and not isolated:
        found.append(f"a container engine runs, which costs every packet some work: {', '.join(engines)}")
    if _tracks_connections():
        found.append("the kernel tracks connections (nf_conntrack), which costs every packet some work")
    if os.getloadavg()[0] > QUIET:
        found.append(f"the machine is busy with other things: its load is {os.getloadavg()[0]:.1f}")
    return found


def allow_files(wanted):
    """Lets this process and its children open so many files, or as many as they may; says how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return soft
    for limit in ((wanted, max(wanted, hard)), (hard, hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
            return limit[0]
        except (ValueError, OSError):
            continue
    return soft
