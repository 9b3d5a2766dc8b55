"""Renders the codebook: the same text stands in docs/codebook.md and in every dataset's README.md."""

from __future__ import annotations

import pyarrow as pa

from schemas.outcomes import REASONS, EntryState, PollOutcome
from schemas.tables import PARTITION, TABLES, Table
from schemas.versions import SCHEMA_VERSION
from schemas.views import VIEWS

_HEAD = f"""# Codebook

Schema version {SCHEMA_VERSION}. Four tables, each a folder of Parquet files partitioned by `{PARTITION}` (a UTC
date, in the path only; for articles the date of `fetched_at`, for the three small tables the first day of the month),
with a Delta Lake log beside the files in `_delta_log/`.

Read it as it lies:

    duckdb -init views.sql                                            # the views below, no newsbeam needed
    SELECT * FROM read_parquet('articles/{PARTITION}=*/*.parquet');     -- DuckDB, bare files
    polars.scan_delta('articles')      deltalake.DeltaTable('articles')      spark.read.format('delta')

The glob matters: `**/*.parquet` would also take the log's own checkpoint files. Bare files never miss a row; after a
crash, and within the retention after a compaction, they may show one twice: the view `articles` and every Delta reader
show it once. A column may be added in a later version; none is renamed, retyped or removed. Files of several schema
versions are read in one query by `union_by_name = true` (DuckDB), `missing_columns='insert'` (Polars), `mergeSchema`
(Spark); Delta readers and `newsbeam query` need to be told nothing.

What a row was made by is in its own columns:

    SELECT pipeline_version, schema_version, extractor, pack_version, count(*) FROM articles GROUP BY ALL;

The same columns for other tools: `newsbeam schema --format bigquery`, `bigquery-external`, `duckdb` or `json`.
"""


def codebook() -> str:
    """The whole codebook as Markdown."""
    return "\n".join([_HEAD, *(_table(t) for t in TABLES.values()), _views(), _enums()])


def _table(table: Table) -> str:
    lines = [
        f"## Table `{table.name}`",
        "",
        f"{table.doc} Rows of a file are sorted by {', '.join(f'`{c}`' for c in table.sort_by)}; `{PARTITION}` is the"
        f" {'first day of the UTC month' if table.by_month else 'UTC date'} of `{table.dated_by}`"
        f"{' (the view of the same name shows the day)' if table.by_month else ''}.",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{c.name}` | {type_name(c.type)}{'' if c.nullable else ', never null'} | {c.doc} |" for c in table.columns
    ]
    return "\n".join([*lines, ""])


def type_name(kind: pa.DataType) -> str:
    """An Arrow type in words that fit a table cell, e.g. `list<struct<start int32, …>>`."""
    if pa.types.is_list(kind):
        return f"list<{type_name(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return (
            "struct<"
            + ", ".join(f"{kind.field(i).name} {type_name(kind.field(i).type)}" for i in range(kind.num_fields))
            + ">"
        )
    if pa.types.is_timestamp(kind):
        return f"timestamp[{kind.unit}, {kind.tz}]"
    return str(kind)


def _views() -> str:
    lines = [
        "## Views",
        "",
        "Ready in `views.sql` and in `newsbeam query`.",
        "",
        "| view | what it shows |",
        "|---|---|",
    ]
    return "\n".join([*lines, *(f"| `{name}` | {doc} |" for name, (doc, _) in VIEWS.items()), ""])


def _enums() -> str:
    lines = ["## Reasons of failures", "", "| reason | meaning |", "|---|---|"]
    lines += [f"| `{reason}` | {text} |" for reason, text in REASONS.items()]
    lines += [
        "",
        "## The sum",
        "",
        f"Every entry seen ends in exactly one of: {', '.join(EntryState)}.",
        f"Every poll ends in one of: {', '.join(PollOutcome)}.",
        "",
    ]
    return "\n".join(lines)
