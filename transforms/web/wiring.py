"""Beam wiring that feeds and pages share: a DoFn that keeps many requests under way at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from schemas.records import Problem
from transforms.clock import Clock
from transforms.web.client import FetchRules, Postponed, Request, Response
from transforms.web.shared import shared_client

IN_FLIGHT = 64
"""Requests of one bundle that wait for an answer at once; as many answers are held at most."""

Answer = Response | Problem | Postponed


class _Asked(NamedTuple):
    element: Any
    context: Any
    window: WindowedValue


class AskingDoFn(beam.DoFn):
    """Asks for one URL per element, IN_FLIGHT at once, and gives out each answer's results in its element's window.

    A subclass says what to ask (`ask`) and what an answer means (`results`); results are elements, or TaggedOutputs.
    """

    def __init__(self, rules: FetchRules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock

    def setup(self) -> None:
        self._client = shared_client(self._rules, self._clock)

    def start_bundle(self) -> None:
        self._asked: dict[Future[Answer], _Asked] = {}

    def ask(self, element: Any) -> tuple[Request, Any]:
        """The request for an element, and whatever `results` shall be given with the answer."""
        raise NotImplementedError

    def results(self, element: Any, context: Any, answer: Answer) -> Iterator[object]:
        """What an answer means."""
        raise NotImplementedError

    def process(
        self, element: Any, window: Any = beam.DoFn.WindowParam, timestamp: Any = beam.DoFn.TimestampParam
    ) -> Iterator[object]:
        request, context = self.ask(element)
        future = self._client.submit(request)
        self._asked[future] = _Asked(element, context, WindowedValue(None, timestamp, (window,)))
        while len(self._asked) >= IN_FLIGHT:
            yield from self._next_answers()

    def finish_bundle(self) -> Iterator[object]:
        while self._asked:
            yield from self._next_answers()

    def _next_answers(self) -> Iterator[object]:
        done, _ = wait(self._asked, return_when=FIRST_COMPLETED)
        for future in done:
            asked = self._asked.pop(future)
            for result in self.results(asked.element, asked.context, future.result()):
                if isinstance(result, TaggedOutput):
                    yield TaggedOutput(result.tag, asked.window.with_value(result.value))
                else:
                    yield asked.window.with_value(result)
