"""Waiting for conditions: always with a deadline, never for a fixed time."""

import os
import time

# Built with sanitizers, a program is slower and larger than it promises to be.
SANITIZED = bool(os.environ.get("TROUPE_SANITIZE"))

# Seconds that one wait may take before its test fails: far more than it takes on a busy machine.
DEADLINE = 60.0 if SANITIZED else 15.0


def until(condition, what, deadline=DEADLINE, explain=lambda: ""):
    """Waits until `condition()` is true, and returns what it was. Fails with `what` and `explain()` at the deadline."""
    end = time.monotonic() + deadline
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline:g} s in vain until {what}\n{explain()}".rstrip())
        time.sleep(0.01)
