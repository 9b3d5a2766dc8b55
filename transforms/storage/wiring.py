"""Beam wiring of the room storage: rows in, one commit per table and window, the committed rows out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import apache_beam as beam
from apache_beam.typehints import Tuple

from schemas.tables import TABLES
from transforms.storage.dataset import Dataset

_R = TypeVar("_R")


class CommitRows(beam.PTransform):
    """Writes rows of one table and adds the files to its log in one commit; each element leaves once it is committed.

    A retry of the same rows makes the same files, which the log holds once. `row_of` takes the row out of an element,
    where elements are more than rows.
    """

    def __init__(self, root: str, table: str, row_of: Callable[[Any], object] | None = None) -> None:
        super().__init__()
        self._root = root
        self._table = table
        self._row_of = row_of

    def expand(self, rows: beam.PCollection[_R]) -> beam.PCollection[_R]:
        return (
            rows
            | "KeyByTable" >> beam.Map(_keyed, self._table).with_output_types(Tuple[str, rows.element_type or Any])
            | "GroupRows" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(_Commit(self._root, self._table, self._row_of))
        )


def _keyed(row: _R, table: str) -> tuple[str, _R]:
    return table, row


class _Commit(beam.DoFn):
    def __init__(self, root: str, table: str, row_of: Callable[[Any], object] | None) -> None:
        self._root = root
        self._table = table
        self._row_of = row_of

    def process(self, keyed: tuple[str, Iterable[_R]]) -> Iterator[_R]:
        elements = list(keyed[1])
        rows = [self._row_of(e) for e in elements] if self._row_of else elements
        Dataset(self._root).commit(TABLES[self._table], rows)
        yield from elements
