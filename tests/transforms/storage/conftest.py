"""Datasets for the tests of this room, and what a reader sees of one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.tables import TABLES
from schemas.views import VIEWS, bare_crowded, bare_sources, views_sql
from tests.factories import NOON
from transforms.storage.dataset import Dataset


@pytest.fixture
def dataset(tmp_path):
    made = Dataset(str(tmp_path / "news"))
    made.create(NOON)
    return made


def bare_views(dataset: Dataset, *names: str) -> dict[str, Counter[str]]:
    """All rows of the views (of all, if none is named) over the bare files, as anybody with DuckDB sees them."""
    folder = f"{dataset.root}/"
    return _views(views_sql(bare_sources(folder), bare_crowded(folder)), names)


def log_views(dataset: Dataset, *names: str) -> dict[str, Counter[str]]:
    """All rows of the views (of all, if none is named) over the files that the log holds."""
    sources = {}
    for table in TABLES.values():
        files = ", ".join(f"'{uri}'" for uri in dataset.file_uris(table))
        sources[table.name] = f"read_parquet([{files}], hive_partitioning = true, hive_types = {{'ingest_date': DATE}})"
    return _views(views_sql(sources), names)


def _views(sql: str, names: tuple[str, ...]) -> dict[str, Counter[str]]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(sql)
        found = {}
        for name in names or VIEWS:
            rows = connection.execute(f"FROM {name}").fetchall()
            found[name] = Counter(repr(_fixed(row)) for row in rows)
        return found


def _fixed(value: Any) -> Any:
    """Lists that a view gathers come in no certain order."""
    if isinstance(value, (list, tuple)):
        return (
            sorted((_fixed(item) for item in value), key=repr) if isinstance(value, list) else tuple(map(_fixed, value))
        )
    return value


def data_files(dataset: Dataset, table: str) -> set[Path]:
    """The Parquet files that a bare reader finds."""
    return set(Path(dataset.root, table).glob("ingest_date=*/*.parquet"))
