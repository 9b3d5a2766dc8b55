"""Beam wiring of the room stories: tagged and signed articles in, placed rows out.

A local run needs none: it places a slice as a whole against the index of the ledger (`place_slice`). An unbounded graph
keeps state per band of the texts' signatures, per text and per article (`PlaceStories`): timers are hints; the truth is
in state. What is remembered is counted from fetch to fetch, as in a local run; the injected clock only says when to
collect.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.timeutil import TimeDomain
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec, TimerSpec, on_timer

from schemas.records import StoryRecord
from transforms.clock import Clock
from transforms.stories.assign import MEMORY, Memory, remember
from transforms.stories.gather import (
    Asking,
    Clue,
    Filed,
    Gathering,
    Heard,
    KnownArticle,
    KnownText,
    Question,
    answer_question,
    gather,
    match_band,
    place_gathered,
    remembered,
    text_key,
)
from transforms.stories.sign import Signed
from transforms.wiring import RecordCoder, collect_if_over, keep_until, register

LINKS = "links"
_BANDS = "bands"
_QUESTIONS = "questions"

_GRACE = timedelta(days=1)
"""A text is kept for so much longer than any row asks for it, so that no clock of another worker misses it."""

register(Asking, Clue, Heard, Question, Signed)


class PlaceStories(beam.PTransform):
    """Tells new articles, revisions, repeats and near-duplicates apart, row by row.

    Outputs `rows` (Article, with story_id, near_duplicate_of, supersedes and wire_origin) and `links` (StoryLink). An
    article whose content is known gives neither; the metric `articles_unchanged` counts it, and a retry repeats it.
    """

    def __init__(self, clock: Clock, memory: Memory = MEMORY) -> None:
        super().__init__()
        self._clock = clock
        self._memory = memory

    def expand(self, articles: beam.PCollection[Signed]) -> beam.pvalue.DoOutputsTuple:
        asked = articles | "AskBands" >> beam.ParDo(_AskBands()).with_outputs(_BANDS, main="rows")
        rows = asked.rows | "KeyRows" >> beam.Map(_as_is).with_output_types(tuple[str, Heard])
        filed = (
            asked[_BANDS]
            | "KeyBands" >> beam.Map(_as_is).with_output_types(tuple[str, Asking])
            | "MatchBand"
            >> beam.ParDo(_MatchBand(self._clock, self._memory.bands))
            .with_input_types(tuple[str, Asking])
            .with_output_types(tuple[str, Heard])
        )
        heard = (
            (rows, filed)
            | "CollectAnswers" >> beam.Flatten()
            | "GatherTexts"
            >> beam.ParDo(_GatherTexts()).with_input_types(tuple[str, Heard]).with_outputs(_QUESTIONS, main="rows")
        )
        gathered = heard.rows | "KeyArticles" >> beam.Map(_as_is).with_output_types(tuple[str, Clue])
        compared = (
            heard[_QUESTIONS]
            | "KeyTexts" >> beam.Map(_as_is).with_output_types(tuple[str, Question])
            | "CompareText"
            >> beam.ParDo(_CompareText(self._clock, self._memory.bands))
            .with_input_types(tuple[str, Question])
            .with_output_types(tuple[str, Clue])
        )
        return (
            (gathered, compared)
            | "CollectClues" >> beam.Flatten()
            | "Place"
            >> beam.ParDo(_PlaceArticle(self._clock, self._memory))
            .with_input_types(tuple[str, Clue])
            .with_outputs(LINKS, main="rows")
        )


def _as_is(keyed: tuple[str, Any]) -> tuple[str, Any]:
    return keyed


class _AskBands(beam.DoFn):
    """A row goes to its own key; the key of its text goes to each of its bands."""

    def process(self, signed: Signed) -> Iterator[object]:
        record, bands = remember(signed)
        yield record.row_id, Heard(signed)
        asking = Asking(record.row_id, Filed(text_key(record), record.fetched_at))
        for band in bands:
            yield TaggedOutput(_BANDS, (band, asking))


class _MatchBand(beam.DoFn):
    """Keyed by band.

    Cells:
        filed: The band's texts, at most MAX_PER_BAND of them, each until a row that was fetched `keep` later.

    Timers:
        forget (event time): Collects the cell once its newest text is too old. Early or late, it changes no answer.
    """

    FILED = ReadModifyWriteStateSpec("filed", RecordCoder(tuple[Filed, ...]))
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, clock: Clock, keep: timedelta) -> None:
        self._clock = clock
        self._keep = keep

    def process(
        self,
        keyed: tuple[str, Asking],
        cell: Any = beam.DoFn.StateParam(FILED),
        forget: Any = beam.DoFn.TimerParam(FORGET),
    ) -> Iterator[tuple[str, Heard]]:
        asking = keyed[1]
        others, filed = match_band(cell.read() or (), asking.filed, self._keep)
        keep_until(self._over(filed), cell, filed, forget)
        yield asking.row_id, Heard(filed=others)

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(FILED)) -> None:
        collect_if_over(self._over, cell, self._clock())

    def _over(self, filed: tuple[Filed, ...]) -> datetime:
        return max(text.fetched_at for text in filed) + self._keep


class _GatherTexts(beam.DoFn):
    """Keyed by row_id. Gives the row to its article and to its text, and asks each text once that its bands know.

    Cells, both until the last band has answered, some seconds later; nothing expires, as every band answers once:
        waiting: The row: the one cell that holds its text, so that an answer does not write it again.
        gathering: The answers.
    """

    WAITING = ReadModifyWriteStateSpec("waiting", RecordCoder(Signed))
    GATHERING = ReadModifyWriteStateSpec("gathering", RecordCoder(Gathering[Filed]))

    def process(
        self,
        keyed: tuple[str, Heard],
        waiting_cell: Any = beam.DoFn.StateParam(WAITING),
        gathering_cell: Any = beam.DoFn.StateParam(GATHERING),
    ) -> Iterator[object]:
        row_id, heard = keyed
        signed = heard.signed
        if signed is not None and signed.bands:
            record, _ = remember(signed)
            yield TaggedOutput(_QUESTIONS, (text_key(record), Question(record)))
        gathered = gather(gathering_cell.read() or Gathering(), len(signed.bands) if signed else None, heard.filed)
        if not gathered.complete:
            gathering_cell.write(gathered)
            if signed is not None:
                waiting_cell.write(signed)
            return
        signed = signed or waiting_cell.read()
        gathering_cell.clear()
        waiting_cell.clear()
        record, _ = remember(signed)
        yield record.article_id, Clue(row_id, signed, asked=len(gathered.found))
        for text in gathered.found:
            yield TaggedOutput(_QUESTIONS, (text.text, Question(record, text.fetched_at)))


class _CompareText(beam.DoFn):
    """Keyed by text.

    Cells:
        text: What its row is compared by, once for all bands, or the questions that came before the row.

    Timers:
        forget (event time): Collects the cell a day after the last row may ask. Early or late, it changes no answer.
    """

    TEXT = ReadModifyWriteStateSpec("text", RecordCoder(KnownText))
    FORGET = TimerSpec("forget", TimeDomain.WATERMARK)

    def __init__(self, clock: Clock, keep: timedelta) -> None:
        self._clock = clock
        self._keep = keep

    def process(
        self,
        keyed: tuple[str, Question],
        cell: Any = beam.DoFn.StateParam(TEXT),
        forget: Any = beam.DoFn.TimerParam(FORGET),
    ) -> Iterator[tuple[str, Clue]]:
        before = cell.read()
        known, answers = answer_question(before, keyed[1], self._keep, self._clock())
        if known is not None and known != before:
            keep_until(_over_with_grace(known), cell, known, forget)
        for row, copies in answers:
            yield row.article_id, Clue(row.row_id, copies=copies)

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(TEXT)) -> Iterator[tuple[str, Clue]]:
        known: KnownText | None = collect_if_over(_over_with_grace, cell, self._clock())
        for question in known.waiting if known else ():  # its row never came: no article may wait for ever
            yield question.record.article_id, Clue(question.record.row_id)


def _over_with_grace(known: KnownText) -> datetime:
    return known.expires_at + _GRACE


class _PlaceArticle(beam.DoFn):
    """Keyed by article_id.

    Cells:
        known: The article's latest row, when its first one was fetched, and the fetch from which they do not count.
        waiting: By row_id, rows about which not all texts have answered yet: the one cell that holds texts, so that an
            answer does not write them again. A row stays some seconds; nothing expires, as every text answers once.
        gathering: By row_id, the answers about them.

    Timers:
        forget (event time): Collects `known` after its expiry. Early or late, it changes no answer.
    """

    KNOWN = ReadModifyWriteStateSpec("known", RecordCoder(KnownArticle))
    WAITING = ReadModifyWriteStateSpec("waiting", RecordCoder(dict[str, Signed]))
    GATHERING = ReadModifyWriteStateSpec("gathering", RecordCoder(dict[str, Gathering[StoryRecord]]))
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
        gatherings: dict[str, Gathering[StoryRecord]] = gathering_cell.read() or {}
        gathered = gather(gatherings.pop(clue.row_id, Gathering()), clue.asked, clue.copies)
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
        yield from self._place(signed, gathered.found, known_cell, forget)

    def _place(self, signed: Signed, copies: tuple[StoryRecord, ...], cell: Any, forget: Any) -> Iterator[object]:
        known: KnownArticle | None = cell.read()
        if known is not None and known.expires_at <= signed.article.fetched_at:
            known = None
        placement = place_gathered(signed, known, copies, self._memory)
        if placement.record is None:
            Metrics.counter("newsbeam", "articles_unchanged").inc()
            return
        known = remembered(known, placement.record, self._memory.articles)
        keep_until(known.expires_at, cell, known, forget)
        yield placement.article
        for link in placement.links:
            yield TaggedOutput(LINKS, link)

    @on_timer(FORGET)
    def collect(self, cell: Any = beam.DoFn.StateParam(KNOWN)) -> None:
        collect_if_over(attrgetter("expires_at"), cell, self._clock())


def _write_or_clear(cell: Any, held: dict[str, Any]) -> None:
    if held:
        cell.write(held)
    else:
        cell.clear()
