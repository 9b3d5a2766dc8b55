"""What the unbounded job remembers of each article it has seen, and what that makes of its checkpoints on Flink."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from schemas.records import Article
from tests.bench.found import find_flink, load
from tests.bench.invented import Told, build_growth, invented_article, invented_entry
from tests.flink import Cluster, Timeline
from transforms.feeds.known import KnownEntry, judge_entry
from transforms.feeds.wiring import ENTRIES_KEPT
from transforms.stories.assign import remember
from transforms.stories.gather import KnownArticle, match_band, remembered
from transforms.stories.sign import Signed
from transforms.stories.wiring import ARTICLES_KEPT, BANDS_KEPT
from transforms.wiring import RecordCoder

SIZES = (10_000, 100_000, 1_000_000)
MINUTES = float(os.environ.get("NEWSBEAM_BENCH_MINUTES", "30"))
"""How long the state is filled at most; what is not reached by then is extrapolated, and said to be."""
QUIET_CHECKPOINTS = 2
STEPS = {"links": "NewEntries", "bands": "MatchBand", "articles": "Place"}
"""By cell, a part of the name of Flink's task that holds it."""


@dataclass(frozen=True)
class Cell:
    """What one article costs in one kind of cell: so many of them, their values' bytes and their keys'."""

    name: str
    count: float
    value: float
    key: float

    @property
    def per_article(self) -> float:
        return self.count * (self.value + self.key)


def growth(scratch: Path) -> None:
    """Prints bytes per article by cell from the coders, then checkpoints of a job on Flink that has seen so many."""
    cells = cells_of_an_article()
    for cell in cells:
        print(
            f"state by the coders: {cell.name}: {cell.count:.0f} cells per article, {cell.value:.0f} bytes each and"
            f" {cell.key:.0f} of key: {cell.per_article:,.0f} bytes per article"
        )
    total = sum(cell.per_article for cell in cells)
    print(f"state by the coders: {total:,.0f} bytes per article while its bands are kept", flush=True)
    jars = find_flink()
    if jars:
        _on_flink(jars, scratch, total)


def cells_of_an_article(articles: int = 200) -> list[Cell]:
    """Mean sizes over invented articles, each a near-duplicate of none."""
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    links, bands, known = [], [], []
    for number in range(articles):
        entry = invented_entry(number)
        signed = invented_article(entry, now + timedelta(microseconds=number * 7_919))
        record, keys = remember(signed)
        judged = judge_entry(None, entry, now, ENTRIES_KEPT)[1]
        links.append((_size(KnownEntry, judged), len(str(entry.url))))
        rows = match_band((), record, now, BANDS_KEPT)[1]
        bands += [(_size(tuple[type(record), ...], rows), len(key)) for key in keys]
        kept = remembered(None, record, now, ARTICLES_KEPT)
        known.append((_size(KnownArticle, kept), len(record.article_id)))
    return [_cell(name, sizes, articles) for name, sizes in (("links", links), ("bands", bands), ("articles", known))]


def _size(kind: object, value: object) -> int:
    return len(RecordCoder(kind).encode(value))


def _cell(name: str, sizes: list[tuple[int, int]], articles: int) -> Cell:
    values, keys = zip(*sizes, strict=True)
    return Cell(name, len(sizes) / articles, statistics.mean(values), statistics.mean(keys))
