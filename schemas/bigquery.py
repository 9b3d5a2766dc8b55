"""The tables as BigQuery sees them: the schema of a native table, and the definition of an external one.

BigQuery reads the Parquet files where they lie in Cloud Storage. Rules followed here:

- The partition stands in the path only; an external table names it with its type in `sourceUriPrefix` (mode CUSTOM) and
  must not name it among its fields (BigQuery's "Externally partitioned data").
- With `enableListInference` a Parquet list becomes a REPEATED field; without it every list would be a record
  `list.element` (BigQuery's "Loading Parquet data").
- A URI may hold one `*`. It must not take in `_delta_log/`, whose checkpoints are Parquet too.
- A description may be 1,024 characters long.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

from schemas.tables import PARTITION, Table

LONGEST_DESCRIPTION = 1024
"""Characters that BigQuery takes as the description of a column."""

EXAMPLE_URI = "gs://BUCKET/news"
"""Stands for the address of the dataset where none is given."""

_FLAT = {
    pa.string(): "STRING",
    pa.bool_(): "BOOLEAN",
    pa.int16(): "INTEGER",
    pa.int32(): "INTEGER",
    pa.int64(): "INTEGER",
    pa.float64(): "FLOAT",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP",
}


def bigquery_schema(table: Table) -> str:
    """JSON schema of a native table, as `bq mk --schema` and `bq load --schema` take it.

    The partition comes last and may be null there: a load from Hive partitions adds it so.
    """
    fields = [
        _field(c.name, c.type, "NULLABLE" if c.nullable else "REQUIRED", c.doc[:LONGEST_DESCRIPTION])
        for c in table.columns
    ]
    partition = _field(PARTITION, pa.date32(), "NULLABLE", f"UTC date of {table.dated_by}; the partition.")
    return _as_json([*fields, partition])


def bigquery_external(table: Table, uri: str = EXAMPLE_URI) -> str:
    """Definition of an external table over the files as they lie, as `bq mk --external_table_definition` takes it.

    All fields may be null there: BigQuery checks nothing in files that it only reads.

    Args:
        uri: Address of the dataset, e.g. `gs://my-bucket/news`.
    """
    folder = f"{uri.rstrip('/')}/{table.name}"
    return _as_json(
        {
            "sourceFormat": "PARQUET",
            "sourceUris": [f"{folder}/{PARTITION}=*.parquet"],
            "hivePartitioningOptions": {
                "mode": "CUSTOM",
                "sourceUriPrefix": f"{folder}/{{{PARTITION}:DATE}}",
            },
            "parquetOptions": {"enableListInference": True},
            "schema": {"fields": [_field(c.name, c.type, "NULLABLE", "") for c in table.columns]},
        }
    )


def _field(name: str, kind: pa.DataType, mode: str, doc: str) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return _field(name, kind.value_type, "REPEATED", doc)
    field: dict[str, Any] = {"name": name, "type": "RECORD" if pa.types.is_struct(kind) else _FLAT[kind], "mode": mode}
    if doc:
        field["description"] = doc
    if pa.types.is_struct(kind):
        members = [kind.field(i) for i in range(kind.num_fields)]
        field["fields"] = [_field(m.name, m.type, "NULLABLE", "") for m in members]
    return field


def _as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
