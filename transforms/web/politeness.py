"""Who may be asked when: one lane per registrable domain, with spacing, concurrency and waits that servers ask for."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from transforms.web.status import retry_after_s

MAX_RETRY_AFTER_S: Final = 86_400.0
"""Cap on a server's own Retry-After: a day, so that one bad header cannot freeze a publisher."""

MAX_CRAWL_DELAY_S: Final = 60.0
"""Cap on robots.txt's Crawl-delay."""

MAX_ANSWER_PAUSE_S: Final = 30.0
"""A server is left alone for at least as long as its last answer took, up to this."""

_FIRST_BACKOFF_S: Final = 60.0
_MAX_BACKOFF_S: Final = 3_600.0
_IDLE_LANES_KEPT: Final = 4_096
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class Lane:
    """What is known of one domain. All decisions are functions of it and `now`."""

    spacing_s: float
    last_start: datetime = _LONG_AGO
    rest_until: datetime = _LONG_AGO
    blocked_until: datetime = _LONG_AGO
    refusals: int = 0

    def earliest(self) -> datetime:
        """When the next request may start, other requests aside."""
        spaced = self.last_start if self.last_start == _LONG_AGO else self.last_start + _seconds(self.spacing_s)
        return max(spaced, self.rest_until, self.blocked_until)

    def started(self, now: datetime) -> None:
        """Note that a request goes out now, later than its turn where it waited for a connection."""
        self.last_start = max(self.last_start, now)

    def slow_down(self, crawl_delay_s: float) -> None:
        """Honour a Crawl-delay, within its cap; it never makes us faster."""
        self.spacing_s = max(self.spacing_s, min(crawl_delay_s, MAX_CRAWL_DELAY_S))

    def answered(self, *, elapsed_s: float, now: datetime) -> None:
        """Note that an answer is complete: spacing counts from here too, and a slow server rests as long as it worked.

        Counted from the start alone, two requests could reach the server closer together than the spacing, as the
        first one still had to connect.
        """
        if self.spacing_s > 0:
            self.rest_until = now + _seconds(max(self.spacing_s, min(elapsed_s, MAX_ANSWER_PAUSE_S)))

    def heard(self, status: int, headers: dict[str, str], now: datetime) -> None:
        """Note a status: 429, and 503 with Retry-After, close the lane for a while; anything else opens it.

        Without Retry-After the wait is a minute, doubled at each further refusal up to an hour.
        """
        asked = retry_after_s(headers, now)
        if status != 429 and not (status == 503 and asked is not None):
            self.refusals = 0
            return
        if asked is None:
            asked = min(_FIRST_BACKOFF_S * 2 ** min(self.refusals, 10), _MAX_BACKOFF_S)
        self.refusals += 1
        self.blocked_until = max(self.blocked_until, now + _seconds(min(asked, MAX_RETRY_AFTER_S)))


@dataclass(order=True, slots=True)
class _Waiter:
    rank: int
    number: int
    granted: asyncio.Future[None] = field(compare=False)


