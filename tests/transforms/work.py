"""Work for the pool's tests: it must be importable in a worker process."""

from __future__ import annotations

import os
import signal
import time


def double(number: int) -> int:
    return 2 * number


def hang(_: int) -> None:
    while True:
        time.sleep(0.01)


def hang_without_the_interpreter(_: int) -> None:
    """A regular expression that backtracks for ages: one call into C that nothing in the process can interrupt."""
    import re

    re.match(r"(a+)+$", "a" * 60 + "b")


def eat_memory(_: int) -> int:
    return len(bytearray(3 * 2**30))


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def break_down(number: int) -> None:
    raise ValueError(f"bad number {number}")
