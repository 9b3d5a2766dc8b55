"""The rows of a table that stand: where one was written again, the views show one of the repeats, and so does this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads

from schemas.tables import PARTITION, Table
from schemas.views import once
from transforms.storage.dataset import Dataset
from transforms.storage.log import LiveFile


def standing_rows(dataset: Dataset, table: Table, files: Sequence[LiveFile]) -> dict[str, pa.Array]:
    """For each file the numbers of its rows that the table's view shows, found by the view's own condition.

    Args:
        files: All files that may hold repeats of each other's rows: those of whole partitions.
    """
    if not files:
        return {}
    with duckdb.connect() as connection:
        connection.register("keys", pa.concat_tables(_keys(dataset, table, n, file) for n, file in enumerate(files)))
        query = f"SELECT _file, _row FROM ({once(table, 'keys', also_by=('_file', '_row'))}) ORDER BY ALL"
        found = connection.sql(query).to_arrow_table().combine_chunks()
    return {file.path: found.filter(pc.field("_file") == n)["_row"] for n, file in enumerate(files)}


def standing_batches(
    dataset: Dataset, table: Table, files: Sequence[LiveFile], most: int
) -> Iterator[pa.RecordBatch | pa.Table]:
    """The rows of some partitions that stand, whole, at most `most` at a time: memory does not grow with the files.

    Args:
        files: All files of the partitions.
    """
    kept = standing_rows(dataset, table, files)
    for file in files:
        begin, numbers = 0, kept[file.path].to_numpy()
        source = open_file(dataset, table, file)
        for batch in source.to_batches(batch_size=most, batch_readahead=1, fragment_readahead=1):
            end = begin + len(batch)
            wanted = numbers[(numbers >= begin) & (numbers < end)] - begin
            if len(wanted):
                yield batch.take(pa.array(wanted))
            begin = end


def read_file(dataset: Dataset, table: Table, file: LiveFile, columns: Sequence[str]) -> pa.Table:
    """Columns of one file in its own order; one that an earlier version did not write is null."""
    return open_file(dataset, table, file).to_table(columns=list(columns))


def open_file(dataset: Dataset, table: Table, file: LiveFile) -> pads.Dataset:
    """One file in the table's schema."""
    path = f"{dataset.folder(table)}/{file.path}"
    return pads.dataset([path], schema=table.schema, format="parquet", filesystem=dataset.place.filesystem)


def _keys(dataset: Dataset, table: Table, number: int, file: LiveFile) -> pa.Table:
    """What tells a file's rows from others, with the number of the file and of the row in it."""
    data = read_file(dataset, table, file, table.identity)
    data = data.append_column(PARTITION, pa.repeat(pa.scalar(file.partition), len(data)))
    data = data.append_column("_file", pa.repeat(pa.scalar(number), len(data)))
    return data.append_column("_row", pa.array(range(len(data)), pa.int64()))
