"""Beam wiring of the room storage: rows in, one commit per table and window, the committed rows out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import apache_beam as beam

from schemas.tables import TABLES
from transforms.storage.dataset import Dataset

_R = TypeVar("_R")


class CommitRows(beam.PTransform):
    """Writes rows of one table and adds the files to its log in one commit; each row leaves once it is committed.

    A retry of the same rows makes the same files, which the log holds once.
    """

    def __init__(self, root: str, table: str) -> None:
        super().__init__()
        self._root = root
        self._table = table

    def expand(self, rows: beam.PCollection[_R]) -> beam.PCollection[_R]:
        return (
            rows
            | "KeyByTable" >> beam.WithKeys(self._table)
            | "GroupRows" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(_Commit(self._root, self._table))
        )


class _Commit(beam.DoFn):
    def __init__(self, root: str, table: str) -> None:
        self._root = root
        self._table = table

    def process(self, keyed: tuple[str, Iterable[_R]]) -> Iterator[_R]:
        rows = list(keyed[1])
        Dataset(self._root).commit(TABLES[self._table], rows)
        yield from rows
