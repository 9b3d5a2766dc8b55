"""Articles without end, each unlike all others, and the graph that remembers them: what the part `growth` runs.

Source and steps are a closed loop: the source makes an article only while less than `IN_FLIGHT` of them are on their
way, so that checkpoints do not wait behind a queue that the source alone has made. What has arrived is told through
files, which the two ends of the graph share as they run on one machine.
"""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import VarIntCoder
from apache_beam.transforms.periodicsequence import PeriodicSequence
from apache_beam.transforms.userstate import ReadModifyWriteStateSpec
from apache_beam.utils.timestamp import MAX_TIMESTAMP, Timestamp

from schemas.ids import article_id_of_url, content_hash, entry_key, row_id, stable_hash
from schemas.records import Article, FeedEntry
from tests.bench.words import vocabulary
from transforms.clock import utc_now
from transforms.feeds.known import KnownEntry, judge_entry
from transforms.feeds.wiring import ENTRIES_KEPT, NewEntries
from transforms.stories.assign import MEMORY, remember
from transforms.stories.gather import (
    Filed,
    KnownArticle,
    KnownText,
    Question,
    answer_question,
    match_band,
    remembered,
    text_key,
)
from transforms.stories.sign import Signed, sign
from transforms.stories.wiring import PlaceStories
from transforms.wiring import RecordCoder

WORDS = 300
SITES = 200
IN_FLIGHT = 300
TICK_S = 0.5
_FIRST_SEEN = datetime(2026, 11, 22, 6, tzinfo=UTC)


def invented_entry(number: int) -> FeedEntry:
    """The entry of a feed that brings an article; no two numbers share a link."""
    site = f"paper{number % SITES:03}.example.org"
    feed = f"https://{site}/rss.xml"
    url = f"https://{site}/news/2026/11/{_title(number).lower().replace(' ', '-')}-{number}.html"
    return FeedEntry(
        key=entry_key(feed, url),
        source=site,
        url=url,
        feed_url=feed,
        guid=url,
        title=_title(number),
        fingerprint=stable_hash("fingerprint", url),
    )


def invented_article(entry: FeedEntry, now: datetime) -> Signed:
    """The article behind an entry, signed: its words are drawn anew, so that it is a near-duplicate of none."""
    url = str(entry.url)
    text = " ".join([entry.title or "", *random.Random(url).choices(vocabulary(), k=WORDS)])
    ids, hashed = article_id_of_url(url), content_hash(entry.title, text)
    return sign(
        Article(
            row_id=row_id(ids, now, hashed),
            article_id=ids,
            url=url,
            canonical_url=url,
            source=entry.source,
            feed_url=entry.feed_url,
            guid=entry.guid,
            title=entry.title,
            authors=(),
            language="en",
            section=None,
            lead=None,
            text=text,
            image_url=None,
            published_at=now,
            published_raw=None,
            published_offset_min=0,
            published_date=now.date(),
            published_precision="second",
            published_from="feed",
            fetched_at=now,
            processed_at=now,
            word_count=WORDS,
            content_hash=hashed,
        )
    )


def encoded_cells(number: int) -> Iterator[tuple[str, str, bytes]]:
    """Name, key and coded value of each state cell that an article leaves behind that is like no other."""
    now = _FIRST_SEEN + timedelta(microseconds=number * 7_919)
    entry = invented_entry(number)
    record, bands = remember(invented_article(entry, now))
    yield "links", str(entry.url), _coded(KnownEntry, judge_entry(None, entry, now, ENTRIES_KEPT)[1])
    filed = match_band((), Filed(text_key(record), record.fetched_at), MEMORY.bands)[1]
    yield from (("bands", band, _coded(tuple[Filed, ...], filed)) for band in bands)
    text, _ = answer_question(None, Question(record), MEMORY.bands, now)
    yield "texts", text_key(record), _coded(KnownText, text)
    yield "articles", record.article_id, _coded(KnownArticle, remembered(None, record, MEMORY.articles))


def _coded(kind: object, value: object) -> bytes:
    return RecordCoder(kind).encode(value)


def _title(number: int) -> str:
    return " ".join(random.Random(number).choices(vocabulary(), k=6)).capitalize()


class Told:
    """What main process and workers tell each other: how many articles are wanted, and how many have arrived."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def want(self, count: int) -> None:
        new = self.folder / "wanted.new"
        new.write_text(str(count))
        os.replace(new, self.folder / "wanted")

    def wanted(self) -> int:
        return int((self.folder / "wanted").read_text())

    def arrived(self) -> int:
        return sum(file.stat().st_size for file in self.folder.glob("arrived-*"))


def build_growth(pipeline: beam.Pipeline, told: Told, start: datetime) -> None:
    """The two steps of the unbounded graph whose state grows with the articles seen, and a source for them."""
    signed = (
        numbers_of(pipeline, told, start, IN_FLIGHT)
        | "KeyByLink" >> beam.Map(_by_link).with_output_types(tuple[str, FeedEntry])
        | "NewEntries" >> NewEntries(utc_now)
        | "MakeArticles" >> beam.Map(_signed).with_output_types(Signed)
    )
    placed = signed | "PlaceStories" >> PlaceStories(utc_now)
    _ = placed.rows | "CountRows" >> beam.ParDo(Count(told))


def numbers_of(pipeline: beam.Pipeline, told: Told, start: datetime, in_flight: int) -> beam.PCollection[int]:
    """0, 1, 2 and so on up to what is wanted, as long as less than `in_flight` are on their way."""
    return (
        pipeline
        | "Begin" >> beam.Impulse()
        | "GiveSpan" >> beam.Map(_span, Timestamp.from_utc_datetime(start))
        | "Tick" >> PeriodicSequence()
        | "KeyTicks" >> beam.Map(_one_key).with_output_types(tuple[str, None])
        | "Make" >> beam.ParDo(_MakeNumbers(told, in_flight)).with_input_types(tuple[str, None]).with_output_types(int)
        | "Spread" >> beam.Reshuffle()
    )


def _span(_: bytes, first: Timestamp) -> tuple[Timestamp, Timestamp, float]:
    return first, MAX_TIMESTAMP, TICK_S


def _one_key(_: Any) -> tuple[str, None]:
    return "source", None


def _by_link(number: int) -> tuple[str, FeedEntry]:
    entry = invented_entry(number)
    return str(entry.url), entry


def _signed(entry: FeedEntry) -> Signed:
    return invented_article(entry, datetime.now(UTC))


class _MakeNumbers(beam.DoFn):
    """Cell `made`: how many numbers were given out."""

    MADE = ReadModifyWriteStateSpec("made", VarIntCoder())

    def __init__(self, told: Told, in_flight: int) -> None:
        self._told = told
        self._in_flight = in_flight

    def process(self, keyed: tuple[str, None], cell: Any = beam.DoFn.StateParam(MADE)) -> Iterator[int]:
        made = cell.read() or 0
        until = min(self._told.wanted(), self._told.arrived() + self._in_flight)
        if until > made:
            cell.write(until)
            yield from range(made, until)


class Count(beam.DoFn):
    """Appends a byte per row to a file of its own."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def setup(self) -> None:
        self._file = (self._told.folder / f"arrived-{uuid.uuid4().hex}").open("ab", buffering=0)

    def process(self, row: Article) -> None:
        self._file.write(b".")

    def teardown(self) -> None:
        self._file.close()
