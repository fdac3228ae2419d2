"""A wall clock for the server alone, which can be stepped."""

import os
import struct
import subprocess
import time
from pathlib import Path


class Clock:
    """The server's wall clock: its offset from ours is in a file that a library of ours, loaded into the server,
    looks into. The monotonic clock is not touched."""

    REMEMBERED = 20  # seconds: how old a message may be when it is shown

    def __init__(self, directory):
        self.file = directory / "clock"
        self.file.write_bytes(bytes(8))
        self.steps = [(time.monotonic(), 0.0)]  # (since when, seconds ahead)
        library = directory / "clock.so"
        compile = [os.environ.get("CXX", "c++"), "-std=c++20", "-O1", "-shared", "-fPIC", "-o", library,
                   Path(__file__).with_name("clock.cpp")]
        try:
            self.works = subprocess.run(compile, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            self.works = False
        # A sanitizer wants to come first; nothing that it watches is in the library.
        asan = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0")))
        self.environment = {"LD_PRELOAD": str(library), "SOAK_CLOCK": str(self.file),
                            "ASAN_OPTIONS": asan} if self.works else {}

    def step(self, ahead):
        """It is so many seconds ahead from now on."""
        with open(self.file, "r+b", buffering=0) as file:
            file.write(struct.pack("=q", round(ahead * 1e9)))
        self.steps.append((time.monotonic(), ahead))

    def latest(self):
        """The latest time that it has shown of late, in seconds since 1970."""
        since = time.monotonic() - self.REMEMBERED
        while len(self.steps) > 1 and self.steps[1][0] < since:
            self.steps.pop(0)
        return time.time() + max(ahead for _, ahead in self.steps)
