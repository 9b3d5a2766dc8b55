"""Parquet files named by the hash of their bytes: the same rows give the same file, and nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from schemas.tables import PARTITION, Table

ROWS_PER_GROUP = 5_000
"""Rows of one row group: small enough that one region's rows leave most groups unread."""

_COMPRESSION = "zstd"
_LONGEST_STATISTIC = 64
"""Characters of a string kept as a bound in the log; a longer upper bound is left out, never cut short."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a table.

    Attributes:
        path: Relative to the table's folder, e.g. `ingest_date=2026-11-22/part-<sha256>.parquet`.
        size: Bytes.
        statistics: Delta Lake per-file statistics as JSON (delta protocol, "Per-file Statistics").
    """

    path: str
    size: int
    ingest_date: date
    statistics: str


def write_file(filesystem: pafs.FileSystem, folder: str, table: Table, data: pa.Table, day: date) -> DataFile:
    """Writes rows of one partition as one Parquet file and returns what the log needs to know of it.

    On a local disk the bytes go to a hidden name first and are renamed, so that no reader sees half a file.

    Args:
        filesystem: Where `folder` is.
        folder: The table's folder in that filesystem.
        data: Rows in the table's schema, sorted.
        day: The partition.

    Raises:
        OSError: The store refused the file.
    """
    payload = encode(data)
    name = f"part-{hashlib.sha256(payload).hexdigest()}.parquet"
    directory = f"{folder}/{PARTITION}={day.isoformat()}"
    filesystem.create_dir(directory, recursive=True)
    if isinstance(filesystem, pafs.LocalFileSystem):
        hidden = f"{directory}/.{name}.tmp"
        _put(filesystem, hidden, payload)
        filesystem.move(hidden, f"{directory}/{name}")
    else:
        _put(filesystem, f"{directory}/{name}", payload)
    return DataFile(f"{PARTITION}={day.isoformat()}/{name}", len(payload), day, statistics(table, data))


def encode(data: pa.Table) -> bytes:
    """The bytes of the Parquet file that holds these rows."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        data,
        sink,
        compression=_COMPRESSION,
        row_group_size=ROWS_PER_GROUP,
        write_page_index=True,
        use_dictionary=True,
    )
    return bytes(sink.getvalue())


def _put(filesystem: pafs.FileSystem, path: str, payload: bytes) -> None:
    with filesystem.open_output_stream(path) as out:
        out.write(payload)


def statistics(table: Table, data: pa.Table) -> str:
    """Row count, bounds and null counts of the flat columns, as the Delta log keeps them (JSON)."""
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    for column in table.columns:
        if pa.types.is_nested(column.type):
            continue
        values = data.column(column.name)
        nulls[column.name] = values.null_count
        if values.null_count == len(values) or column.name == "text":
            continue
        bounds = pc.min_max(values).as_py()
        least, most = _bound(bounds["min"], up=False), _bound(bounds["max"], up=True)
        if least is not None and most is not None:
            low[column.name], high[column.name] = least, most
    return json.dumps({"numRecords": len(data), "minValues": low, "maxValues": high, "nullCount": nulls})


def _bound(value: Any, *, up: bool) -> Any:
    """A value as the log writes it. Times are kept to the millisecond: rounded outwards, so that no row falls out."""
    if isinstance(value, datetime):
        rest = value.microsecond % 1000
        outward = value + timedelta(microseconds=(1000 - rest) if up and rest else -rest)
        return outward.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_STATISTIC else None
    return value
