"""Compaction of a whole dataset: every table, then what no reader needs any more is deleted.

It takes no lock: the log decides between it and writers (`watch` may go on) and between two compactions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.tables import TABLES
from transforms.storage.compact import Compacted, compact_table
from transforms.storage.dataset import Dataset
from transforms.storage.vacuum import delete_leftovers, find_leftovers


@dataclass(frozen=True, slots=True)
class TableReport:
    """What was done to one table, or would be.

    Attributes:
        vacuumed: Files deleted.
        vacuumed_bytes: Their size.
    """

    table: str
    compacted: Compacted
    vacuumed: int
    vacuumed_bytes: int

    def line(self) -> str:
        """The report as a person reads it."""
        done = self.compacted
        size = _size(done.bytes_before)
        if done.bytes_after is not None:
            size = f"{size} -> {_size(done.bytes_after)}"
        return (
            f"{self.table}: {done.files_before} files -> {done.files_after}, {size},"
            f" {done.repeats} repeated rows left out, {self.vacuumed} old files deleted ({_size(self.vacuumed_bytes)})"
        )


def compact_dataset(
    dataset: Dataset, target_bytes: int, retention: timedelta, clock: Callable[[], datetime], *, dry_run: bool
) -> Iterator[TableReport]:
    """Mends, compacts and vacuums table after table and reports each.

    Args:
        target_bytes: Size that files grow to.
        retention: How long a replaced file stays.
        clock: Gives the time, in UTC.
        dry_run: Change nothing, and report what would be done.

    Raises:
        transforms.storage.dataset.DatasetError: There is no dataset, or it cannot be compacted.
        OSError: The disk or the store refused something.
    """
    for table in TABLES.values():
        if not dry_run:
            dataset.mend(table)
        compacted = compact_table(dataset, table, target_bytes, clock(), dry_run=dry_run)
        leftovers = find_leftovers(dataset, table, retention, clock())
        gone = leftovers if dry_run else delete_leftovers(dataset, leftovers)
        yield TableReport(table.name, compacted, len(gone), sum(file.size for file in gone))


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
