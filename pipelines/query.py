"""SQL over a dataset: DuckDB with the ready-made views, on exactly the files that the Delta log names."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
from deltalake import DeltaTable

from pipelines.geojson import GeoError, write_features
from pipelines.hints import with_hint
from schemas.ddl import duckdb_type
from schemas.tables import ARTICLES, TABLES, Table
from schemas.views import crowded_days, parquet_source, views_sql
from transforms.storage.dataset import Dataset
from transforms.storage.evolve import is_mixed, lacking
from transforms.storage.log import live_files

_COPY = {"csv": "(FORMAT csv, HEADER)", "jsonl": "(FORMAT json)", "parquet": "(FORMAT parquet, COMPRESSION zstd)"}

FORMATS = ("table", *_COPY, "geojson")
"""Formats of output."""


class QueryError(Exception):
    """The query cannot be run; the message is DuckDB's, which names the place, with near names."""


def connect(dataset: Dataset, timezone: str = "UTC", as_of: datetime | None = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with all views of the dataset.

    Local files DuckDB reads itself. Those of a store come through Arrow, as DuckDB would have to download an extension
    for it; partitions, files and row groups that a query does not need are skipped there too.

    Args:
        timezone: Zone that timestamps are shown and read in.
        as_of: Shows every table as it was at this moment; now where None.

    Raises:
        transforms.storage.dataset.DatasetError: There is no dataset, or its log does not reach back so far.
        QueryError: The time zone is unknown, or a file is gone.
    """
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = ?", [timezone])
    except duckdb.Error as error:
        raise QueryError(f"--tz {timezone}: {error}") from error
    logs = {name: dataset.log(table, as_of) for name, table in TABLES.items()}
    if dataset.is_local:
        sources = {name: table_source(dataset, TABLES[name], log) for name, log in logs.items()}
    else:
        sources = {name: stored_source(connection, dataset, TABLES[name], log) for name, log in logs.items()}
    try:
        connection.execute(views_sql(sources, crowded_days(_crowded(logs[ARTICLES.name]))))
    except duckdb.IOException as error:
        raise QueryError(_file_is_gone(error, as_of)) from error
    return connection


def _crowded(log: DeltaTable) -> list[date]:
    """Partitions with rows in several files, where a row may stand twice."""
    files = Counter(file.partition for file in live_files(log) if file.rows)
    return [day for day, count in files.items() if count > 1]


def table_source(dataset: Dataset, table: Table, log: DeltaTable) -> str:
    """SQL that reads the files which the table's log names.

    Columns that the log does not know yet, since an earlier version of newsbeam wrote it, are null.
    """
    files = ", ".join(quoted(uri) for uri in dataset.file_uris(table, log))
    missing = lacking(log, table) if files else list(table.log_schema)
    source = parquet_source(f"[{files}]", mixed=is_mixed(log))
    return _padded(source if files else None, missing)


def stored_source(connection: duckdb.DuckDBPyConnection, dataset: Dataset, table: Table, log: DeltaTable) -> str:
    """The same for a dataset in an object store: a name that the connection knows from now on."""
    name = f"stored_{table.name}"
    connection.register(name, dataset.arrow(table, log))
    return _padded(name, lacking(log, table))


def _padded(source: str | None, missing: Sequence[pa.Field]) -> str:
    if source and not missing:
        return source
    nulls = ", ".join(f'CAST(NULL AS {duckdb_type(field.type)}) AS "{field.name}"' for field in missing)
    padding = f"SELECT {nulls} WHERE false"
    return f"(SELECT * FROM {source} UNION ALL BY NAME {padding})" if source else f"({padding})"


def run_query(
    dataset: Dataset, sql: str, fmt: str, to: Path | None, timezone: str, as_of: datetime | None = None
) -> str:
    """Runs a query and gives its result as text, or writes it to a file or to standard output and gives an empty text.

    Args:
        fmt: One of FORMATS; parquet needs `to`.

    Raises:
        transforms.storage.dataset.DatasetError: There is no dataset, or its log does not reach back so far.
        QueryError: The query is wrong, or the file cannot be written.
    """
    connection = connect(dataset, timezone, as_of)
    try:
        if fmt == "geojson":
            _as_geojson(connection, sql, to)
            return ""
        if fmt == "table" and to is None:
            relation = connection.sql(sql)
            return "" if relation is None else str(relation)
        return _copied(connection, sql, _COPY["csv" if fmt == "table" else fmt], to or Path("/dev/stdout"))
    except duckdb.IOException as error:
        if to is None and "Broken pipe" in str(error):  # the reader, such as head, has seen enough
            raise BrokenPipeError from error
        raise QueryError(_file_is_gone(error, as_of)) from error
    except duckdb.Error as error:
        raise QueryError(with_hint(str(error), connection)) from error
    except GeoError as error:
        raise QueryError(str(error)) from error
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise QueryError(f"cannot write: {error}") from error
    finally:
        connection.close()


def _as_geojson(connection: duckdb.DuckDBPyConnection, sql: str, to: Path | None) -> None:
    relation = connection.sql(sql)
    if relation is None:
        raise GeoError("--format geojson needs a query that gives rows.")
    batches = relation.to_arrow_reader(1_000)
    if to is None:
        write_features(batches, sys.stdout)
        return
    with to.open("w", encoding="utf-8") as out:
        write_features(batches, out)


def _copied(connection: duckdb.DuckDBPyConnection, sql: str, options: str, to: Path) -> str:
    connection.execute(f"COPY ({sql.strip().rstrip(';')}) TO {quoted(str(to))} {options}")
    return ""


def _file_is_gone(error: duckdb.Error, as_of: datetime | None) -> str:
    """DuckDB's message; of the past, with the likely reason."""
    if as_of is None:
        return str(error)
    return (
        f"--as-of {as_of.isoformat()}: {error}\nA file of that moment may have been removed since: files that a"
        " compaction replaced are kept for the retention only. Ask for a later moment."
    )


def quoted(text: str) -> str:
    """Text as a string of SQL."""
    return "'" + text.replace("'", "''") + "'"
