"""A clock in a file: every process of a job reads the same time, and a test lets it run fast or holds it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

_STEP_S = 0.05


@dataclass(frozen=True)
class SharedClock:
    """Says the time that stands in a file. It pickles."""

    file: Path

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self.file.read_text())

    def set(self, now: datetime) -> None:
        """Moves the clock, for all processes at once."""
        new = self.file.with_suffix(".new")
        new.write_text(now.isoformat())
        os.replace(new, self.file)


class ClockDrive:
    """Moves a clock `factor` times as fast as the machine's for the time of a `with` block, but while it is held."""

    def __init__(self, clock: SharedClock, factor: float) -> None:
        self._clock = clock
        self._factor = factor
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._drive)

    def __enter__(self) -> ClockDrive:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    @contextmanager
    def held(self) -> Iterator[None]:
        """The clock stands for the time of a `with` block."""
        with self._lock:
            yield

    def _drive(self) -> None:
        while not self._ended.is_set():
            began = time.monotonic()
            time.sleep(_STEP_S)
            passed = time.monotonic() - began
            with self._lock:
                self._clock.set(self._clock() + timedelta(seconds=passed * self._factor))
