"""SQL over a dataset: DuckDB with the ready-made views, on exactly the files that the Delta log names."""

from __future__ import annotations

from pathlib import Path

import duckdb

from schemas.tables import PARTITION, TABLES
from schemas.views import views_sql
from transforms.storage.dataset import Dataset

_COPY = {"csv": "(FORMAT csv, HEADER)", "jsonl": "(FORMAT json)", "parquet": "(FORMAT parquet, COMPRESSION zstd)"}

FORMATS = ("table", *_COPY)
"""Formats of output."""


class QueryError(Exception):
    """The query cannot be run; the message is DuckDB's, which names the place and near names."""


def connect(dataset: Dataset, timezone: str = "UTC") -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with all views of the dataset.

    Raises:
        transforms.storage.dataset.DatasetError: There is no dataset.
        QueryError: The time zone is unknown.
    """
    connection = duckdb.connect()
    try:
        connection.execute("SET TimeZone = ?", [timezone])
    except duckdb.Error as error:
        raise QueryError(f"--tz {timezone}: {error}") from error
    sources = {}
    for table in TABLES.values():
        files = ", ".join(_quoted(uri) for uri in dataset.file_uris(table))
        sources[table.name] = f"read_parquet([{files}], hive_partitioning = true, hive_types = {{'{PARTITION}': DATE}})"
    connection.execute(views_sql(sources))
    return connection


def run_query(dataset: Dataset, sql: str, fmt: str, to: Path | None, timezone: str) -> str:
    """Runs a query and gives its result as text, or writes it to a file and gives an empty text.

    Args:
        fmt: One of FORMATS; parquet needs `to`.

    Raises:
        QueryError: The query is wrong, or the file cannot be written.
    """
    connection = connect(dataset, timezone)
    try:
        if fmt == "table" and to is None:
            relation = connection.sql(sql)
            return "" if relation is None else _as_table(relation)
        if to is None:
            return _copied(connection, sql, _COPY[fmt], Path("/dev/stdout"))
        return _copied(connection, sql, _COPY["csv" if fmt == "table" else fmt], to)
    except duckdb.Error as error:
        raise QueryError(str(error)) from error
    finally:
        connection.close()


def _copied(connection: duckdb.DuckDBPyConnection, sql: str, options: str, to: Path) -> str:
    connection.execute(f"COPY ({sql.strip().rstrip(';')}) TO {_quoted(str(to))} {options}")
    return ""


def _as_table(relation: duckdb.DuckDBPyRelation) -> str:
    return str(relation)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
