"""One writer per local dataset."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class DatasetLocked(Exception):
    """Another process writes to the dataset."""


@contextmanager
def only_writer(output: str, state_dir: Path) -> Iterator[None]:
    """Holds the dataset's lock for the time of a `with` block.

    Args:
        output: The dataset, as the message names it.
        state_dir: The dataset's `_state/`; made if absent.

    Raises:
        DatasetLocked: Another process holds the lock.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(state_dir / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise DatasetLocked(
            f"{output} is being written by another newsbeam (lock: {state_dir / 'lock'})."
            " Wait for it, or give another --output."
        ) from None
    try:
        yield
    finally:
        lock.release()
