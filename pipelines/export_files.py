"""Writes a stream of rows into Hive-partitioned files: Parquet, CSV or JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import pyarrow as pa
import pyarrow.dataset as pads

_NULL = "__HIVE_DEFAULT_PARTITION__"
_MOST_PARTITIONS = 100_000


@dataclass(frozen=True, slots=True)
class Counted:
    """What was written."""

    rows: int
    files: int


def write_parquet(rows: pa.RecordBatchReader, folder: Path, partition_by: Sequence[str]) -> Counted:
    """Parquet with zstd, one file per partition. pyarrow encodes values that a path cannot hold."""
    written = 0

    def counting() -> Iterator[pa.RecordBatch]:
        nonlocal written
        for batch in rows:
            written += len(batch)
            yield batch

    pads.write_dataset(
        counting(),
        folder,
        schema=rows.schema,
        format="parquet",
        file_options=pads.ParquetFileFormat().make_write_options(compression="zstd"),
        partitioning=pads.partitioning(pa.schema([rows.schema.field(c) for c in partition_by]), flavor="hive"),
        max_partitions=_MOST_PARTITIONS,
        max_rows_per_group=5_000,
        max_open_files=200,
    )
    return Counted(written, sum(1 for path in folder.rglob("*.parquet")))


def write_csv(rows: pa.RecordBatchReader, folder: Path, partition_by: Sequence[str]) -> Counted:
    """CSV with a header in each file; nested values are JSON, times ISO 8601."""
    names = [name for name in rows.schema.names if name not in partition_by]

    def put(out: TextIO, group: Sequence[Mapping[str, Any]], fresh: bool) -> None:
        writer = csv.writer(out, lineterminator="\n")
        if fresh:
            writer.writerow(names)
        writer.writerows([_cell(row[name]) for name in names] for row in group)

    return _append_text(rows, folder, partition_by, "csv", put)


def write_jsonl(rows: pa.RecordBatchReader, folder: Path, partition_by: Sequence[str]) -> Counted:
    """JSON Lines; times in ISO 8601."""
    names = [name for name in rows.schema.names if name not in partition_by]

    def put(out: TextIO, group: Sequence[Mapping[str, Any]], fresh: bool) -> None:
        out.writelines(_json({name: row[name] for name in names}) + "\n" for row in group)

    return _append_text(rows, folder, partition_by, "jsonl", put)


WRITERS: Mapping[str, Callable[[pa.RecordBatchReader, Path, Sequence[str]], Counted]] = {
    "parquet": write_parquet,
    "csv": write_csv,
    "jsonl": write_jsonl,
}
"""Format -> writer."""


def partition_folder(row: Mapping[str, Any], partition_by: Sequence[str]) -> str:
    """Relative folder of a row, e.g. `region=tajik-afghan-border/language=en`; no value can leave its own segment."""
    return "/".join(f"{c}={_NULL if row[c] is None else quote(str(row[c]), safe=' ')}" for c in partition_by)


def _append_text(
    rows: pa.RecordBatchReader,
    folder: Path,
    partition_by: Sequence[str],
    suffix: str,
    put: Callable[[TextIO, Sequence[Mapping[str, Any]], bool], None],
) -> Counted:
    """Adds every batch to the files of its partitions; no file stays open, so there may be any number."""
    written = 0
    files: set[Path] = set()
    for batch in rows:
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for row in batch.to_pylist():
            groups.setdefault(partition_folder(row, partition_by), []).append(row)
        for where, group in groups.items():
            path = folder / where / f"part-0.{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8", newline="") as out:
                put(out, group, path not in files)
            files.add(path)
        written += len(batch)
    return Counted(written, len(files))


def _cell(value: Any) -> Any:
    return _json(value) if isinstance(value, (list, dict)) else _text(value) if hasattr(value, "isoformat") else value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_text)


def _text(value: Any) -> str:
    """Times and dates in ISO 8601."""
    return str(value.isoformat())
