"""No file holds a row twice: what the view `articles` relies on where a day has only one file."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from schemas.tables import PARTITION, Table
from schemas.views import once


def without_repeats(table: Table, data: pa.Table, day: date) -> pa.Table:
    """Rows of one partition, in their order, without those that the table's view would leave out as repeats.

    Nearly always there are none, and each row is of another thing, which is all that has to be looked at.
    """
    if table.news is None or pc.count_distinct(data[table.news[0]]).as_py() == len(data):
        return data
    keys = data.select(table.identity)
    keys = keys.append_column(PARTITION, pa.repeat(pa.scalar(day), len(data)))
    keys = keys.append_column("_row", pa.array(range(len(data)), pa.int64()))
    with duckdb.connect() as connection:
        connection.register("keys", keys)
        kept = connection.sql(f"SELECT _row FROM ({once(table, 'keys', also_by=('_row',))}) ORDER BY _row")
        return data.take(kept.to_arrow_table().combine_chunks()["_row"])
