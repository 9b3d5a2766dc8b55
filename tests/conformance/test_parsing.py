"""Rules 39 to 47: what a body means."""

from __future__ import annotations

from datetime import timedelta

from schemas.outcomes import EntryState, PollOutcome, Reason
from tests.conformance.world import World, answer, item, news, rss
from transforms.feeds.known import judge_entry
from transforms.feeds.parse import parse_feed
from transforms.feeds.wiring import ENTRIES_KEPT


def test_rule_39_bytes_not_text(world: World) -> None:
    for encoding in ("utf-16", "windows-1251", "utf-8"):
        text = f"<?xml version='1.0' encoding='{encoding}'?>" + rss(item("a", title="Душанбе")).decode()
        world.serve(answer(200, text.encode(encoding)))
        world.memory.clear()
        assert [entry.title for entry in world.polled().entries] == ["Душанбе"]


def test_rule_40_a_broken_feed_is_read_and_noted(world: World) -> None:
    body = rss(item("a"), item("b")).replace(b"</channel></rss>", b"<oops></channel></rss>")
    world.serve(answer(200, body))
    assert len(world.polled().entries) == 2
    parsed = parse_feed(body, feed=world.feed, base_url=world.feed.url, headers={})
    assert parsed.bozo  # type: ignore[union-attr]


def test_rule_41_a_web_page_is_a_class_of_its_own(world: World) -> None:
    world.serve(answer(200, b"<!doctype html><html><body>Welcome</body></html>"))
    assert world.poll().reason is Reason.NOT_A_FEED


def test_rule_42_an_empty_feed_is_none(world: World) -> None:
    world.serve(answer(200, rss()))
    poll = world.poll()
    assert (poll.outcome, poll.reason) == (PollOutcome.EMPTY, None)


def test_rule_43_items_stay_known(world: World) -> None:
    bare = (
        "<item><title>No id</title><pubDate>Sun, 22 Nov 2026 06:00:00 GMT</pubDate><description>x</description></item>"
    )
    linked = "<item><title>Link only</title><link>https://news.example/l</link></item>"
    world.serve(answer(200, rss(item("a"), linked, bare)))
    first = {entry.title: entry for entry in world.polled().entries}
    assert len(first) == 3
    world.serve(answer(200, rss(bare, item("b"), linked, item("a"))))
    assert [entry.title for entry in world.polled().entries] == ["Report b"]
    # An item that stands in the feed for long, leaves it, and comes back behind six hundred others is not new.
    kept = first["Report a"]
    judged, known = judge_entry(None, kept, world.now, ENTRIES_KEPT)
    for week in range(20):
        world.serve(news("a", f"w{week}"))
        for entry in world.polled(days=7).entries:
            if entry.key == kept.key:
                judged, known = judge_entry(known, entry, world.now, ENTRIES_KEPT)
                assert judged is EntryState.UNCHANGED
    world.serve(news(*(f"n{n}" for n in range(600))))
    world.poll(days=1)
    world.serve(news("a"))
    back = world.polled(days=59).entries
    assert [judge_entry(known, entry, world.now, ENTRIES_KEPT)[0] for entry in back] == [EntryState.UNCHANGED]


def test_rule_44_relative_links_are_resolved(world: World) -> None:
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://base.example/x/'><title>t</title>"
        "<entry><id>1</id><title>one</title><link href='one.html'/></entry></feed>"
    )
    world.serve(answer(200, atom.encode()))
    assert [entry.url for entry in world.polled().entries] == ["https://base.example/x/one.html"]
    world.memory.clear()
    world.serve(answer(200, rss("<item><title>r</title><link>/r.html</link></item>")))
    assert [entry.url for entry in world.polled().entries] == [world.site.url("/r.html")]


def test_rule_45_odd_dates_drop_nothing(world: World) -> None:
    future = "Wed, 22 Nov 2028 08:00:00 GMT"
    old = "Thu, 22 Nov 1990 08:00:00 GMT"
    world.serve(answer(200, rss(item("u"), item("f", date=future), item("o", date=old), item("x", date="tomorrow"))))
    entries = world.polled().entries
    assert [entry.published_at and entry.published_at.year for entry in entries] == [None, 2028, 1990, None]
    assert entries[3].published_raw == "tomorrow"


def test_rule_46_a_gap_is_told_and_read_up(world: World) -> None:
    world.serve(news("a", "b", etag='"1"'))
    for _ in range(3):
        world.poll()
    usual = world.known().state.interval_s
    world.serve(news("h", "g", head="<atom:link rel='next' href='/feed?page=2'/>"))
    world.serve(news("f", "e", head="<atom:link rel='next' href='/feed?page=3'/>"), "/feed?page=2")
    world.serve(news("d", "b", head="<atom:link rel='next' href='/feed?page=4'/>"), "/feed?page=3")
    gap = world.poll()
    assert gap.rule == "all_items_new"
    assert world.known().state.interval_s <= max(usual / 2, 600)
    found = [entry.title for _ in range(2) for entry in world.polled().entries]
    assert found == ["Report f", "Report e", "Report d"]
    world.poll()
    assert world.site.paths()[-3:] == ["/feed?page=2", "/feed?page=3", "/feed"]


def test_rule_47_new_ids_for_old_items_are_a_rekey(world: World) -> None:
    names = [f"r{n}" for n in range(30)]
    world.serve(news(*names))
    first = world.polled().entries
    world.poll()
    world.serve(answer(200, rss(*(item(name, guid=f"https://new.example/?p={name}") for name in names))))
    polled = world.polled()
    assert polled.poll is not None
    assert (polled.poll.rule, polled.poll.outcome) == ("re_keyed", PollOutcome.NO_NEW_ENTRIES)
    known = {entry.url: judge_entry(None, entry, world.now, timedelta(days=90))[1] for entry in first}
    judged = {judge_entry(known[e.url], e, world.now, timedelta(days=90))[0] for e in polled.entries}
    assert judged == {EntryState.DUPLICATE}
