"""Compaction of one table: few large sorted files in the place of many small ones, without repeated rows.

We write the files ourselves, as the writer does: deltalake's own optimize.compact keeps neither the sort nor our file
names and versions. Readers notice nothing: new files are there before one commit puts them in the others' place, and
the old ones stay until a vacuum. Whoever is killed leaves files that no log names, which the vacuum finds; the next
compaction starts from the log again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa
from deltalake import DeltaTable

from schemas.tables import Table, in_order
from transforms.storage.dataset import Dataset, DatasetError
from transforms.storage.files import DataFile, write_file
from transforms.storage.log import LiveFile, Overtaken, live_files, replace_files
from transforms.storage.plan import PartitionPlan, plan
from transforms.storage.standing import read_file, standing_rows

_ATTEMPTS = 5
"""How often a partition is planned anew after another compaction was quicker."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What compaction did to a table, or would do.

    Attributes:
        files_before, files_after: Files that the log holds.
        bytes_before: Their size before.
        bytes_after: Their size after; None in a dry run.
        repeats: Rows left out as they repeat others.
        partitions: Partitions in which something was done.
    """

    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int | None
    repeats: int
    partitions: int


@dataclass(frozen=True, slots=True)
class _Change:
    """One partition's change, ready to be written: each output is made of the rows that stand in some files."""

    partition: date
    removed: tuple[LiveFile, ...] = ()
    outputs: tuple[tuple[LiveFile, ...], ...] = ()
    kept_rows: Mapping[str, pa.Array] = field(default_factory=dict)
    repeats: int = 0


def compact_table(dataset: Dataset, table: Table, target_bytes: int, now: datetime, *, dry_run: bool) -> Compacted:
    """Compacts a table, one commit per partition, and then writes a checkpoint of its log.

    Raises:
        DatasetError: There is no such table, it is of a newer version, or other compactions were always quicker.
    """
    log = dataset.log(table)
    _refuse_newer(dataset, table, log)
    before = live_files(log)
    planned = plan(table, before, target_bytes)
    if dry_run:
        changes = [_change(dataset, table, todo) for todo in planned]
    else:
        changes = [_compact_partition(dataset, table, log, todo.partition, target_bytes, now) for todo in planned]
        log.update_incremental()
    if planned and not dry_run:
        shorten_log(log)
    after = live_files(log)
    fewer = sum(len(change.removed) - len(change.outputs) for change in changes) if dry_run else 0
    return Compacted(
        files_before=len(before),
        files_after=len(after) - fewer,
        bytes_before=sum(file.size for file in before),
        bytes_after=None if dry_run else sum(file.size for file in after),
        repeats=sum(change.repeats for change in changes),
        partitions=len(planned),
    )


def shorten_log(log: DeltaTable) -> None:
    """Writes a checkpoint, from which the log opens fast, and deletes the log's entries that are past their time."""
    log.create_checkpoint()
    log.cleanup_metadata()


def _refuse_newer(dataset: Dataset, table: Table, log: DeltaTable) -> None:
    known = set(table.log_schema.names)
    if unknown := [column.name for column in log.schema().fields if column.name not in known]:
        raise DatasetError(
            f"{dataset.root}: table {table.name} has a column {unknown[0]!r} that this newsbeam does not know, and"
            " would lose. Compact it with the version that wrote it."
        )


def _compact_partition(
    dataset: Dataset, table: Table, log: DeltaTable, day: date, target_bytes: int, now: datetime
) -> _Change:
    """Compacts one partition and gives what was changed; an empty change where nothing is to be done any more."""
    reason = ""
    for _ in range(_ATTEMPTS):
        log.update_incremental()
        planned = [todo for todo in plan(table, live_files(log), target_bytes) if todo.partition == day]
        if not planned:
            return _Change(day)
        change = _change(dataset, table, planned[0])
        new = _write(dataset, table, change)
        # The same rows give the same file: it stays as it is, and only the others go.
        same = {file.path for file in change.removed} & {file.path for file in new}
        try:
            replace_files(
                log,
                [file for file in change.removed if file.path not in same],
                [file for file in new if file.path not in same],
                now,
            )
            return change
        except Overtaken as overtaken:
            reason = str(overtaken)
    raise DatasetError(
        f"{dataset.root}: table {table.name} could not be committed {_ATTEMPTS} times, most likely as another"
        f" compaction runs ({reason}). Nothing is lost; run one at a time."
    )


def _change(dataset: Dataset, table: Table, planned: PartitionPlan) -> _Change:
    """Finds the rows that stand. A file that is to stay is written anew too if some of its rows repeat others."""
    files = planned.files
    kept_rows = standing_rows(dataset, table, files)
    repeated = {file.path: file.rows - len(kept_rows[file.path]) for file in files}
    outputs = (*planned.bins, *((file,) for file in planned.others if repeated[file.path]))
    return _Change(
        partition=planned.partition,
        removed=(*(file for group in outputs for file in group), *planned.dropped),
        outputs=tuple(group for group in outputs if any(len(kept_rows[file.path]) for file in group)),
        kept_rows=kept_rows,
        repeats=sum(repeated.values()),
    )


def _write(dataset: Dataset, table: Table, change: _Change) -> list[DataFile]:
    filesystem, folder = dataset.place.filesystem, dataset.folder(table)
    return [
        write_file(filesystem, folder, table, _merged(dataset, table, change, group), change.partition)
        for group in change.outputs
    ]


def _merged(dataset: Dataset, table: Table, change: _Change, group: Sequence[LiveFile]) -> pa.Table:
    names = table.schema.names
    parts = [read_file(dataset, table, file, names).take(change.kept_rows[file.path]) for file in group]
    return in_order(table, pa.concat_tables(parts))
