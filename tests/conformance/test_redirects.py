"""Rules 26 to 30: where a feed is said to have gone."""

from __future__ import annotations

from datetime import timedelta

from schemas.outcomes import PollOutcome, Reason
from schemas.records import Feed
from tests.conformance.world import World, answer, news
from tests.transforms.web.server import redirect
from transforms.feeds.check import check_feed
from transforms.feeds.poll import poll_request
from transforms.feeds.state import Errand

PLAIN, SAFE = "http://news.example", "https://news.example"


def test_rule_26_a_lasting_move_is_believed_with_proof(world: World) -> None:
    world.serve(redirect("/new", 301))
    world.serve(news("a"), "/new")
    world.poll()
    world.poll()
    assert world.known().state.request_url == world.feed.url
    world.poll(days=1)
    assert world.known().state.request_url == world.site.url("/new")
    world.serve(answer(404), "/new")
    world.poll()
    assert (world.known().state.request_url, world.known().state.feed_url) == (world.feed.url, world.feed.url)
    world.memory.clear()
    world.serve(redirect("/page", 308))
    world.serve(answer(200, b"<html><body>no feed</body></html>"), "/page")
    for _ in range(5):
        assert world.poll().reason is Reason.NOT_A_FEED
    assert world.known().state.moved_target is None


def test_rule_27_temporary_redirects_are_forgotten(world: World) -> None:
    world.serve(news("a"), "/new")
    for status in (302, 303, 307):
        world.serve(redirect("/new", status))
        for _ in range(4):
            assert world.poll(days=1).reason is None
    assert world.known().state.request_url == world.feed.url


def test_rule_28_hops_are_few_and_checked(world: World) -> None:
    for n in range(9):
        world.serve(redirect(f"/hop{n + 1}"), f"/hop{n}")
    world.serve(redirect("/hop0"))
    assert world.poll().reason is Reason.REDIRECTS
    assert len(world.site.seen) == 6
    world.serve(redirect("/feed"))
    assert world.poll().reason is Reason.REDIRECTS
    world.serve(redirect("file:///etc/passwd"))
    assert world.poll().reason is Reason.BAD_URL


def test_rule_29_https_is_tried_on_probation(world: World) -> None:
    world.feed = Feed(f"{PLAIN}/feed", "example")
    world.names = {PLAIN: world.site.url("")}  # nothing listens for https
    world.names[SAFE] = world.site.url("/safe")
    world.serve(news("a", "b"))
    while world.known().state.errand is Errand.NONE:
        world.poll()
    refused = world.poll()
    assert (refused.rule, refused.outcome) == ("https_refused", PollOutcome.FAILED)
    assert world.known().state.failures_in_a_row == 0
    for _ in range(5):
        world.poll()
    assert world.known().state.request_url == f"{PLAIN}/feed"
    world.serve(news("a", "b"), "/safe/feed")
    world.pass_time(days=31)
    for _ in range(2):
        world.poll()
    assert world.known().state.moved_to is None
    for _ in range(3):
        world.poll(hours=13)
    assert world.known().state.request_url == f"{SAFE}/feed"


def test_rule_30_what_a_feed_says_of_its_address_is_a_hint(world: World) -> None:
    head = (
        "<itunes:new-feed-url>https://other.example/f</itunes:new-feed-url>"
        "<atom:link rel='self' href='https://third.example/f'/>"
    )
    world.serve(news("a", head=head))
    for _ in range(5):
        world.poll(days=1)
    assert poll_request(world.known().state).url == world.feed.url
    assert world.known().state.next_due_at - world.now < timedelta(days=1)
    assert check_feed(world.feed, world.client, lambda: world.now).named_url == "https://other.example/f"
