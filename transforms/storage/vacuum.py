"""Deletes files that no reader needs any more: replaced ones, and what a killed writer left behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import pyarrow.fs as pafs

from schemas.tables import PARTITION, Table
from transforms.storage.dataset import Dataset
from transforms.storage.log import live_paths_since

RETENTION = timedelta(hours=24)
"""How long a file stays after it was replaced: for readers that opened the log, or listed the folder, before."""

LONGEST_RETENTION = timedelta(days=6)
"""The log keeps its entries for seven days, and must still say what was live when the retention began."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A file that is to go: its path in the place's filesystem, its size in bytes, and when it was put there."""

    path: str
    size: int
    put_at: datetime


def find_leftovers(dataset: Dataset, table: Table, retention: timedelta, now: datetime) -> list[Leftover]:
    """Files of ours that are older than the retention and that no version of the log within it holds.

    A file that a writer has put and not yet committed is younger than that. The folder is listed before the log is
    read, so that a file that comes in between is either not in the list or in the log.
    """
    filesystem, folder = dataset.place.filesystem, dataset.folder(table)
    before = now - retention
    listed = filesystem.get_file_info(pafs.FileSelector(folder, recursive=True))
    old = [
        Leftover(info.path, info.size, info.mtime)
        for info in listed
        if info.type == pafs.FileType.File and is_ours(info.path) and info.mtime < before
    ]
    needed = {f"{folder}/{path}" for path in live_paths_since(dataset.log(table), before)}
    return sorted((file for file in old if file.path not in needed), key=lambda file: file.path)


def delete_leftovers(dataset: Dataset, leftovers: list[Leftover]) -> list[Leftover]:
    """Deletes files and gives those that went. One that was put again meanwhile has a new time, and stays."""
    return [file for file in leftovers if _delete(dataset.place.filesystem, file)]


def _delete(filesystem: pafs.FileSystem, file: Leftover) -> bool:
    info = filesystem.get_file_info(file.path)
    if info.type != pafs.FileType.File or info.mtime != file.put_at:
        return False
    filesystem.delete_file(file.path)
    return True


def is_ours(path: str) -> bool:
    """True of the names that our writer gives, complete or hidden, in a partition's folder, and that deltalake gives to
    an entry of the log while it writes it (`…json#1`)."""
    at = PurePosixPath(path)
    if at.parent.name == "_delta_log":
        return re.fullmatch(r"[\w.]+#\d+|\.\d+\.json\.\w+\.tmp", at.name) is not None
    complete = at.name.startswith("part-") and at.name.endswith(".parquet")
    hidden = at.name.startswith(".part-") and at.name.endswith(".tmp")
    return at.parent.name.startswith(f"{PARTITION}=") and (complete or hidden)
