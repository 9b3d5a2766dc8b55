"""Rules 10 to 16: when the next poll is due."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from schemas.records import Feed
from tests.conformance.world import World, answer, item, news, rss, tagged
from tests.transforms.web.server import Handler
from transforms.feeds.observe import jitter
from transforms.feeds.poll import poll_request
from transforms.feeds.shard import FeedMemory, absorb, next_wake, recall, step
from transforms.web.messages import Response

HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize(
    ("headers", "head", "least_s", "rule"),
    [
        ({"Cache-Control": "max-age=18000", "Age": "3600"}, "", 4 * HOUR, "max_age"),
        (
            {"Expires": "Sun, 22 Nov 2026 11:00:00 GMT", "Date": "Sun, 22 Nov 2026 08:00:00 GMT"},
            "",
            3 * HOUR,
            "expires",
        ),
        ({}, "<ttl>120</ttl>", 2 * HOUR, "ttl"),
        ({"Retry-After": "7200"}, "<ttl>60</ttl>", 2 * HOUR, "retry_after"),
        ({"Cache-Control": "max-age=31536000"}, "", DAY, "max_age"),
        ({"Expires": "Fri, 31 Dec 2100 23:59:59 GMT"}, "", DAY, "expires"),
    ],
)
def test_rule_10_the_latest_wish_wins_under_a_cap(
    world: World, headers: dict[str, str], head: str, least_s: float, rule: str
) -> None:
    world.serve(answer(200, rss(item("a"), head=head), headers))
    assert world.poll().rule == rule
    assert least_s <= world.wait_s() <= 1.1 * least_s


def test_rule_11_skipped_hours_and_days(world: World) -> None:
    head = "<skipHours><hour>9</hour><hour>10</hour></skipHours><skipDays><day>Monday</day></skipDays>"
    world.serve(news("a", head=head))
    rules = set()
    for _ in range(40):
        poll = world.poll()
        due = poll.next_due_at
        rules.add(poll.rule)
        assert due.hour not in (9, 10)
        assert due.weekday() != 0
    assert "skip_hours_or_days" in rules


def test_rule_12_the_interval_goes_both_ways_above_a_floor(world: World) -> None:
    names: list[str] = []

    def lively(handler: Handler) -> None:
        names.insert(0, str(len(names)))
        dates = [format_datetime(world.now - timedelta(minutes=5 * n)) for n in range(len(names))]
        body = rss(*(item(name, date=date) for name, date in zip(names, dates, strict=True)))
        answer(200, body, {"ETag": f'"{len(names)}"'})(handler)

    world.serve(lively)
    assert world.poll().rule == "first_polls"
    for _ in range(15):
        world.poll()
    busy = world.wait_s()
    assert 0.9 * 600 <= busy <= 1.1 * 600
    world.serve(answer(304))
    for _ in range(60):
        world.poll()
    assert world.wait_s() > 4 * busy


def test_rule_13_no_herd_and_no_burst_after_an_outage(world: World) -> None:
    assert len({round(jitter(f"https://{n}.example/feed", world.now), 3) for n in range(50)}) > 40
    world.serve(news("a"))
    waits = set()
    for _ in range(10):
        world.poll()
        waits.add(round(world.wait_s()) % 3600)
    assert len(waits) > 5
    # Twenty ticks that an outage held up come at once: the first asks, the others find nothing due.
    world.pass_time(days=2)
    asked = 0
    for _ in range(20):
        if step(world.memory, [world.feed], world.now, 20.0).ask:
            asked += 1
            world.poll()
    assert asked == 1
    assert next_wake(world.memory, [world.feed], world.now) > world.now


def test_rule_14_sources_take_turns(world: World) -> None:
    many = [Feed(f"https://a{n:02}.example/feed", "one") for n in range(80)]
    few = [Feed("https://z1.example/feed", "two"), Feed("https://z2.example/feed", "two")]
    asked = step({}, [*many, *few], world.now, 20.0).ask
    assert [feed.source for feed in asked[:5]] == ["one", "two", "one", "two", "one"]


def test_rule_15_one_request_per_feed() -> None:
    with World(datetime(2026, 11, 22, 8, tzinfo=UTC)) as world:
        under_way, most, lock = 0, 0, threading.Lock()

        def counting(handler: Handler) -> None:
            nonlocal under_way, most
            with lock:
                under_way += 1
                most = max(most, under_way)
            news("a")(handler)
            with lock:
                under_way -= 1

        world.serve(counting)
        request = poll_request(world.known().state)
        asked = [world.client.submit(request) for _ in range(6)]
        assert all(isinstance(future.result(30), Response) for future in asked)
        assert most == 1
    memory: dict[str, FeedMemory] = {}
    assert len(step(memory, [world.feed], world.now, 20.0).ask) == 1


def test_rule_16_hourly_unless_active_and_whole_bodies_are_rare(world: World) -> None:
    world.serve(tagged(rss(item("a", date="Mon, 02 Nov 2026 08:00:00 GMT"), item("b")), '"1"'))
    began = world.now
    while world.now - began < timedelta(days=5):
        world.poll()
        assert world.wait_s() >= 0.9 * HOUR
    assert world.sent("if-none-match").count(None) <= 5
    bare = recall({}, world.feed, world.now)
    for n in range(20):  # lively, without validators
        dates = [format_datetime(world.now - timedelta(minutes=2 * k)) for k in range(10)]
        body = rss(*(item(f"{n}-{k}", date=date) for k, date in enumerate(dates)), item("kept"))
        got = Response(world.feed.url, world.feed.url, 200, {}, body, world.now, 1)
        bare = absorb(world.feed, bare, got, world.now).memory
        world.now = bare.state.next_due_at
    assert bare.state.interval_s >= 1800
