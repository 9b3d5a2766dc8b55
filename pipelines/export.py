"""A copy of the view `articles` in another layout or form: each row once, whole or as an excerpt for sharing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.excerpt import excerpt_schema, excerpted
from pipelines.export_files import WRITERS, Counted
from pipelines.hints import with_hint
from pipelines.query import connect
from schemas.tables import ARTICLES, PARTITION
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.storage.dataset import Dataset

_ROWS_AT_ONCE = 1_000


class ExportError(Exception):
    """The export cannot be made; the message says why and what to do. Nothing is left behind."""


@dataclass(frozen=True)
class Export:
    """What to export.

    Attributes:
        to: Folder to make; it may exist if it is empty.
        partition_by: Columns whose values name the folders, outermost first; none for one folder.
        where: Condition on the rows, in SQL; all where None.
        fmt: One of WRITERS.
        excerpt: Most characters of an article's text to give as evidence; None gives all columns, with the text.
        as_of: Reads the dataset as it was.
    """

    to: Path
    partition_by: tuple[str, ...] = (PARTITION,)
    where: str | None = None
    fmt: str = "parquet"
    excerpt: int | None = None
    as_of: datetime | None = None

    @property
    def schema(self) -> pa.Schema:
        """Columns of a row, partition columns among them."""
        whole = pa.schema([pa.field(f.name, f.type) for f in ARTICLES.log_schema])
        return whole if self.excerpt is None else excerpt_schema()


def export(dataset: Dataset, wanted: Export) -> Counted:
    """Writes the export under a hidden name beside its place, then renames it: it is there whole or not at all.

    Raises:
        transforms.storage.dataset.DatasetError: There is no dataset, or its log does not reach back so far.
        ExportError: A column, the condition or the place cannot be used.
    """
    _check_columns(wanted)
    target = wanted.to.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ExportError(f"--to {wanted.to}: is not an empty folder. Choose an empty or new one.")
    hidden = target.parent / f".{target.name}.{os.getpid()}.tmp"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        (hidden / ARTICLES.name).mkdir(parents=True)
        rows = pa.RecordBatchReader.from_batches(wanted.schema, _batches(dataset, wanted))
        counted = WRITERS[wanted.fmt](rows, hidden / ARTICLES.name, wanted.partition_by)
        (hidden / "README.md").write_text(_about(wanted, counted), encoding="utf-8")
        hidden.rename(target)
    except OSError as error:
        raise ExportError(f"--to {wanted.to}: {error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return counted


def _check_columns(wanted: Export) -> None:
    for name in wanted.partition_by:
        known = wanted.schema.names
        if name not in known:
            near = get_close_matches(name, known, n=1)
            raise ExportError(
                f"--partition-by {name}: no such column here." + (f" Did you mean {near[0]}?" if near else "")
            )
        kind = wanted.schema.field(name).type
        if name == "text" or not (pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_date(kind)):
            raise ExportError(
                f"--partition-by {name}: its values cannot name folders. Choose columns such as region, published_date,"
                " source or language."
            )


def _batches(dataset: Dataset, wanted: Export) -> Iterator[pa.RecordBatch]:
    """Rows of the view, one ingest date after another: the view looks at each alone, so memory holds one."""
    days = sorted({str(p[PARTITION]) for p in dataset.log(ARTICLES, wanted.as_of).partitions()})
    condition = f" AND ({wanted.where}\n)" if wanted.where else ""
    with connect(dataset, as_of=wanted.as_of) as connection:
        for day in days:
            sql = f"SELECT * FROM articles WHERE {PARTITION} = DATE '{day}'{condition}"
            try:
                for batch in connection.sql(sql).to_arrow_reader(_ROWS_AT_ONCE):
                    yield _shaped(batch, wanted)
            except duckdb.Error as error:
                raise ExportError(f"--where {wanted.where}: {with_hint(str(error), connection)}") from error


def _shaped(batch: pa.RecordBatch, wanted: Export) -> pa.RecordBatch:
    if wanted.excerpt is None:
        return batch.select(wanted.schema.names).cast(wanted.schema)
    rows = [excerpted(row, wanted.excerpt) for row in batch.to_pylist()]
    return pa.RecordBatch.from_pylist(rows, schema=wanted.schema)


def _about(wanted: Export, counted: Counted) -> str:
    """The export's README: what it is, how it was made, what it does not hold."""
    lines = [
        "# Export of news articles",
        "",
        f"{counted.rows} rows in {counted.files} files under `{ARTICLES.name}/`, made by newsbeam {pipeline_version()}"
        f" from the view `{ARTICLES.name}` (schema version {SCHEMA_VERSION}): every article and revision once.",
        "",
        f"- format: {wanted.fmt}; nested columns are {'JSON text' if wanted.fmt == 'csv' else 'kept as they are'}",
        f"- folders: {', '.join(wanted.partition_by) or 'none'} (Hive partitions; these columns stand in the path only;"
        " `__HIVE_DEFAULT_PARTITION__` is null)",
        f"- condition: {' '.join(wanted.where.split()) if wanted.where else 'none'}",
    ]
    if wanted.as_of:
        lines.append(f"- as of: {wanted.as_of.isoformat()}")
    if wanted.excerpt is not None:
        lines += [
            "",
            f"No full text: of each article at most {wanted.excerpt} characters, and at most a third, stand in"
            " `evidence`, the words around the first mention of its places and actors; a row that supersedes another"
            " has none, so that many revisions do not give the article away. Offsets count code points of title, two"
            " line feeds and text.",
        ]
    lines += [
        "",
        "The rights in the articles are their publishers'.",
        "",
        "Columns: " + _named(wanted.schema.names) + ".",
    ]
    return "\n".join([*lines, ""])


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
