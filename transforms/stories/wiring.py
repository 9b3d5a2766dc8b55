"""Beam wiring of the room stories: tagged and signed articles in, placed rows out.

A local run needs none: it places a slice as a whole against the index of the ledger (`place_slice`). An unbounded graph
keeps state per article and per band of the texts' signatures (`PlaceStories`): timers are hints; the truth is in state.
What is remembered is counted from fetch to fetch, as in a local run; the injected clock only says when to collect.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer
from apache_beam.utils.timestamp import Timestamp

from schemas.records import StoryRecord
from transforms.clock import Clock
from transforms.stories.assign import MEMORY, Memory, remember
from transforms.stories.gather import Clue, Gathering, KnownArticle, gather, match_band, place_gathered, remembered
from transforms.stories.sign import Signed
from transforms.wiring import RecordCoder, register

LINKS = "links"
_BANDS = "bands"

register(Clue, Signed)


class PlaceStories(beam.PTransform):
    """Tells new articles, revisions, repeats and near-duplicates apart, row by row.

    Outputs `rows` (Article, with story_id, near_duplicate_of, supersedes and wire_origin) and `links` (StoryLink). An
    article whose content is known gives neither; the metric `articles_unchanged` counts it, and a retry repeats it.
    """

    def __init__(self, clock: Clock, memory: Memory = MEMORY) -> None:
        super().__init__()
        self._place = _PlaceArticle(clock, memory)
        self._match = _MatchBand(clock, memory.bands)

    def expand(self, articles: beam.PCollection[Signed]) -> beam.pvalue.DoOutputsTuple:
        asked = articles | "AskBands" >> beam.ParDo(_AskBands()).with_outputs(_BANDS, main="rows")
        rows = asked.rows | "KeyRows" >> beam.Map(_as_is).with_output_types(tuple[str, Clue])
        answers = (
            asked[_BANDS]
            | "KeyBands" >> beam.Map(_as_is).with_output_types(tuple[str, StoryRecord])
            | "MatchBand"
            >> beam.ParDo(self._match).with_input_types(tuple[str, StoryRecord]).with_output_types(tuple[str, Clue])
        )
        return (
            (rows, answers)
            | "CollectClues" >> beam.Flatten()
            | "Place" >> beam.ParDo(self._place).with_input_types(tuple[str, Clue]).with_outputs(LINKS, main="rows")
        )


def _as_is(keyed: tuple[str, Any]) -> tuple[str, Any]:
    return keyed


class _AskBands(beam.DoFn):
    """A row goes to its article's key; what is remembered of it goes to each of its bands."""

    def process(self, signed: Signed) -> Iterator[object]:
        record, bands = remember(signed)
        yield record.article_id, Clue(record.row_id, signed)
        for band in bands:
            yield TaggedOutput(_BANDS, (band, record))


class _MatchBand(beam.DoFn):
    """Keyed by band.

    Cells:
        rows: Records of the band's rows, at most MAX_PER_BAND of them, each until a row that was fetched `keep` later.

    Timers:
        forget (event time): Collects the cell once its newest record is too old. Early or late, it changes no answer.
    """

    ROWS = ReadModifyWriteStateSpec("rows", RecordCoder(tuple[StoryRecord, ...]))
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, clock: Clock, keep: timedelta) -> None:
        self._clock = clock
        self._keep = keep

    def process(
        self,
        keyed: tuple[str, StoryRecord],
        cell: Any = beam.DoFn.StateParam(ROWS),
        forget: Any = beam.DoFn.TimerParam(FORGET),
    ) -> Iterator[tuple[str, Clue]]:
        record = keyed[1]
        copies, rows = match_band(cell.read() or (), record, self._keep)
        cell.write(rows)
        newest = max((row.fetched_at for row in rows), default=record.fetched_at)
        forget.set(Timestamp.from_utc_datetime(newest + self._keep))
        yield record.article_id, Clue(record.row_id, copies=copies)

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(ROWS)) -> None:
        if all(row.fetched_at + self._keep <= self._clock() for row in cell.read() or ()):
            cell.clear()


class _PlaceArticle(beam.DoFn):
    """Keyed by article_id.

    Cells:
        known: Records of the article's first and latest row, and the fetch from which they do not count.
        waiting: By row_id, rows whose bands have not all answered yet: the one cell that holds texts, so that an answer
            does not write them again. A row stays some seconds; nothing expires, as every band answers once.
        gathering: By row_id, the answers about them.

    Timers:
        forget (event time): Collects `known` after its expiry. Early or late, it changes no answer.
    """

    KNOWN = ReadModifyWriteStateSpec("known", RecordCoder(KnownArticle))
    WAITING = ReadModifyWriteStateSpec("waiting", RecordCoder(dict[str, Signed]))
    GATHERING = ReadModifyWriteStateSpec("gathering", RecordCoder(dict[str, Gathering]))
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, clock: Clock, memory: Memory) -> None:
        self._clock = clock
        self._memory = memory

    def process(
        self,
        keyed: tuple[str, Clue],
        known_cell: Any = beam.DoFn.StateParam(KNOWN),
        waiting_cell: Any = beam.DoFn.StateParam(WAITING),
        gathering_cell: Any = beam.DoFn.StateParam(GATHERING),
        forget: Any = beam.DoFn.TimerParam(FORGET),
    ) -> Iterator[object]:
        clue = keyed[1]
        gatherings: dict[str, Gathering] = gathering_cell.read() or {}
        gathered = gather(gatherings.pop(clue.row_id, Gathering()), clue)
        if not gathered.complete:
            _write_or_clear(gathering_cell, {**gatherings, clue.row_id: gathered})
            if clue.signed is not None:
                waiting_cell.write({**(waiting_cell.read() or {}), clue.row_id: clue.signed})
            return
        _write_or_clear(gathering_cell, gatherings)
        signed = clue.signed
        if signed is None:
            waiting: dict[str, Signed] = waiting_cell.read()
            signed = waiting.pop(clue.row_id)
            _write_or_clear(waiting_cell, waiting)
        yield from self._place(signed, gathered.copies, known_cell, forget)

    def _place(self, signed: Signed, copies: tuple[StoryRecord, ...], cell: Any, forget: Any) -> Iterator[object]:
        known: KnownArticle | None = cell.read()
        if known is not None and known.expires_at <= signed.article.fetched_at:
            known = None
        placement = place_gathered(signed, known, copies, self._memory)
        if placement.record is None:
            Metrics.counter("newsbeam", "articles_unchanged").inc()
            return
        known = remembered(known, placement.record, self._memory.articles)
        cell.write(known)
        forget.set(Timestamp.from_utc_datetime(known.expires_at))
        yield placement.article
        for link in placement.links:
            yield TaggedOutput(LINKS, link)

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(KNOWN)) -> None:
        known = cell.read()
        if known is not None and known.expires_at <= self._clock():
            cell.clear()


def _write_or_clear(cell: Any, held: dict[str, Any]) -> None:
    if held:
        cell.write(held)
    else:
        cell.clear()