class _Queue:
    """The waiters of one lane, and a pump that lets them in, one at a time. Lives on one event loop."""

    def __init__(self, lane: Lane, *, width: int, clock: Callable[[], datetime]) -> None:
        self.lane = lane
        self._clock = clock
        self._width = width
        self._active = 0
        self._waiters: list[_Waiter] = []
        self._count = 0
        self._pump: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        return not self._active and not self._waiters

    def forecast(self) -> datetime:
        """When a request that joins now could start at the soonest."""
        turns = len(self._waiters) // self._width
        return max(self._clock(), self.lane.earliest()) + _seconds(turns * self.lane.spacing_s)

    def enter_now(self) -> bool:
        """Take a turn at once, if nobody waits and the lane is free."""
        now = self._clock()
        if self._waiters or self._active >= self._width or self.lane.earliest() > now:
            return False
        self._start(now)
        return True

    async def enter(self, *, rank: int) -> None:
        self._count += 1
        waiter = _Waiter(rank, self._count, asyncio.get_running_loop().create_future())
        heapq.heappush(self._waiters, waiter)
        self._start_pump()
        try:
            await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.done() and not waiter.granted.cancelled():
                self.leave()  # let in and cancelled in the same turn of the loop: give the place back
            raise

    def leave(self) -> None:
        self._active -= 1
        self._start_pump()

    def _start_pump(self) -> None:
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._let_in())

    async def _let_in(self) -> None:
        while self._waiters and self._active < self._width:
            now = self._clock()
            # Re-asked after each sleep, as an answer may have closed the lane meanwhile. The time slept counts as
            # passed, whatever the clock says: a test's clock may stand still.
            while (start := self.lane.earliest()) > now:
                await asyncio.sleep((start - now).total_seconds())
                now = max(self._clock(), start)
            self._drop_cancelled()
            if not self._waiters:
                return
            self._start(now)
            heapq.heappop(self._waiters).granted.set_result(None)

    def _start(self, now: datetime) -> None:
        self.lane.last_start = now
        self._active += 1

    def _drop_cancelled(self) -> None:
        alive = [waiter for waiter in self._waiters if not waiter.granted.done()]
        if len(alive) < len(self._waiters):
            heapq.heapify(alive)
            self._waiters = alive


class Politeness:
    """The lanes of all domains. Lives on one event loop.

    Args:
        spacing_s: Least time between the starts of two requests to one domain, in seconds.
        per_domain: Requests under way at once to one domain.
        clock: Says what time it is, in UTC.
    """

    def __init__(self, *, spacing_s: float, per_domain: int, clock: Callable[[], datetime]) -> None:
        self._spacing_s = spacing_s
        self._per_domain = per_domain
        self._clock = clock
        self._queues: dict[str, _Queue] = {}

    def lane(self, domain: str) -> Lane:
        """The lane of a domain."""
        return self._queue(domain).lane

    def postponed(self, domain: str, not_after: datetime | None) -> datetime | None:
        """When a request could start at the soonest, if that is too late for it; else None."""
        soonest = self._queue(domain).forecast()
        return soonest if not_after is not None and soonest > not_after else None

    async def enter(self, domain: str, *, not_after: datetime | None, urgent: bool = False) -> datetime | None:
        """Wait for a turn. None: it is ours, `leave` must follow. A time: it would come too late; ask again then.

        Args:
            domain: Registrable domain.
            not_after: Latest useful start.
            urgent: Goes before waiting requests (robots.txt, and the next hop of a redirect that is under way).
        """
        if (late := self.postponed(domain, not_after)) is not None:
            return late
        queue = self._queue(domain)
        if queue.enter_now():
            return None
        patience = None if not_after is None else max(0.0, (not_after - self._clock()).total_seconds())
        try:
            async with asyncio.timeout(patience):
                await queue.enter(rank=0 if urgent else 1)
        except TimeoutError:
            return self.next_try(domain)
        return None

    def next_try(self, domain: str) -> datetime:
        """When it makes sense to ask again for a turn that did not come: not at once, or callers would spin."""
        return max(self._queue(domain).forecast(), self._clock() + _seconds(max(self._spacing_s, 1.0)))

    def leave(self, domain: str) -> None:
        """Give the turn back."""
        self._queue(domain).leave()

    def _queue(self, domain: str) -> _Queue:
        queue = self._queues.get(domain)
        if queue is None:
            if len(self._queues) >= _IDLE_LANES_KEPT:
                self._forget_idle()
            queue = _Queue(Lane(self._spacing_s), width=self._per_domain, clock=self._clock)
            self._queues[domain] = queue
        return queue

    def _forget_idle(self) -> None:
        """Drop lanes that hold nothing but the past, so that memory does not grow with the number of domains seen."""
        now = self._clock()
        self._queues = {
            domain: queue
            for domain, queue in self._queues.items()
            if not queue.idle or queue.lane.earliest() > now or queue.lane.refusals
        }


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)
