"""Beam wiring that rooms share: a DoFn that keeps several pieces of work under way at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue


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
        while len(self._started) >= self.in_flight:
            yield from self._next_results()

    def finish_bundle(self) -> Iterator[object]:
        while self._started:
            yield from self._next_results()

    def _next_results(self) -> Iterator[object]:
        done, _ = wait(self._started, return_when=FIRST_COMPLETED)
        for future in done:
            started = self._started.pop(future)
            for result in self.results(started.element, started.context, future):
                if isinstance(result, TaggedOutput):
                    yield TaggedOutput(result.tag, started.window.with_value(result.value))
                else:
                    yield started.window.with_value(result)
