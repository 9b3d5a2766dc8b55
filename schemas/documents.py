"""Everything that the schema renders, by the name of its file under docs/. `make docs` writes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from schemas.bigquery import bigquery_external, bigquery_schema
from schemas.codebook import codebook, type_name
from schemas.ddl import duckdb_ddl
from schemas.tables import TABLES
from schemas.versions import SCHEMA_VERSION


def contract() -> str:
    """Names, types and nullability of all columns as JSON: what a released schema version is frozen as."""
    tables = {
        table.name: [{"name": c.name, "type": type_name(c.type), "nullable": c.nullable} for c in table.columns]
        for table in TABLES.values()
    }
    return json.dumps({"schema_version": SCHEMA_VERSION, "tables": tables}, indent=1) + "\n"


def documents() -> dict[str, str]:
    """Text of every rendered file."""
    made = {"codebook.md": codebook(), "duckdb.sql": duckdb_ddl()}
    for table in TABLES.values():
        made[f"bigquery/{table.name}.schema.json"] = bigquery_schema(table)
        made[f"bigquery/{table.name}.external.json"] = bigquery_external(table)
    return made


def main(folder: Path) -> None:
    """Writes every rendered file under a folder."""
    for name, text in documents().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
