"""Beam wiring of the room storage: rows in, one commit per table and window, the committed rows out.

`CommitRows` commits what one bounded run brings, `CommitWindows` what an unbounded one brings window by window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import apache_beam as beam
from apache_beam.transforms import trigger, window
from apache_beam.typehints import Tuple
from apache_beam.utils.timestamp import Duration

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
            | "KeyByTable" >> beam.Map(_keyed, self._table).with_output_types(Tuple[str, rows.element_type or Any])
            | "GroupRows" >> beam.GroupByKey()
            | "Commit" >> beam.ParDo(_Commit(self._root, self._table))
        )


def _keyed(row: _R, table: str) -> tuple[str, _R]:
    return table, row


class _Commit(beam.DoFn):
    def __init__(self, root: str, table: str) -> None:
        self._root = root
        self._table = table

    def process(self, keyed: tuple[str, Iterable[_R]]) -> Iterator[_R]:
        rows = list(keyed[1])
        Dataset(self._root).commit(TABLES[self._table], rows)
        yield from rows


_LATENESS_S = 86_400
"""Nothing here can be late, as every step gives out rows at the time of the tick that made it work. Should a runner
think otherwise, the rows are committed by themselves and not dropped."""


class CommitWindows(beam.PTransform):
    """Gathers rows of one table for a window of time and commits them together, so that files are few.

    Rows carry the time of the tick that led to them. A window's rows form a group of their own each time it fires, and
    a file's name is made of its rows: a firing that is repeated adds the same file without effect; one that forms anew
    with other rows after a restore adds another, whose repeated rows the views leave out by their row_id.
    """

    def __init__(self, root: str, table: str, row_type: type, window_s: float) -> None:
        super().__init__()
        self._root = root
        self._table = table
        self._row_type = row_type
        self._window_s = window_s

    def expand(self, rows: beam.PCollection[Any]) -> beam.PCollection[Any]:
        return (
            rows
            | "TypeRows" >> beam.Map(_as_is).with_output_types(self._row_type)
            | "WindowRows"
            >> beam.WindowInto(
                window.FixedWindows(self._window_s),
                trigger=trigger.AfterWatermark(late=trigger.AfterCount(1)),
                accumulation_mode=trigger.AccumulationMode.DISCARDING,
                allowed_lateness=Duration(seconds=_LATENESS_S),
            )
            | "CommitRows" >> CommitRows(self._root, self._table)
        )


def _as_is(row: object) -> object:
    return row
