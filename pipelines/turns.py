"""Who may commit: slices of a run overlap, and are placed and committed one after the other, in the order they began.

The steps of a graph know their slice by a token alone. In a process that nobody told of it, as in a runner's worker, a
slice commits when it is ready.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Lock

_committing = Lock()
_before: dict[str, Future[None] | None] = {}


def line_up(token: str, after: Future[None] | None) -> None:
    """Has the slice of a token commit after the end of another one's run."""
    _before[token] = after


@contextmanager
def commit_turn(token: str) -> Iterator[None]:
    """The turn to commit, for the slice of a token; waits for the slice before it."""
    before = _before.pop(token, None)
    if before is not None:
        wait([before])
    with _committing:
        yield
