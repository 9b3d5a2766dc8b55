"""Rules 1 to 9: what a conditional request is made of."""

from __future__ import annotations

from dataclasses import replace

from schemas.outcomes import PollOutcome
from tests.conformance.world import World, answer, item, news, rss, tagged
from tests.transforms.web.server import redirect
from transforms.feeds.shard import FeedMemory
from transforms.wiring import RecordCoder

MODIFIED = "Sun, 22 Nov 2026 07:59:59 GMT"


def test_rule_01_validators_are_opaque(world: World) -> None:
    odd = 'W/"a b;c,\\"'
    world.serve(news("a", etag=odd, last_modified="yesterday, about noon"))
    world.poll()
    world.poll()
    assert world.sent("if-none-match") == [None, odd]
    assert world.sent("if-modified-since") == [None, "yesterday, about noon"]


def test_rule_02_both_are_sent(world: World) -> None:
    world.serve(news("a", etag='"1"', last_modified=MODIFIED))
    world.poll()
    world.poll()
    last = world.site.seen[-1].headers
    assert (last["if-none-match"], last["if-modified-since"]) == ('"1"', MODIFIED)


def test_rule_03_only_a_parsed_body_earns_them(world: World) -> None:
    world.serve(news("a", etag='"good"'))
    world.poll()
    world.serve(answer(200, b"<html><body>Sorry</body></html>", {"ETag": '"bad"'}))
    world.poll()
    world.serve(answer(304, headers={"ETag": '"fresh"'}))
    world.poll()
    world.poll()
    assert world.sent("if-none-match") == [None, '"good"', '"good"', '"fresh"']


def test_rule_04_they_stay_with_their_address(world: World) -> None:
    world.serve(news("a", etag='"1"'))
    world.poll()
    world.serve(redirect("/elsewhere"))
    world.serve(news("a", "b"), "/elsewhere")
    world.poll()
    asked = {seen.path: seen.headers.get("if-none-match") for seen in world.site.seen[1:]}
    assert asked == {"/feed": '"1"', "/elsewhere": None}


def test_rule_05_no_date_of_our_own(world: World) -> None:
    world.serve(news("a", etag='"1"'))
    world.poll()
    world.poll()
    world.serve(news("b"))
    world.poll()
    world.poll()
    assert world.sent("if-modified-since") == [None] * 4


def test_rule_06_they_outlive_a_restart(world: World) -> None:
    world.serve(news("a", etag='"1"'))
    world.poll()
    coder = RecordCoder(dict[str, FeedMemory])
    world.memory = coder.decode(coder.encode(world.memory))
    world.poll()
    assert world.sent("if-none-match") == [None, '"1"']


def test_rule_07_dropped_after_an_upgrade_and_for_a_lying_304(world: World) -> None:
    world.serve(news("a", etag='"1"'))
    world.poll()
    known = world.known()
    world.memory[world.feed.url] = replace(known, state=replace(known.state, read_by="0/old"))
    world.poll()
    assert world.sent("if-none-match") == [None, None]
    world.serve(answer(500))
    world.poll()
    world.serve(answer(304))
    began, full_before = world.now, world.sent("if-none-match").count(None)
    while (world.now - began).days < 4:
        world.poll()
    assert 1 <= world.sent("if-none-match").count(None) - full_before <= 4


def test_rule_08_hashes_are_the_second_guard(world: World) -> None:
    world.serve(answer(200, rss(item("a"), item("b"))))
    world.poll()
    assert world.poll().outcome is PollOutcome.SAME_BODY
    world.serve(answer(200, rss(item("a"), item("b"), head="<lastBuildDate>now</lastBuildDate>")))
    polled = world.polled()
    assert polled.poll is not None
    assert (polled.poll.outcome, polled.entries) == (PollOutcome.SAME_BODY, ())


def test_rule_09_expires_0_gives_none(world: World) -> None:
    world.serve(tagged(rss(item("a")), '"1"', Expires="0"))
    world.poll()
    world.poll()
    assert world.sent("if-none-match") == [None, None]
