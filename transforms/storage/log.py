"""The Delta log of one table: which files are live, and the commits that add files or put them in others' place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, CommitProperties, RemoveAction, Transaction

from schemas.tables import PARTITION
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.storage.files import DataFile, sync

CONFIGURATION = {"delta.checkpointInterval": "20", "delta.logRetentionDuration": "interval 7 days"}
"""Properties of a new table. Entries of the log older than this go once a checkpoint holds what they said.

deltalake reads the entries since the last checkpoint all at once, each in a thread that a busy process keeps for good:
with the usual 100 commits from checkpoint to checkpoint a writer grew to 82 threads, with 20 it stays at 29, and
commits twice as fast.
"""

_RETRIES = 50
"""A commit that meets another one tries again; appends never contradict each other."""

_COMPACTION = "newsbeam-compact"
"""Name that compactions leave in the log. deltalake 1.6 lets two of them replace the same files, which doubles the rows
(measured, with its own optimize.compact too); two transactions of one name it does not let pass."""


class Overtaken(Exception):
    """Another compaction changed the table since the log was read: plan again."""


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A file that the log holds.

    Attributes:
        path: Relative to the table's folder.
        size: Bytes.
        rows: Number of rows.
        partition: The partition that the path names.
    """

    path: str
    size: int
    rows: int
    partition: date


def live_files(log: DeltaTable) -> list[LiveFile]:
    """The files of a table as the log was read, by path."""
    actions = pa.table(log.get_add_actions(flatten=True)).select(
        ["path", "size_bytes", "num_records", f"partition.{PARTITION}"]
    )
    return sorted(
        (LiveFile(*(column[i].as_py() for column in actions.columns)) for i in range(len(actions))),
        key=lambda file: file.path,
    )


def paths_that_reach(log: DeltaTable, column: str, moment: datetime) -> list[str]:
    """Paths of the live files that can hold a row whose time in `column` is at or after a moment.

    By the bounds that the log keeps, which the Delta protocol cuts to milliseconds; a file whose bounds are not known
    is among them.
    """
    actions = pa.table(log.get_add_actions(flatten=True))
    if f"max.{column}" not in actions.column_names:
        return [str(path) for path in actions["path"].to_pylist()]
    latest = pc.add(actions[f"max.{column}"], pa.scalar(timedelta(milliseconds=1)))
    reaches = pc.fill_null(pc.greater_equal(latest, pa.scalar(moment, type=latest.type)), True)
    holds = pc.fill_null(pc.greater(actions["num_records"], 0), True)
    return [str(path) for path in actions.filter(pc.and_(reaches, holds))["path"].to_pylist()]


def live_paths_since(log: DeltaTable, moment: datetime) -> set[str]:
    """Paths that are live now, or were at `moment`. Files added and removed in between are not among them.

    Leaves the log at the version of `moment`; where that is before its first entry, at the first.
    """
    paths = {file.path for file in live_files(log)}
    log.load_as_version(moment)
    return paths | {file.path for file in live_files(log)}


def add_files(log: DeltaTable, files: Sequence[DataFile]) -> None:
    """Adds files in one commit; one that the log holds already is added again without effect.

    Raises:
        deltalake.exceptions.DeltaError: The log could not be committed.
    """
    _commit(log, [_added(file, data_change=True) for file in files], files)


def replace_files(log: DeltaTable, old: Sequence[LiveFile], new: Sequence[DataFile], now: datetime) -> None:
    """Puts new files with the same rows in the place of old ones, in one commit. Appends meanwhile do not hinder it.

    Raises:
        Overtaken: Another compaction of the table was committed since the log was read.
    """
    removed = [
        RemoveAction(
            path=file.path,
            data_change=False,
            deletion_timestamp=int(now.timestamp() * 1000),
            size=file.size,
            partition_values={PARTITION: file.partition.isoformat()},
        )
        for file in old
    ]
    added = [_added(file, data_change=False) for file in new]
    try:
        _commit(log, [*removed, *added], new, [Transaction(_COMPACTION, log.version())])
    except CommitFailedError as error:
        raise Overtaken(str(error)) from error


def _added(file: DataFile, *, data_change: bool) -> AddAction:
    return AddAction(
        path=file.path,
        size=file.size,
        partition_values={PARTITION: file.ingest_date.isoformat()},
        modification_time=0,
        data_change=data_change,
        stats=file.statistics,
    )


def _commit(
    log: DeltaTable,
    actions: list[AddAction | RemoveAction],
    files: Sequence[DataFile],
    transactions: list[Transaction] | None = None,
) -> None:
    packs = sorted({pack for file in files for pack in file.versions.get("pack_version", "").split(", ") if pack})
    made_by = {"pipeline_version": pipeline_version(), "schema_version": SCHEMA_VERSION}
    if packs:
        made_by["pack_version"] = ", ".join(packs)
    known = log.version()
    log.create_write_transaction(
        actions,
        mode="append",
        schema=log.schema(),
        partition_by=[PARTITION],
        commit_properties=CommitProperties(
            custom_metadata=made_by, max_commit_retries=_RETRIES, app_transactions=transactions
        ),
    )
    _sync_entries(log, known)


def _sync_entries(log: DeltaTable, known: int) -> None:
    """Has the entries after a version safe on the disk, which deltalake leaves to the system. A store sees to it."""
    folder = log_folder(log)
    if folder is None:
        return
    version = known + 1
    while (entry := folder / f"{version:020d}.json").exists():
        sync(entry)
        version += 1
    sync(folder)


def log_folder(log: DeltaTable) -> Path | None:
    """The folder of a log on a disk of this machine; None where it lies in a store."""
    address = urlsplit(log.table_uri)
    return Path(url2pathname(address.path), "_delta_log") if address.scheme in ("", "file") else None
