"""The state of a million articles in fewer, larger cells: what the part `growth` fills in minutes.

Article by article the state comes in as fast as a job places articles. What a checkpoint costs hangs on the bytes, not
on how they came, so here the same bytes (`encoded_cells`, a hundred articles to a key) are written at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any

import apache_beam as beam
from apache_beam.coders import BytesCoder
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec

from tests.bench.invented import Count, Told, encoded_cells, numbers_of

BLOCK = 100
"""Articles to a key."""

_MODELS = 20
"""Blocks that a worker makes; later ones repeat them under other keys, which RocksDB's compression cannot see, as it
looks at little more than a block at a time."""

_IN_FLIGHT = 20


def build_bulk(pipeline: beam.Pipeline, told: Told, start: datetime) -> None:
    """Writes blocks of state, as many as are wanted."""
    _ = (
        numbers_of(pipeline, told, start, _IN_FLIGHT)
        | "KeyBlocks" >> beam.Map(_keyed).with_output_types(tuple[str, int])
        | "Hold" >> beam.ParDo(_Hold()).with_input_types(tuple[str, int]).with_output_types(int)
        | "CountBlocks" >> beam.ParDo(Count(told))
    )


def _keyed(block: int) -> tuple[str, int]:
    return f"block-{block}", block


class _Hold(beam.DoFn):
    """Cell `held`: all that is remembered of the block's articles."""

    HELD = ReadModifyWriteStateSpec("held", BytesCoder())

    def process(self, keyed: tuple[str, int], cell: Any = beam.DoFn.StateParam(HELD)) -> Iterator[int]:
        cell.write(_bytes_of(keyed[1] % _MODELS))
        yield keyed[1]


@lru_cache(_MODELS)
def _bytes_of(model: int) -> bytes:
    cells = [cell for number in range(model * BLOCK, (model + 1) * BLOCK) for cell in encoded_cells(number)]
    return b"".join(part for _, key, value in cells for part in (key.encode(), value))
