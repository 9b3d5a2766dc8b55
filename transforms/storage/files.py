"""Parquet files named by the hash of their bytes: the same rows give the same file, and nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from schemas.tables import PARTITION, Column, Table
from schemas.versions import SCHEMA_VERSION, pipeline_version

_GROUP_BYTES = 4_000_000
"""Size of a row group before compression, about. A reader skips whole groups: with 20,000 articles of 13 regions in one
file, a region's texts came about twice as fast from groups of 1,000 rows as from 5,000. Groups of few short rows would
be mostly the footer that describes them."""

_ROW_BYTES = 800
"""What a row holds besides its text, about."""

_COMPRESSION = "zstd"
_LONGEST_STATISTIC = 64
"""Characters of a string kept as a bound in the log; a longer upper bound is left out, never cut short."""

_LOOKED_UP_BY = ("row_id", "article_id")
"""Columns with a Bloom filter: their values are hashes, of which bounds say nothing."""

_FALSE_POSITIVES = 0.01

_OF_ONE_ROW = frozenset(
    {
        *("row_id", "article_id", "content_hash", "story_id", "near_duplicate_of", "supersedes", "poll_id", "key"),
        *("guid", "url", "canonical_url", "image_url", "archive_ref", "title", "lead", "text", "message"),
        *("fetched_at", "processed_at", "published_at", "published_raw"),
    }
)
"""Columns without a dictionary: hardly a value of theirs comes twice. To look for repeats in them took a sixth of the
time of writing, and the files were larger for it."""

VERSION_COLUMNS = ("schema_version", "pipeline_version", "pack_version")
"""Columns whose values a file's metadata and the log repeat."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a table.

    Attributes:
        path: Relative to the table's folder, e.g. `ingest_date=2026-11-22/part-<sha256>.parquet`.
        size: Bytes.
        ingest_date: The partition.
        statistics: Delta Lake per-file statistics as JSON (delta protocol, "Per-file Statistics").
        versions: Versions of schema, pipeline and packs that made the rows, as they stand in the file's metadata.
    """

    path: str
    size: int
    ingest_date: date
    statistics: str
    versions: Mapping[str, str]


def write_file(filesystem: pafs.FileSystem, folder: str, table: Table, data: pa.Table, partition: date) -> DataFile:
    """Writes rows of one partition as one Parquet file and returns what the log needs to know of it.

    No reader sees half a file: on a local disk the bytes go to a hidden name first and are renamed once they are safe
    on the disk; an object in a store appears when it is complete.

    Args:
        filesystem: Where `folder` is.
        folder: The table's folder in that filesystem.
        data: Rows in the table's schema, in order.

    Raises:
        OSError: The store refused the file.
    """
    versions = versions_of(data)
    payload = encode(table, data, versions)
    path = f"{PARTITION}={partition.isoformat()}/part-{hashlib.sha256(payload).hexdigest()}.parquet"
    put_file(filesystem, f"{folder}/{path}", payload)
    return DataFile(
        path, len(payload), partition, statistics(table, pq.read_metadata(pa.BufferReader(payload))), versions
    )


def encode(table: Table, data: pa.Table, versions: Mapping[str, str]) -> pa.Buffer:
    """The bytes of the Parquet file that holds these rows."""
    sink = pa.BufferOutputStream()
    order = [(name, "ascending") for name in table.sort_by]
    rows = rows_per_group(data)
    distinct = max(1, min(len(data), rows))
    pq.write_table(
        data.replace_schema_metadata({f"newsbeam.{name}": value for name, value in versions.items()}),
        sink,
        compression=_COMPRESSION,
        row_group_size=rows,
        write_page_index=True,
        use_dictionary=[path for field in data.schema if field.name not in _OF_ONE_ROW for path in _leaves(field)],
        write_statistics=[c.name for c in table.columns if _has_bounds(c)],
        sorting_columns=pq.SortingColumn.from_ordering(table.schema, order, null_placement="at_end"),
        bloom_filter_options={
            name: {"ndv": distinct, "fpp": _FALSE_POSITIVES} for name in _LOOKED_UP_BY if name in data.column_names
        },
    )
    return sink.getvalue()


def rows_per_group(data: pa.Table) -> int:
    """Rows of one row group: 1,000 of articles as they mostly are, up to 5,000 of shorter rows."""
    texts = pc.sum(pc.binary_length(data["text"])).as_py() if "text" in data.column_names else 0
    mean = _ROW_BYTES + (texts or 0) / max(1, len(data))
    return max(1, round(_GROUP_BYTES / mean / 1000)) * 1000


def _leaves(field: pa.Field, above: str = "") -> Iterator[str]:
    """Paths of the Parquet columns that a column is stored as."""
    path = f"{above}{field.name}"
    if pa.types.is_list(field.type):
        yield from _leaves(field.type.value_field.with_name("element"), f"{path}.list.")
    elif pa.types.is_struct(field.type):
        for member in field.type:
            yield from _leaves(member, f"{path}.")
    else:
        yield path


def versions_of(data: pa.Table) -> dict[str, str]:
    """Versions that the rows name, each sorted and parted by commas; ours where there are no rows.

    They come from the rows alone, so that the same rows give the same file whichever version writes them again.
    """
    if not len(data):
        return {"schema_version": SCHEMA_VERSION, "pipeline_version": pipeline_version()}
    return {
        name: ", ".join(sorted(filter(None, pc.unique(data[name]).to_pylist())))
        for name in VERSION_COLUMNS
        if name in data.column_names
    }


def put_file(filesystem: pafs.FileSystem, path: str, payload: pa.Buffer) -> None:
    """Puts bytes where readers find them, all at once; the time of the file is that of the last put."""
    if not isinstance(filesystem, pafs.LocalFileSystem):
        with filesystem.open_output_stream(path) as out:
            out.write(payload)
        return
    directory, _, name = path.rpartition("/")
    os.makedirs(directory, exist_ok=True)
    hidden = f"{directory}/.{name}.{uuid.uuid4().hex}.tmp"  # two writers of the same rows each have their own
    try:
        with open(hidden, "wb") as out:
            out.write(payload)
            out.flush()
            os.fsync(out.fileno())  # the log must not name a file that a loss of power empties
        os.replace(hidden, path)
    except OSError:
        with suppress(OSError):  # a full disk is not to be filled further by what is of no use
            os.unlink(hidden)
        raise
    sync(directory)


def sync(path: str | os.PathLike[str]) -> None:
    """Has a file, or the names in a folder, safe on the disk before it returns: a loss of power leaves them whole."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def statistics(table: Table, metadata: pq.FileMetaData) -> str:
    """Row count, bounds and null counts of flat columns, from a file's footer, as the Delta log keeps them (JSON)."""
    low: dict[str, Any] = {}
    high: dict[str, Any] = {}
    nulls: dict[str, int] = {}
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    places = {metadata.schema.column(n).path: n for n in range(metadata.num_columns)}
    for column in table.columns:
        if not _has_bounds(column) or column.name not in places:
            continue
        told = [group.column(places[column.name]).statistics for group in groups if group.num_rows]
        if any(one is None for one in told):
            continue
        nulls[column.name] = sum(one.null_count for one in told)
        least = _bound(min((one.min for one in told if one.has_min_max), default=None), up=False)
        most = _bound(max((one.max for one in told if one.has_min_max), default=None), up=True)
        if least is not None and most is not None:
            low[column.name], high[column.name] = least, most
    return json.dumps({"numRecords": metadata.num_rows, "minValues": low, "maxValues": high, "nullCount": nulls})


def _has_bounds(column: Column) -> bool:
    """False where bounds would help no reader: lists have none, and those of texts are texts themselves."""
    return column.name != "text" and not pa.types.is_nested(column.type)


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
