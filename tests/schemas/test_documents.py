"""What the schema renders for other tools is what those tools take, and docs/ holds it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from schemas.bigquery import LONGEST_DESCRIPTION, bigquery_external, bigquery_schema
from schemas.ddl import duckdb_ddl
from schemas.documents import documents
from schemas.tables import ARTICLES, PARTITION, TABLES
from tests.factories import NOON, article
from transforms.storage.dataset import Dataset

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
FROM_PARQUET = {"BOOLEAN": "BOOLEAN", "INT32": "INTEGER", "INT64": "INTEGER", "DOUBLE": "FLOAT", "BYTE_ARRAY": "STRING"}
FROM_LOGICAL = {"Timestamp": "TIMESTAMP", "Date": "DATE", "String": "STRING", "Int": "INTEGER"}
"""BigQuery's type for a Parquet column of a physical, or of a logical type (its "Parquet conversions")."""


@pytest.mark.parametrize("name", documents())
def test_docs_hold_what_the_schema_renders(name):
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name], "run `make docs`"


def leaves(fields, path=()):
    """(path, type) of the flat fields; a REPEATED one stands for Parquet's `list.element`."""
    for field in fields:
        assert NAME.fullmatch(field["name"])
        assert len(field.get("description", "")) <= LONGEST_DESCRIPTION
        assert field["mode"] in ("NULLABLE", "REQUIRED", "REPEATED")
        here = (*path, field["name"], *(("list", "element") if field["mode"] == "REPEATED" else ()))
        if field["type"] == "RECORD":
            yield from leaves(field["fields"], here)
        else:
            yield ".".join(here), field["type"]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_bigquerys_fields_are_those_of_a_real_file(table, tmp_path):
    dataset = Dataset(str(tmp_path / "news"))
    dataset.create(NOON)
    file = pq.ParquetFile(dataset.file_uris(table)[0]).schema
    found = {}
    for column in map(file.column, range(len(file))):
        logical = column.logical_type.type.capitalize()
        found[column.path] = FROM_LOGICAL.get(logical) or FROM_PARQUET[column.physical_type]
    external = json.loads(bigquery_external(table))
    assert dict(leaves(external["schema"]["fields"])) == found
    native = json.loads(bigquery_schema(table))
    assert dict(leaves(native)) == {**found, PARTITION: "DATE"}
    required = [field["name"] for field in native if field["mode"] == "REQUIRED"]
    assert required == [column.name for column in table.columns if not column.nullable]


def test_the_external_definition_reads_the_partition_from_the_path_and_leaves_the_log_alone():
    made = json.loads(bigquery_external(ARTICLES, "gs://desk/news/"))
    assert made["sourceUris"] == ["gs://desk/news/articles/ingest_date=*.parquet"]
    assert made["hivePartitioningOptions"] == {
        "mode": "CUSTOM",
        "sourceUriPrefix": "gs://desk/news/articles/{ingest_date:DATE}",
    }
    assert made["parquetOptions"] == {"enableListInference": True}
    assert PARTITION not in [field["name"] for field in made["schema"]["fields"]]


def test_duckdb_takes_the_tables_and_the_files_fit_into_them(tmp_path):
    dataset = Dataset(str(tmp_path / "news"))
    dataset.create(NOON)
    dataset.commit(ARTICLES, [article(), article("https://example.org/b", title=None, places=())])
    connection = duckdb.connect()
    connection.execute(duckdb_ddl())
    for name in TABLES:
        glob = f"{tmp_path}/news/{name}/{PARTITION}=*/*.parquet"
        connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM read_parquet('{glob}')")
        types = "SELECT column_name, column_type FROM (DESCRIBE {})"
        declared = connection.execute(types.format(name)).fetchall()
        assert declared == connection.execute(types.format(f"SELECT * FROM read_parquet('{glob}')")).fetchall()
    assert connection.execute("SELECT count(*), sum(len(places)), any_value(ingest_date) FROM articles").fetchall() == [
        (2, 1, NOON.date())
    ]
    comment = "SELECT comment FROM duckdb_columns() WHERE table_name = 'articles' AND column_name = 'lead'"
    assert connection.execute(comment).fetchone() == ("The page's own description or standfirst.",)
