"""Which files of a table compaction puts together. Decisions only: nothing is read or written here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.tables import Table
from transforms.storage.log import LiveFile

TARGET_BYTES = 128 * 1024 * 1024
"""Size that files grow to. One is read, sorted and written in memory, which takes several times as much."""

_FULL = 0.5
"""A file of at least this share of the target is left as it is, so that a long day is not written anew each time."""


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """What becomes of one partition.

    Attributes:
        bins: Files to put together, one new file for each bin.
        others: Files that stay, unless they hold repeats of rows in other files.
        dropped: Files without rows that the table does not need.
    """

    partition: date
    bins: tuple[tuple[LiveFile, ...], ...]
    others: tuple[LiveFile, ...]
    dropped: tuple[LiveFile, ...]

    @property
    def files(self) -> tuple[LiveFile, ...]:
        """All files with rows, in a fixed order."""
        return (*(file for group in self.bins for file in group), *self.others)


def plan(table: Table, live: Sequence[LiveFile], target_bytes: int) -> list[PartitionPlan]:
    """The partitions in which something is to be done, by date.

    Files are put together where a partition has several small ones. A file that lies in another partition than its
    rows belong to, as an earlier version wrote the small tables by the day, is moved. One file without rows is kept
    where a table has no others: bare readers need a schema.
    """
    with_rows = [file for file in live if file.rows]
    empty = [file for file in live if not file.rows]
    if not with_rows:
        empty = empty[1:]
    found = []
    for day in sorted({table.partition_of(file.partition) for file in live}):
        made = _plan_partition(
            day,
            [file for file in with_rows if table.partition_of(file.partition) == day],
            [file for file in empty if table.partition_of(file.partition) == day],
            target_bytes,
        )
        if made.bins or made.dropped:
            found.append(made)
    return found


def _plan_partition(
    day: date, with_rows: Sequence[LiveFile], empty: Sequence[LiveFile], target_bytes: int
) -> PartitionPlan:
    small = [file for file in with_rows if file.size < _FULL * target_bytes or file.partition != day]
    bins = [group for group in _pack(small, target_bytes) if len(group) > 1 or group[0].partition != day]
    moved = {file.path for group in bins for file in group}
    others = [file for file in with_rows if file.path not in moved]
    return PartitionPlan(day, tuple(bins), tuple(others), tuple(empty))


def _pack(files: Iterable[LiveFile], target_bytes: int) -> list[tuple[LiveFile, ...]]:
    """Files in groups of at most the target, the smallest first, so that what comes in bit by bit is one group."""
    groups: list[tuple[LiveFile, ...]] = []
    group: list[LiveFile] = []
    for file in sorted(files, key=lambda file: (file.size, file.path)):
        if group and sum(f.size for f in group) + file.size > target_bytes:
            groups.append(tuple(group))
            group = []
        group.append(file)
    return [*groups, tuple(group)] if group else groups
