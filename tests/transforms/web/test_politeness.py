"""Lanes and turns. Nothing here sleeps: decisions are functions of a clock that stands still."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from transforms.web.politeness import Lane, Politeness

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class TestLane:
    def test_spacing_counts_from_start_to_start(self) -> None:
        lane = Lane(5.0)
        assert lane.earliest() < NOW
        lane.last_start = NOW
        assert lane.earliest() == after(5)

    @pytest.mark.parametrize(("delay", "spacing"), [(2.0, 5.0), (20.0, 20.0), (3600.0, 60.0)])
    def test_crawl_delay_slows_within_its_cap(self, delay: float, spacing: float) -> None:
        lane = Lane(5.0)
        lane.slow_down(delay)
        assert lane.spacing_s == spacing

    @pytest.mark.parametrize(("elapsed", "rest"), [(1.0, 1.0), (200.0, 30.0)])
    def test_a_slow_server_gets_a_rest(self, elapsed: float, rest: float) -> None:
        lane = Lane(0.1)
        lane.answered(elapsed_s=elapsed, now=NOW)
        assert lane.earliest() == after(rest)

    @pytest.mark.parametrize(
        ("status", "headers", "until"),
        [
            (429, {"retry-after": "120"}, 120),
            (503, {"retry-after": "Sun, 22 Nov 2026 08:10:00 GMT"}, 600),
            (429, {"retry-after": "99999999"}, 86_400),
            (429, {}, 60),
        ],
    )
    def test_a_refusal_closes_it(self, status: int, headers: dict[str, str], until: float) -> None:
        lane = Lane(0.0)
        lane.heard(status, headers, NOW)
        assert lane.earliest() == after(until)

    @pytest.mark.parametrize("status", [200, 304, 404, 500, 503])
    def test_other_answers_do_not(self, status: int) -> None:
        lane = Lane(0.0)
        lane.heard(status, {}, NOW)
        assert lane.earliest() < NOW

    def test_refusals_without_a_time_double_up_to_an_hour(self) -> None:
        lane, waits = Lane(0.0), []
        for _ in range(8):
            lane.blocked_until = NOW
            lane.heard(429, {}, NOW)
            waits.append((lane.blocked_until - NOW).total_seconds())
        assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600]
        lane.heard(200, {}, NOW)
        assert lane.refusals == 0


def politeness(spacing_s: float = 0.0, per_domain: int = 1) -> Politeness:
    return Politeness(spacing_s=spacing_s, per_domain=per_domain, clock=lambda: NOW)


def test_turns_are_fair_and_urgent_ones_go_first() -> None:
    async def play() -> list[str]:
        polite, order = politeness(), []
        assert await polite.enter("a", not_after=None) is None

        async def visit(name: str, *, urgent: bool = False) -> None:
            assert await polite.enter("a", not_after=None, urgent=urgent) is None
            order.append(name)
            polite.leave("a")

        tasks = [asyncio.create_task(visit(name)) for name in ("first", "second")]
        tasks.append(asyncio.create_task(visit("urgent", urgent=True)))
        await asyncio.sleep(0)
        assert order == []
        polite.leave("a")
        await asyncio.gather(*tasks)
        return order

    assert asyncio.run(play()) == ["urgent", "first", "second"]


def test_a_turn_that_would_come_too_late_is_postponed_at_once() -> None:
    async def play() -> tuple[datetime | None, ...]:
        polite = politeness(spacing_s=10.0)
        assert await polite.enter("a", not_after=NOW) is None
        polite.leave("a")
        late = await polite.enter("a", not_after=after(9))
        elsewhere = await polite.enter("b", not_after=NOW)
        return late, elsewhere

    assert asyncio.run(play()) == (after(10), None)


def test_the_queue_before_us_counts() -> None:
    async def play() -> datetime | None:
        polite = politeness(spacing_s=10.0)
        assert await polite.enter("a", not_after=None) is None
        waiting = [asyncio.create_task(polite.enter("a", not_after=None)) for _ in range(3)]
        await asyncio.sleep(0)
        late = await polite.enter("a", not_after=after(35))
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return late

    assert asyncio.run(play()) == after(40)


def test_a_cancelled_waiter_takes_no_turn() -> None:
    async def play() -> None:
        polite = politeness()
        assert await polite.enter("a", not_after=None) is None
        waiting = asyncio.create_task(polite.enter("a", not_after=None))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        polite.leave("a")
        async with asyncio.timeout(5):
            assert await polite.enter("a", not_after=None) is None

    asyncio.run(play())


def test_idle_domains_are_forgotten_but_not_their_debts() -> None:
    async def play() -> None:
        polite = politeness()
        polite.lane("blocked").heard(429, {"retry-after": "600"}, NOW)
        for number in range(20_000):
            polite.lane(f"d{number}")
        assert len(polite._queues) < 5_000
        assert polite.postponed("blocked", NOW) == after(600)

    asyncio.run(play())
