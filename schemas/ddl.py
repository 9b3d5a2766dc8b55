"""The tables as DuckDB's `CREATE TABLE`, to copy a dataset into a database of one's own."""

from __future__ import annotations

import pyarrow as pa

from schemas.tables import PARTITION, TABLES, Table
from schemas.versions import SCHEMA_VERSION

_FLAT = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
}


def duckdb_ddl() -> str:
    """SQL that makes all tables, with comments; `INSERT INTO … BY NAME` fills them from the files."""
    head = (
        f"-- Tables of newsbeam, schema version {SCHEMA_VERSION}, for DuckDB. Filled from a dataset by, for example,\n"
        f"--   INSERT INTO articles BY NAME SELECT * FROM read_parquet('news/articles/{PARTITION}=*/*.parquet');\n"
    )
    return head + "\n" + "\n".join(_create(table) for table in TABLES.values())


def _create(table: Table) -> str:
    columns = [f"  {_name(c.name)} {duckdb_type(c.type)}{'' if c.nullable else ' NOT NULL'}" for c in table.columns]
    columns.append(f"  {_name(PARTITION)} DATE NOT NULL")
    comments = [f"COMMENT ON TABLE {table.name} IS {_text(table.doc)};"]
    comments += [f"COMMENT ON COLUMN {table.name}.{_name(c.name)} IS {_text(c.doc)};" for c in table.columns]
    return f"CREATE TABLE {table.name} (\n" + ",\n".join(columns) + "\n);\n" + "\n".join(comments) + "\n"


def duckdb_type(kind: pa.DataType) -> str:
    """An Arrow type of the tables as DuckDB writes it, e.g. `STRUCT("start" INTEGER, …)[]`."""
    if pa.types.is_list(kind):
        return f"{duckdb_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        members = [kind.field(i) for i in range(kind.num_fields)]
        return f"STRUCT({', '.join(f'{_name(m.name)} {duckdb_type(m.type)}' for m in members)})"
    return _FLAT[kind]


def _name(name: str) -> str:
    """Quoted, since `end` is a word of SQL."""
    return f'"{name}"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
