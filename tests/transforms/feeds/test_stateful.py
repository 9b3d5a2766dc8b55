"""Polling and knowing entries in a stream: the clock decides, whatever ticks and timers do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.outcomes import PollOutcome
from schemas.records import Feed
from tests.factories import NOON, entry
from tests.servers import Site
from tests.streams import moved_clock, set_clock, through
from transforms.feeds.wiring import NewEntries, PollShards
from transforms.web.messages import FetchRules
from transforms.web.shards import all_shards, shard_of
from transforms.web.shared import close_shared_clients

RULES = FetchRules("test", spacing_s=0.0, allow_private=True)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.fixture(autouse=True)
def no_client_stays():
    yield
    close_shared_clients()


@pytest.fixture
def site():
    set_clock(NOON)
    with Site() as served:
        yield served


def rss(*names: str) -> str:
    listed = "".join(f"<item><title>{n}</title><link>https://x.org/{n}</link></item>" for n in names)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{listed}</channel></rss>'


def poll_at(feeds: list[Feed], *times: timedelta, shards: int = 1) -> dict[str, list]:
    ticks = [(NOON + time, (shard, None)) for time in times for shard in all_shards(shards)]
    return through(PollShards(feeds, shards, RULES, moved_clock, 5.0), ticks, "entries", "polls", "failed")


def test_ticks_poll_what_is_due_and_nothing_else(site):
    feeds = [Feed(url=site.put(f"/{n}", rss(n), "application/rss+xml"), source=n, every_s=3600.0) for n in "ab"]
    burst = [hours(0), *(hours(0) + timedelta(seconds=s) for s in range(1, 30)), hours(1.2)]
    out = poll_at(feeds, *burst)
    assert sorted(site.asked) == ["/a", "/a", "/b", "/b"], "a burst of ticks asks for nothing more"
    assert sorted(e.title for e in out["entries"]) == ["a", "b"]
    outcomes = [poll.outcome for poll in sorted(out["polls"], key=lambda poll: poll.polled_at)]
    assert outcomes == [PollOutcome.NEW_ENTRIES] * 2 + [PollOutcome.NOT_MODIFIED] * 2
    assert out["failed"] == []


def test_each_feed_is_asked_by_its_own_shard_only(site):
    feeds = [Feed(url=site.put("/a", rss("a"), "application/rss+xml"), source="a")]
    out = poll_at(feeds, hours(0), shards=8)
    assert site.asked == ["/a"]
    assert len(out["polls"]) == 1


def test_a_feed_that_breaks_the_reader_does_not_stop_the_shard(site, monkeypatch):
    import transforms.feeds.observe as observe

    parse = observe.parse_feed

    def breaks(body, **about):
        if b">bad<" in body:
            raise RecursionError("too deep")
        return parse(body, **about)

    monkeypatch.setattr(observe, "parse_feed", breaks)
    feeds = [Feed(url=site.put(f"/{n}", rss(n), "application/rss+xml"), source=n) for n in ("bad", "good")]
    out = poll_at(feeds, hours(0))
    assert [e.title for e in out["entries"]] == ["good"]
    assert [(f.reason, f.source) for f in out["failed"]] == [("stage_error", "bad")]
    assert "RecursionError" in out["failed"][0].message


def test_an_entry_passes_when_new_changed_or_long_gone():
    first, edited = entry(), entry(fingerprint="f2")
    other = entry(feed_url="https://other.org/feed")
    link = first.url
    events = [
        (NOON, (link, first)),
        (NOON + hours(1), (link, first)),
        (NOON + hours(2), (link, other)),
        (NOON + hours(3), (link, edited)),
        (NOON + hours(4), ("https://example.org/b", first)),
        (NOON + hours(26), (link, edited)),
        (NOON + hours(50), (link, edited)),
    ]
    out = through(NewEntries(moved_clock, keep=hours(24)), events)
    assert out["out"] == [first, edited, first, edited]


def test_shards_of_feeds_do_not_hang_on_the_path():
    assert shard_of("https://x.org/feed", 16) == shard_of("https://www.x.org/other", 16)
