"""Waiting for conditions: always with a deadline, never for a fixed time."""

import time

# Seconds that one wait may take before its test fails: far more than it takes on a busy machine.
DEADLINE = 15.0


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
