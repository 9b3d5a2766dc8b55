"""Beam wiring that feeds and pages share: a DoFn that asks for one URL per element, many at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any, Final

import msgspec

from schemas.records import Problem
from transforms.clock import Clock
from transforms.web.archive import Keeping, shared_archive
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.room import Room
from transforms.web.shared import shared_client
from transforms.wiring import InFlightDoFn

Answer = Response | Problem | Postponed


_UNUSED: Final = 32
"""Responses that wait to be handed on, beside those under way: enough that no connection waits for the thread that
takes them, and no more, as each may be of megabytes."""


class AskingDoFn(InFlightDoFn):
    """Asks for one URL per element. A subclass says what to ask (`ask`) and what an answer means (`answered`)."""

    def __init__(self, rules: FetchRules, clock: Clock, keeping: Keeping | None = None) -> None:
        self._rules = rules
        self._clock = clock
        self._keeping = keeping

    def keep(self, answer: Answer, **about: object) -> str | None:
        """Puts an answer into the archive, where there is one; gives the reference for its rows."""
        if self._keeping is None or not self._keeping.writes or not isinstance(answer, Response):
            return None
        return shared_archive(self._keeping.root).keep(answer, msgspec.json.encode(about))

    def finish_bundle(self) -> Iterator[object]:
        yield from super().finish_bundle()
        if self._keeping is not None and self._keeping.writes:
            shared_archive(self._keeping.root).sync()  # rows that name a record come after it, also on the disk

    def start_bundle(self) -> None:
        super().start_bundle()
        self._room: Room | None = None  # one per bundle, so that a bundle that fails takes its places with it

    def ask(self, element: Any) -> tuple[Request, Any]:
        """The request for an element, and whatever `answered` shall be given with the answer."""
        raise NotImplementedError

    def answered(self, element: Any, context: Any, answer: Answer) -> Iterator[object]:
        """What an answer means."""
        raise NotImplementedError

    def start(self, element: Any) -> tuple[Future[Answer], Any]:
        request, context = self.ask(element)
        # Not in setup: a run that asks for nothing is spared the HTTP library, which takes most of a second to load.
        client = shared_client(self._rules, self._clock)
        if self._room is None:
            self._room = client.room(self._rules.connections + _UNUSED)
        return client.submit(request, self._room), context

    def results(self, element: Any, context: Any, future: Future[Answer]) -> Iterator[object]:
        answer = future.result()
        yield from self.answered(element, context, answer)
        if isinstance(answer, Response) and self._room is not None:
            self._room.used()
