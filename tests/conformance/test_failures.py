"""Rules 17 to 25: what goes wrong, and what is done then."""

from __future__ import annotations

import gzip
from datetime import timedelta
from itertools import pairwise

import pytest
from yarl import URL

from schemas.outcomes import PollOutcome, Reason
from tests.conformance.world import AGENT, World, answer, item, news, rss
from tests.transforms.web.server import raw
from transforms.feeds.shard import step
from transforms.web.addresses import registrable_domain
from transforms.web.messages import Postponed, Request

HOUR, DAY = 3600.0, 86400.0


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "wait_s"), [("7200", 2 * HOUR), ("Sun, 22 Nov 2026 10:00:00 GMT", 2 * HOUR), ("99999999", DAY)]
)
def test_rule_17_retry_after_closes_the_site(world: World, status: int, value: str, wait_s: float) -> None:
    world.serve(answer(status, headers={"Retry-After": value}))
    poll = world.poll()
    assert (poll.reason, poll.rule) == (Reason.RATE_LIMITED, "retry_after")
    assert wait_s <= world.wait_s() <= 1.1 * wait_s
    other = world.client.submit(Request(world.site.url("/other"), not_after=world.now)).result(30)
    assert isinstance(other, Postponed)
    assert (other.until - world.now).total_seconds() == wait_s
    assert registrable_domain(URL("https://a.blogspot.com/")) != registrable_domain(URL("https://b.blogspot.com/"))


def test_rule_18_waits_double_with_jitter(world: World) -> None:
    world.serve(answer(500))
    waits = []
    for _ in range(8):
        world.poll()
        waits.append(world.wait_s())
    assert all(1.2 < later / earlier < 1.7 for earlier, later in pairwise(waits))
    assert len({round(wait) % 60 for wait in waits}) > 3


def test_rule_19_failures_have_classes_and_weights(world: World) -> None:
    routes = {
        Reason.CONNECT: raw(b""),
        Reason.NOT_FOUND: answer(404),
        Reason.HTTP_CLIENT_ERROR: answer(418),
        Reason.HTTP_SERVER_ERROR: answer(500),
        Reason.NOT_A_FEED: answer(200, b"<html><body>Hello</body></html>"),
        Reason.MALFORMED_FEED: answer(200, b"<rss><channel><title>x"),
        Reason.FORBIDDEN: answer(403, headers={"cf-mitigated": "challenge"}),
        Reason.PROTOCOL: raw(b"SSH-2.0-x\r\n"),
    }
    weights = {}
    for reason, route in routes.items():
        world.memory.clear()
        world.serve(route)
        assert world.poll().reason is reason
        weights[reason] = world.known().state.failure_weight
    assert weights[Reason.CONNECT] == weights[Reason.HTTP_SERVER_ERROR] == 0.5
    assert weights[Reason.NOT_A_FEED] == weights[Reason.FORBIDDEN] == 1.0


def test_rule_20_slower_and_slower_but_never_given_up(world: World) -> None:
    world.serve(answer(403))
    for _ in range(25):
        world.poll()
    assert 30 * DAY <= world.wait_s() <= 33 * DAY
    world.serve(news("a", "b"))
    assert world.poll().outcome is PollOutcome.NEW_ENTRIES
    assert world.wait_s() < 2 * HOUR


def test_rule_21_gone_waits_for_a_person(world: World) -> None:
    world.serve(news("a", etag='"1"'))
    world.poll()
    world.serve(answer(410))
    poll = world.poll()
    assert (poll.reason, poll.rule) == (Reason.GONE, "gone")
    assert step(world.memory, [world.feed], world.now + timedelta(days=400), 20.0).ask == ()
    assert world.known().state.etag == '"1"'


def test_rule_22_the_home_page_is_searched(world: World) -> None:
    world.serve(answer(404))
    page = b"<html><head><link rel=alternate type='application/rss+xml' href='/new.xml'></head><body>Home</body></html>"
    world.serve(answer(200, page), "/")
    assert world.poll().rule == "backoff_not_found"
    assert world.wait_s() >= 6 * HOUR
    world.poll()
    found = world.poll()
    assert (found.rule, found.reason) == ("home_page_searched", Reason.NOT_FOUND)
    assert world.site.url("/new.xml") in (found.message or "")
    world.poll()
    assert [path for path in world.site.paths() if path == "/new.xml"] == []
    assert world.site.paths().count("/") == 1


@pytest.mark.parametrize("shield", ["cf-mitigated", "x-datadome"])
def test_rule_23_a_shield_is_named_and_not_got_round(world: World, shield: str) -> None:
    world.serve(answer(403, b"<html>no</html>", {shield: "challenge"}))
    polls = [world.poll() for _ in range(3)]
    assert all(poll.reason is Reason.FORBIDDEN and shield in (poll.message or "") for poll in polls)
    assert set(world.sent("user-agent")) == {AGENT}


@pytest.mark.parametrize(
    "broken",
    [
        raw(b'HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nETag: "bad"\r\n\r\n' + rss(item("z"))),
        answer(200, gzip.compress(rss(item("z")))[:-9], {"Content-Encoding": "gzip", "ETag": '"bad"'}),
        answer(206, rss(item("z")), {"ETag": '"bad"'}),
    ],
)
def test_rule_24_part_of_a_body_is_a_failure(world: World, broken: object) -> None:
    world.serve(news("a", "b", etag='"good"'))
    world.poll()
    before = world.known().seen
    world.serve(broken)  # type: ignore[arg-type]
    polled = world.polled()
    assert polled.poll is not None
    assert (polled.poll.reason, polled.entries) == (Reason.TRUNCATED, ())
    assert (world.known().seen, world.known().state.etag) == (before, '"good"')


def test_rule_25_a_304_after_a_failure_is_not_health(world: World) -> None:
    world.serve(news("a", etag='"1"'))
    world.poll()
    world.serve(answer(500))
    world.poll()
    world.serve(answer(304))
    world.poll()
    assert world.known().state.failures_in_a_row == 1
    world.serve(news("a", "b"))
    for _ in range(2):
        world.poll()
    assert world.known().state.failures_in_a_row == 0
