"""One request from its first hop to its last: turn, robots.txt, exchange, redirect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from yarl import URL

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.addresses import parse_url, registrable_domain
from transforms.web.messages import FetchRules, Postponed, Request, Response
from transforms.web.politeness import Lane, Politeness
from transforms.web.robots import RobotsCache, RobotsRules, rules_from_answer, rules_from_problem
from transforms.web.room import Room
from transforms.web.transport import Answer, Transport

_PERMANENT: Final = frozenset({301, 308})
_CONDITIONAL: Final = frozenset({"if-none-match", "if-modified-since"})


@dataclass(slots=True)
class _Trail:
    """How far one request has come."""

    request: Request
    here: URL
    seen: set[str] = field(default_factory=set)
    spent_s: float = 0.0
    permanent_to: str | None = None
    permanent: bool = True

    def headers(self) -> dict[str, str]:
        """The request's headers for this hop. Validators belong to one address and never travel to another."""
        bound_to = self.request.validators_url or self.request.url
        validates = _same_url(bound_to, self.here)
        return {name: value for name, value in self.request.headers if validates or name.lower() not in _CONDITIONAL}

    def follow(self, target: URL, status: int) -> None:
        """Move on to a redirect's target."""
        self.here = target
        self.permanent = self.permanent and status in _PERMANENT
        if self.permanent:
            self.permanent_to = str(target)


class Visitor:
    """Carries requests out. Lives on one event loop."""

    def __init__(
        self, rules: FetchRules, clock: Callable[[], datetime], transport: Transport, politeness: Politeness
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._transport = transport
        self._politeness = politeness
        self._connections = asyncio.Semaphore(rules.connections)
        self._robots = RobotsCache()
        self._robots_flights: dict[str, asyncio.Task[RobotsRules]] = {}

    async def visit(
        self, request: Request, *, urgent: bool = False, room: Room | None = None
    ) -> Response | Problem | Postponed:
        """Fetch one URL, following redirects.

        Args:
            request: What to fetch.
            urgent: Goes before waiting requests to the same domain.
            room: Where a Response keeps a place.
        """
        start = parse_url(request.url, max_length=self._rules.max_url_length)
        if isinstance(start, Problem):
            return start
        trail = _Trail(request, start)
        while True:
            trail.seen.add(str(trail.here))
            answer = await self._hop(trail, urgent=urgent or len(trail.seen) > 1, room=room)
            if not isinstance(answer, Answer):
                return answer
            if answer.location is None:
                return self._response(trail, answer)
            target = self._target(trail, answer.location)
            if isinstance(target, Problem):
                return target
            trail.follow(target, answer.status)

    async def _hop(self, trail: _Trail, *, urgent: bool, room: Room | None) -> Answer | Problem | Postponed:
        """One exchange, with everything that must come before it."""
        request, domain = trail.request, registrable_domain(trail.here)
        if request.check_robots and self._rules.obey_robots:
            refusal = await self._ask_robots(trail.here, domain, request)
            if refusal is not None:
                return refusal
        late = await self._politeness.enter(domain, not_after=request.not_after, urgent=urgent)
        if late is not None:
            return Postponed(request.url, late)
        try:
            return await self._in_room(trail, self._politeness.lane(domain), room)
        finally:
            self._politeness.leave(domain)

    async def _in_room(self, trail: _Trail, lane: Lane, room: Room | None) -> Answer | Problem:
        """The exchange within its room. The place is kept by a last answer alone: whoever has a place must never wait
        for a turn, as those who have turns wait for places."""
        if room is None:
            async with self._connections:
                return await self._ask(trail, lane)
        await room.enter()
        last = False
        try:
            async with self._connections:
                answer = await self._ask(trail, lane)
            last = isinstance(answer, Answer) and answer.location is None
            return answer
        finally:
            if not last:
                room.leave()

    async def _ask(self, trail: _Trail, lane: Lane) -> Answer | Problem:
        """The exchange itself; what it teaches of the server goes into the lane."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        lane.started(self._clock())
        left = max(self._rules.timeout_s - trail.spent_s, 0.0)
        answer = await self._transport.get(trail.here, trail.headers(), deadline_s=left)
        elapsed, now = loop.time() - began, self._clock()
        trail.spent_s += elapsed
        lane.answered(elapsed_s=elapsed, now=now)
        if isinstance(answer, Answer):
            lane.heard(answer.status, answer.headers, now)
        return answer

    def _target(self, trail: _Trail, location: str) -> URL | Problem:
        """Where a redirect leads, or why it is not followed."""
        if len(trail.seen) > self._rules.max_redirects:
            return Problem(
                Reason.REDIRECTS,
                f"{trail.request.url} leads on after {self._rules.max_redirects} redirects, at {trail.here}",
            )
        try:
            joined = str(trail.here.join(URL(location)))
        except ValueError:
            joined = location
        target = parse_url(joined, max_length=self._rules.max_url_length)
        if isinstance(target, Problem):
            return replace(target, message=f"{trail.here} redirects to a bad address: {target.message}")
        if str(target) in trail.seen:
            return Problem(Reason.REDIRECTS, f"{trail.request.url} redirects in a loop, back to {target}")
        return target

    def _response(self, trail: _Trail, answer: Answer) -> Response:
        return Response(
            url=trail.request.url,
            final_url=str(trail.here),
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            fetched_at=self._clock(),
            elapsed_ms=round(trail.spent_s * 1000),
            permanent_redirect_to=trail.permanent_to,
        )

    async def _ask_robots(self, url: URL, domain: str, request: Request) -> Problem | Postponed | None:
        """None if robots.txt lets us fetch the URL."""
        origin = str(url.origin())
        rules = self._robots.get(origin, self._clock())
        if rules is None:
            late = self._politeness.postponed(domain, request.not_after)
            if late is not None:
                return Postponed(request.url, late)
            rules = await self._shared_flight(origin, request.not_after)
            if rules is None:
                return Postponed(request.url, self._politeness.next_try(domain))
        delay = rules.crawl_delay_s(self._rules.user_agent)
        if delay is not None:
            self._politeness.lane(domain).slow_down(delay)
        return rules.refusal(str(url), self._rules.user_agent)

    async def _shared_flight(self, origin: str, not_after: datetime | None) -> RobotsRules | None:
        """The origin's rules, fetched once for all who wait; None if they do not come by `not_after`."""
        flight = self._robots_flights.get(origin)
        if flight is None:
            flight = asyncio.create_task(self._fetch_robots(origin))
            self._robots_flights[origin] = flight
            flight.add_done_callback(lambda _: self._robots_flights.pop(origin))
        patience = None if not_after is None else max(0.0, (not_after - self._clock()).total_seconds())
        done, _ = await asyncio.wait((flight,), timeout=patience)
        return flight.result() if done else None

    async def _fetch_robots(self, origin: str) -> RobotsRules:
        answer = await self.visit(Request(f"{origin}/robots.txt"), urgent=True)
        now = self._clock()
        if isinstance(answer, Response):
            rules = rules_from_answer(origin, answer.status, answer.body, now)
        else:
            assert isinstance(answer, Problem), "a request without not_after is never postponed"
            rules = rules_from_problem(origin, answer, now)
        self._robots.put(rules)
        return rules


def _same_url(text: str, url: URL) -> bool:
    try:
        return URL(text.strip()).with_fragment(None) == url
    except ValueError:
        return False
