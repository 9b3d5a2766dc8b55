"""Streams in tests: a clock that the test moves, a TestStream whose elements move it, and the labels of the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing import test_stream
from apache_beam.testing.test_pipeline import TestPipeline
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from tests.factories import NOON

LABELS = """Begin
CollectErrands
CollectFailed
FetchShards/Fetch/ParDo(_FetchShard)
GiveSpan
KeyByHost
KeyByLink
MakeArticles/Make/ParDo(_MakeArticle)
NewEntries/Judge
PlaceStories/AskBands/ParDo(_AskBands)
PlaceStories/CollectAnswers
PlaceStories/CollectClues
PlaceStories/CompareText
PlaceStories/GatherTexts/ParDo(_GatherTexts)
PlaceStories/KeyArticles
PlaceStories/KeyBands
PlaceStories/KeyRows
PlaceStories/KeyTexts
PlaceStories/MatchBand
PlaceStories/Place/ParDo(_PlaceArticle)
PollShards/Poll/ParDo(_PollShard)
ReadArticles
Tick/GenSequence
Tick/MapToTimestamped
WakeFetching
WakePolling
WriteArticles/CommitRows/Commit
WriteArticles/CommitRows/GroupRows
WriteArticles/CommitRows/KeyByTable
WriteArticles/TypeRows
WriteArticles/WindowRows
WriteFailures/CommitRows/Commit
WriteFailures/CommitRows/GroupRows
WriteFailures/CommitRows/KeyByTable
WriteFailures/TypeRows
WriteFailures/WindowRows
WritePolls/CommitRows/Commit
WritePolls/CommitRows/GroupRows
WritePolls/CommitRows/KeyByTable
WritePolls/TypeRows
WritePolls/WindowRows
WriteStoryLinks/CommitRows/Commit
WriteStoryLinks/CommitRows/GroupRows
WriteStoryLinks/CommitRows/KeyByTable
WriteStoryLinks/TypeRows
WriteStoryLinks/WindowRows
"""
"""Every step of the unbounded graph. A label that changes loses the state of a running job at its update: where that
is meant, say in CHANGELOG.md that the job has to be drained and started anew."""

_now = [NOON]


def set_clock(now: datetime) -> None:
    """Moves the clock of the tests."""
    _now[0] = now


def moved_clock() -> datetime:
    """The clock of the tests: it stands where it was moved to."""
    return _now[0]


def stream_pipeline() -> TestPipeline:
    """A streaming pipeline on the one local runner that takes a TestStream; it runs it event by event, in process."""
    return TestPipeline(runner="BundleBasedDirectRunner", options=PipelineOptions(["--streaming"]))


def timed(events: Iterable[tuple[datetime, Any]]) -> test_stream.TestStream:
    """One bundle per element, each at its time, the watermark close behind."""
    stream = test_stream.TestStream()
    reached = None
    for moment, value in events:
        stamp = Timestamp.from_utc_datetime(moment)
        if reached is None or stamp > reached:
            reached = stamp
            stream = stream.advance_watermark_to(stamp)
        stream = stream.add_elements([TimestampedValue((moment, value), stamp)])
    return stream.advance_watermark_to_infinity()


class MoveClock(beam.DoFn):
    """Sets the clock to the time that an element says, and gives its value."""

    def process(self, element: tuple[datetime, Any]) -> Iterator[Any]:
        set_clock(element[0])
        yield element[1]


def through(transform: beam.PTransform, events: Sequence[tuple[datetime, Any]], *outputs: str) -> dict[str, list[Any]]:
    """Runs timed elements through a transform; gives what came out of it, by output.

    Args:
        outputs: Names of its outputs; none for a transform with a single one, which is then called `out`.
    """
    _caught.clear()
    with stream_pipeline() as pipeline:
        out = pipeline | timed(events) | "MoveClock" >> beam.ParDo(MoveClock()) | "Tested" >> transform
        for name in outputs or ("out",):
            _ = (out[name] if outputs else out) | f"Catch {name}" >> beam.Map(_catch, name)
    return {name: _caught.get(name, []) for name in outputs or ("out",)}


_caught: dict[str, list[Any]] = {}


def _catch(element: Any, name: str) -> None:
    _caught.setdefault(name, []).append(element)
