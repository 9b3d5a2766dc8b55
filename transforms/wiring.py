"""Beam wiring that rooms share: a DoFn that keeps several pieces of work under way at once, and the coders of state.

Coders: what a state cell holds outlives the program that wrote it. A running job is updated to a new version, and the
new version reads the old bytes. Pickled objects would tie the bytes to the module and the class layout; these are
MessagePack with field names and values, so a record may gain a field that has a default. No field may be renamed or
change its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from datetime import datetime
from queue import SimpleQueue
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam import coders
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.timestamp import Timestamp
from apache_beam.utils.windowed_value import WindowedValue

from schemas.records import Article, Failure, FeedEntry, Poll, StoryLink, StoryRecord
from transforms.coding import decode, encode


class _Started(NamedTuple):
    element: Any
    context: Any
    window: WindowedValue


class InFlightDoFn(beam.DoFn):
    """Starts one piece of work per element, `in_flight` at once, and gives out results in their element's window.

    A subclass says how work is started (`start`) and what its end means (`results`); results are elements, or
    TaggedOutputs. As many outcomes as are in flight are held at most, so memory does not grow with the bundle.
    """

    in_flight = 64

    def start_bundle(self) -> None:
        self._started: dict[Future[Any], _Started] = {}
        self._done: SimpleQueue[Future[Any]] = SimpleQueue()

    def start(self, element: Any) -> tuple[Future[Any], Any]:
        """The future of an element's work, and whatever `results` shall be given with its end."""
        raise NotImplementedError

    def results(self, element: Any, context: Any, future: Future[Any]) -> Iterator[object]:
        """What the end of the work means; the future is done."""
        raise NotImplementedError

    def process(
        self, element: Any, window: Any = beam.DoFn.WindowParam, timestamp: Any = beam.DoFn.TimestampParam
    ) -> Iterator[object]:
        future, context = self.start(element)
        self._started[future] = _Started(element, context, WindowedValue(None, timestamp, (window,)))
        future.add_done_callback(self._done.put)
        while len(self._started) >= self.in_flight:
            yield from self._next_results()

    def finish_bundle(self) -> Iterator[object]:
        while self._started:
            yield from self._next_results()

    def _next_results(self) -> Iterator[object]:
        future = self._done.get()  # not `wait`, which looks at every future anew for each that is done
        started = self._started.pop(future)
        for result in self.results(started.element, started.context, future):
            if isinstance(result, TaggedOutput):
                yield TaggedOutput(result.tag, started.window.with_value(result.value))
            else:
                yield started.window.with_value(result)


def keep_until(over: datetime, cell: Any, value: object, timer: Any) -> None:
    """Writes a cell, and sets the timer (event time) that shall collect it."""
    cell.write(value)
    timer.set(Timestamp.from_utc_datetime(over))


def collect_if_over(over: Callable[[Any], datetime], cell: Any, now: datetime) -> Any:
    """Clears a cell whose time is over by the clock: what a timer does that is a hint, while the truth is in state.

    Args:
        over: When the time of a value is over.

    Returns:
        What was cleared; None where nothing was.
    """
    value = cell.read()
    if value is None or over(value) > now:
        return None
    cell.clear()
    return value


class RecordCoder(coders.Coder):
    """Codes values of one type that msgspec knows: dataclasses, and containers and times of them.

    Args:
        kind: The type, as it is annotated; given back exactly, with aware times in UTC.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def encode(self, value: Any) -> bytes:
        return encode(value)

    def decode(self, encoded: bytes) -> Any:
        return decode(encoded, self._kind)

    def is_deterministic(self) -> bool:
        return True

    def to_type_hint(self) -> Any:
        return self._kind

    @classmethod
    def from_type_hint(cls, typehint: Any, registry: Any) -> RecordCoder:
        return cls(typehint)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._kind == other._kind

    def __hash__(self) -> int:
        return hash((type(self), str(self._kind)))

    def __repr__(self) -> str:
        return f"RecordCoder({self._kind})"


def register(*kinds: type) -> None:
    """Lets Beam use a RecordCoder wherever a step is annotated with one of these types."""
    for kind in kinds:
        coders.registry.register_coder(kind, RecordCoder)


register(Article, Failure, FeedEntry, Poll, StoryLink, StoryRecord)
