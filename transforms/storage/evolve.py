"""A dataset that an earlier version of newsbeam made takes in the columns that were added since."""

from __future__ import annotations

import pyarrow as pa
from deltalake import DeltaTable, Field, Schema

from schemas.tables import Table
from schemas.versions import SCHEMA_VERSION

_SINCE = "newsbeam.since_schema_version"


def widen(log: DeltaTable, table: Table) -> bool:
    """Adds to the log the columns that it lacks; the files written before stay as they are and read as null there.

    Returns:
        True where something was added.

    Raises:
        deltalake.exceptions.DeltaError: The log could not be committed.
    """
    missing = lacking(log, table)
    if missing:
        fields = Schema.from_arrow(pa.schema(missing)).fields
        log.alter.add_columns([Field(f.name, f.type, nullable=True, metadata={_SINCE: SCHEMA_VERSION}) for f in fields])
    return bool(missing)


def lacking(log: DeltaTable, table: Table) -> list[pa.Field]:
    """Columns of the table that a log does not know, since an earlier version of newsbeam made it."""
    known = {field.name for field in log.schema().fields}
    return [field for field in table.log_schema if field.name not in known]


def is_mixed(log: DeltaTable) -> bool:
    """True where the log's files may differ in their columns, since some were added after the first file."""
    return any(_SINCE in field.metadata for field in log.schema().fields)
