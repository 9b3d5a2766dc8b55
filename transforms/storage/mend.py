"""A torn last entry of a local log: found, and written anew with all files that are there.

Entries appear whole. But a machine that loses power, or a disk that fails, can leave the last one empty or cut short:
no reader can then open the table (deltalake takes an empty entry for one that says nothing, and its rows are gone). The
data files are safe on the disk before the log names them, and no writer has called their rows done before the entry was
safe too. So the entry is made anew from the files: each complete file that the log has never named is added. Rows that
so come twice, as after a compaction, the views show once.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable

from schemas.tables import PARTITION, Table
from transforms.storage.files import DataFile, statistics, sync
from transforms.storage.log import live_files

_ENTRY = re.compile(r"\d{20}\.json")


def torn_entry(folder: Path) -> Path | None:
    """The last entry of the log of the table in `folder`, if it is not whole."""
    last = max((path for path in folder.glob("_delta_log/*.json") if _ENTRY.fullmatch(path.name)), default=None)
    return last if last is not None and not _is_whole(last.read_bytes()) else None


def is_empty_entry(folder: Path, version: int) -> bool:
    """True where the entry of a version is there and holds nothing."""
    entry = folder / f"_delta_log/{version:020d}.json"
    return entry.exists() and not entry.stat().st_size


def _is_whole(entry: bytes) -> bool:
    try:
        return bool([msgspec.json.decode(line) for line in entry.splitlines() if line])
    except msgspec.DecodeError:
        return False


def mend(folder: Path, table: Table) -> bool:
    """Writes a torn last entry anew, at once and for good; False where there was none.

    The very first entry, which makes the table, is taken away: nothing can have been committed without it.

    Raises:
        OSError: The disk refused it.
    """
    torn = torn_entry(folder)
    if torn is None:
        return False
    version = int(torn.stem)
    if version == 0:
        torn.unlink()
        return True
    before = {file.path for file in live_files(DeltaTable(str(folder), version=version - 1))}
    named = before | set(_removed(folder))
    note = {"commitInfo": {"timestamp": int(torn.stat().st_mtime * 1000), "operation": "MEND TORN ENTRY"}}
    lines = [note, *({"add": _add(file)} for file in _unnamed(folder, table, named))]
    hidden = torn.with_name(f".{torn.name}.{uuid.uuid4().hex}.tmp")
    hidden.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines))
    sync(hidden)
    os.replace(hidden, torn)
    sync(torn.parent)
    return True


def _removed(folder: Path) -> Iterator[str]:
    """Paths that entries took out of the log."""
    for entry in folder.glob("_delta_log/*.json"):
        for line in entry.read_bytes().splitlines():
            if line.startswith(b'{"remove"') and line.endswith(b"}"):
                yield msgspec.json.decode(line)["remove"]["path"]


def _unnamed(folder: Path, table: Table, named: set[str]) -> Iterator[DataFile]:
    for path in sorted(folder.glob(f"{PARTITION}=*/part-*.parquet")):
        relative = path.relative_to(folder).as_posix()
        if relative in named:
            continue
        try:
            footer = pq.read_metadata(path)
        except pa.ArrowInvalid:  # no Parquet: none of ours
            continue
        day = date.fromisoformat(path.parent.name.partition("=")[2])
        yield DataFile(relative, path.stat().st_size, day, statistics(table, footer), {})


def _add(file: DataFile) -> dict[str, object]:
    """An add action, as the Delta protocol writes it."""
    return {
        "path": file.path,
        "partitionValues": {PARTITION: file.ingest_date.isoformat()},
        "size": file.size,
        "modificationTime": 0,
        "dataChange": True,
        "stats": file.statistics,
    }
