"""Progress of long work: a bar on a terminal, plain lines where the output is piped.

The stages run on the runner's threads in this process; they call `tick`, and the display reads the count.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from types import TracebackType

_ticks = itertools.count()
_done = 0
_EVERY_S = 0.2
_PLAIN_EVERY_S = 10.0


def tick() -> None:
    """Counts one piece of work done. Any thread may call it."""
    global _done
    _done = next(_ticks) + 1


class Display:
    """Shows how much of a piece of work is done, on standard error. A context manager."""

    def __init__(self, label: str, total: int) -> None:
        self._label = label
        self._total = total
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="newsbeam-progress")

    def __enter__(self) -> Display:
        self._start = _done
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _now_done(self) -> int:
        return min(_done - self._start, self._total)

    def _watch(self) -> None:
        if sys.stderr.isatty():
            self._draw_bar()
        else:
            self._print_lines()

    def _draw_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self._label, total=self._total)
            while not self._stop.wait(_EVERY_S):
                bar.update(task, completed=self._now_done())

    def _print_lines(self) -> None:
        begin = time.monotonic()
        while not self._stop.wait(_PLAIN_EVERY_S):
            print(
                f"{self._label}: {self._now_done()} of {self._total}, {time.monotonic() - begin:.0f} s", file=sys.stderr
            )
