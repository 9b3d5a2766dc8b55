"""The poll decision: what each answer means, when the next poll is due, and which rule says so."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import PollOutcome, Reason
from schemas.records import FeedEntry, Problem
from transforms.feeds.entries import ParsedFeed
from transforms.feeds.poll import (
    READ_BY,
    Intent,
    PollObservation,
    PollState,
    conditional_headers,
    decide,
    hash_body,
    hash_items,
    new_state,
    poll_request,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
URL = "https://news.example.tj/feed"
HOUR = 3600.0
DAY = 24 * HOUR


def parsed(*keys: str, gap: timedelta = timedelta(hours=2), **changes: object) -> ParsedFeed:
    entries = tuple(
        FeedEntry(key=key, source="s", url=f"https://e.org/{key}", published_at=NOW - gap * position, fingerprint=key)
        for position, key in enumerate(keys)
    )
    feed = ParsedFeed(entries=entries, rejected=(), title="T", kind="rss")
    return replace(feed, **changes)  # type: ignore[arg-type]


def ok(feed: ParsedFeed | None = None, *, new: int = 0, body: bytes = b"body", **changes: object) -> PollObservation:
    seen = PollObservation(
        status=200,
        final_url=URL,
        headers={"etag": 'W/"1"', "last-modified": "yesterday"},
        body_hash=hash_body(body),
        parsed=feed or parsed("a", "b", "c"),
        entries_new=new,
    )
    return replace(seen, **changes)  # type: ignore[arg-type]


def status(code: int, headers: Mapping[str, str] | None = None, **changes: object) -> PollObservation:
    return replace(PollObservation(status=code, headers=headers or {}, final_url=URL), **changes)  # type: ignore[arg-type]


def step(
    state: PollState, seen: PollObservation, at: datetime = NOW, every_s: float | None = None, jitter: float = 0.0
) -> Intent:
    intent = decide(state, seen, at, every_s=every_s, jitter=jitter)
    assert intent.next_state.next_due_at == intent.next_due_at
    return intent


def wait_s(intent: Intent, at: datetime = NOW) -> float:
    return (intent.next_due_at - at).total_seconds()


def healthy(**changes: object) -> PollState:
    """A feed that has been read several times."""
    state = step(new_state(URL, NOW), ok(new=3), NOW - timedelta(hours=3)).next_state
    state = step(state, ok(new=1, body=b"2"), NOW - timedelta(hours=2)).next_state
    return replace(state, **changes)  # type: ignore[arg-type]


def test_a_new_feed_is_due_at_once() -> None:
    state = new_state(URL, NOW)
    assert state.next_due_at == NOW
    assert conditional_headers(state) == ()


class TestOutcome:
    @pytest.mark.parametrize(
        ("seen", "outcome"),
        [
            (ok(new=2, body=b"x"), PollOutcome.NEW_ENTRIES),
            (ok(parsed("a", "z"), body=b"x"), PollOutcome.NO_NEW_ENTRIES),
            (ok(body=b"x"), PollOutcome.SAME_BODY),
            (ok(body=b"2"), PollOutcome.SAME_BODY),
            (ok(parsed(), body=b"x"), PollOutcome.EMPTY),
            (status(304), PollOutcome.NOT_MODIFIED),
            (status(500), PollOutcome.FAILED),
        ],
    )
    def test_outcomes(self, seen: PollObservation, outcome: PollOutcome) -> None:
        assert step(healthy(), seen).outcome is outcome

    def test_the_same_body_needs_no_parsing(self) -> None:
        assert step(healthy(), ok(body=b"2", parsed=None)).outcome is PollOutcome.SAME_BODY

    def test_a_new_body_must_be_parsed(self) -> None:
        with pytest.raises(ValueError, match="parsed feed or a problem"):
            step(healthy(), ok(body=b"x", parsed=None))


class TestValidators:
    def test_echoed_exactly_and_bound_to_the_final_url(self) -> None:
        state = step(new_state(URL, NOW), ok(final_url="https://cdn.example.org/f")).next_state
        assert conditional_headers(state) == (("If-None-Match", 'W/"1"'), ("If-Modified-Since", "yesterday"))
        request = poll_request(state)
        assert (request.url, request.validators_url) == (URL, "https://cdn.example.org/f")
        assert request.headers[0][0] == "Accept"
        assert request.headers[1:] == (*conditional_headers(state), ("A-IM", "feed"))

    @pytest.mark.parametrize(
        "seen",
        [
            status(500, {"etag": '"bad"'}),
            ok(problem=Problem(Reason.NOT_A_FEED, "x"), headers={"etag": '"bad"'}, parsed=None),
            PollObservation(problem=Problem(Reason.TRUNCATED, "x")),
        ],
    )
    def test_a_failure_keeps_all_that_was_learnt(self, seen: PollObservation) -> None:
        before = healthy()
        after = step(before, seen).next_state
        for name in (
            "etag",
            "last_modified",
            "validators_url",
            "body_hash",
            "items_hash",
            "last_success_at",
            "interval_s",
        ):
            assert getattr(after, name) == getattr(before, name)

    def test_a_304_may_refresh_them(self) -> None:
        after = step(healthy(), status(304, {"etag": '"2"'})).next_state
        assert (after.etag, after.last_modified) == ('"2"', "yesterday")
        elsewhere = step(healthy(), status(304, {"etag": '"2"'}, final_url="https://other.org/")).next_state
        assert elsewhere.etag == 'W/"1"'

    def test_a_200_without_any_drops_the_old(self) -> None:
        assert conditional_headers(step(healthy(), ok(headers={}, body=b"x")).next_state) == ()

    def test_expires_0_means_none(self) -> None:
        state = step(healthy(), ok(headers={"etag": '"1"', "expires": "0"}, body=b"x")).next_state
        assert conditional_headers(state) == ()

    def test_what_cannot_be_echoed_is_not_kept(self) -> None:
        state = step(healthy(), ok(headers={"etag": '"\udcff"'}, body=b"x")).next_state
        assert conditional_headers(state) == ()

    def test_dropped_once_after_an_upgrade_of_the_parser(self) -> None:
        old = healthy(read_by="0/1.0")
        assert conditional_headers(old) == ()
        assert step(old, ok(body=b"x")).next_state.read_by == READ_BY


class TestHints:
    @pytest.mark.parametrize(
        ("headers", "ttl_s", "expected", "rule"),
        [
            ({"cache-control": "public, max-age=18000", "age": "3600"}, None, 4 * HOUR, "max_age"),
            ({"cache-control": "max-age=31536000"}, None, DAY, "max_age"),
            ({"cache-control": "max-age=0"}, None, HOUR, "every"),
            ({"expires": "Sun, 22 Nov 2026 11:00:00 GMT"}, None, 3 * HOUR, "expires"),
            (
                {"expires": "Sun, 22 Nov 2026 11:00:00 GMT", "date": "Sun, 22 Nov 2026 09:00:00 GMT"},
                None,
                2 * HOUR,
                "expires",
            ),
            ({"expires": "Sun, 22 Nov 2026 11:00:00 GMT", "cache-control": "max-age=60"}, None, HOUR, "every"),
            ({"expires": "0"}, None, HOUR, "every"),
            ({}, 7200.0, 2 * HOUR, "ttl"),
            ({"cache-control": "max-age=18000"}, 7200.0, 5 * HOUR, "max_age"),
            ({"retry-after": "7200"}, None, 2 * HOUR, "retry_after"),
            ({"cache-control": "garbage, max-age=x"}, None, HOUR, "every"),
        ],
    )
    def test_the_longest_wish_wins_and_is_named(
        self, headers: dict[str, str], ttl_s: float | None, expected: float, rule: str
    ) -> None:
        intent = step(healthy(), ok(parsed("a", ttl_s=ttl_s), body=b"x", headers=headers), every_s=HOUR)
        assert (wait_s(intent), intent.rule) == (expected, rule)

    def test_ttl_is_remembered_for_a_304(self) -> None:
        state = step(healthy(), ok(parsed("a", ttl_s=7200.0), body=b"x")).next_state
        assert step(state, status(304), every_s=HOUR).rule == "ttl"

    @pytest.mark.parametrize("jitter", [-1.0, -0.3, 0.0, 1.0])
    def test_jitter_never_comes_before_the_publishers_time(self, jitter: float) -> None:
        intent = step(healthy(), ok(body=b"x", headers={"cache-control": "max-age=7200"}), every_s=HOUR, jitter=jitter)
        assert 7200 <= wait_s(intent) <= 7920

    def test_jitter_spreads_our_own_interval_both_ways(self) -> None:
        assert wait_s(step(healthy(), ok(body=b"x"), every_s=HOUR, jitter=-1.0)) == 3240
        assert wait_s(step(healthy(), ok(body=b"x"), every_s=HOUR, jitter=1.0)) == 3960

    def test_the_floor(self) -> None:
        intent = step(healthy(), ok(body=b"x"), every_s=10.0, jitter=-1.0)
        assert (wait_s(intent) >= 300, intent.rule) == (True, "floor")

    def test_skipped_hours_and_days(self) -> None:
        feed = parsed("a", skip_hours=(9, 10))
        intent = step(healthy(), ok(feed, body=b"x"), every_s=HOUR)
        assert intent.rule == "skip_hours_or_days"
        assert intent.next_due_at == datetime(2026, 11, 22, 11, tzinfo=UTC)
        sunday = step(healthy(), ok(parsed("a", skip_days=(6,)), body=b"x"), every_s=HOUR)
        assert sunday.next_due_at == datetime(2026, 11, 23, tzinfo=UTC)


class TestRhythm:
    def test_no_estimate_before_two_successes(self) -> None:
        intent = step(new_state(URL, NOW), ok(new=3))
        assert (intent.rule, wait_s(intent)) == ("first_polls", HOUR)

    def test_shorter_after_news_longer_after_none(self) -> None:
        state = replace(healthy(), interval_s=2 * HOUR)
        feed = parsed("a", "b", "c", "d", gap=timedelta(hours=4))
        news = step(state, ok(feed, new=1, body=b"x"))
        none = step(state, ok(feed, body=b"x"))
        assert news.rule == none.rule == "adaptive"
        assert wait_s(news) < 2 * HOUR < wait_s(none)

    def test_a_quiet_feed_is_never_asked_more_than_hourly(self) -> None:
        state = replace(healthy(), interval_s=HOUR)
        assert wait_s(step(state, ok(parsed("a", gap=timedelta(days=9)), body=b"x"))) >= HOUR

    def test_a_lively_feed_is_asked_more_often_but_not_without_validators(self) -> None:
        feed = parsed(*"abcdefgh", gap=timedelta(minutes=5))
        state, bare = healthy(), healthy()
        for number in range(20):
            state = step(state, ok(feed, new=1, body=b"%d" % number)).next_state
            bare = step(bare, ok(feed, new=1, body=b"%d" % number, headers={})).next_state
        assert (state.interval_s, bare.interval_s) == (600.0, 1800.0)

    def test_all_items_new_may_mean_that_some_were_missed(self) -> None:
        state = replace(healthy(), interval_s=4 * HOUR)
        intent = step(state, ok(parsed("x", "y", "z", gap=timedelta(days=1)), new=3, body=b"x"))
        assert (intent.rule, wait_s(intent)) == ("all_items_new", 2 * HOUR)


class TestFailures:
    @pytest.mark.parametrize(
        ("seen", "reason"),
        [
            (status(404), Reason.NOT_FOUND),
            (status(403), Reason.FORBIDDEN),
            (status(500), Reason.HTTP_SERVER_ERROR),
            (status(302), Reason.PROTOCOL),
            (PollObservation(problem=Problem(Reason.DNS, "x")), Reason.DNS),
            (PollObservation(), Reason.CONNECT),
        ],
    )
    def test_reasons(self, seen: PollObservation, reason: Reason) -> None:
        intent = step(healthy(), seen)
        assert (intent.outcome, intent.reason, intent.rule) == (PollOutcome.FAILED, reason, f"backoff_{reason}")

    def test_waits_double_and_never_end(self) -> None:
        state, waits = healthy(interval_s=HOUR), []
        for _ in range(60):
            intent = step(state, status(403))
            waits.append(wait_s(intent))
            state = intent.next_state
        assert waits[:4] == [6 * HOUR, 6 * HOUR, 8 * HOUR, 16 * HOUR]
        assert waits == sorted(waits)
        assert waits[-1] == 30 * DAY
        assert not state.parked
        assert state.failures_in_a_row == 60

    def test_a_passing_fault_weighs_half(self) -> None:
        first = step(healthy(interval_s=HOUR), PollObservation(problem=Problem(Reason.TIMEOUT, "x")))
        second = step(first.next_state, PollObservation(problem=Problem(Reason.TIMEOUT, "x")))
        assert wait_s(second) == 2 * HOUR

    @pytest.mark.parametrize(
        ("code", "value", "expected", "rule"),
        [
            (429, "7200", 2 * HOUR, "retry_after"),
            (503, "Sun, 22 Nov 2026 10:00:00 GMT", 2 * HOUR, "retry_after"),
            (429, "99999999", DAY, "retry_after"),
            (429, "60", HOUR, "own_interval_over_retry_after"),
            (429, "soon", HOUR * 2**0.5, "backoff_rate_limited"),
        ],
    )
    def test_retry_after(self, code: int, value: str, expected: float, rule: str) -> None:
        intent = step(healthy(interval_s=HOUR), status(code, {"retry-after": value}))
        assert wait_s(intent) == pytest.approx(expected)
        assert (intent.rule, intent.reason) == (rule, Reason.RATE_LIMITED)

    def test_gone_parks_the_feed_for_a_person(self) -> None:
        intent = step(healthy(), status(410))
        assert (intent.rule, intent.reason, intent.next_state.parked) == ("gone", Reason.GONE, True)
        assert intent.next_state.etag is not None

    def test_a_full_answer_ends_the_failure_a_304_does_not(self) -> None:
        failing = step(healthy(), status(500)).next_state
        assert step(failing, ok(body=b"x")).next_state.failures_in_a_row == 0
        assert step(failing, status(304)).next_state.failures_in_a_row == 1


class TestDoubted304:
    def test_after_a_failure_one_full_request_a_day(self) -> None:
        failing = step(healthy(), status(500)).next_state
        soon = step(failing, status(304), NOW + timedelta(hours=1))
        assert not soon.next_state.verify_next
        later = step(failing, status(304), NOW + timedelta(days=2))
        assert later.rule == "verify_not_modified"
        assert conditional_headers(later.next_state) == ()
        verified = step(later.next_state, ok(body=b"x"), NOW + timedelta(days=2, hours=1)).next_state
        assert conditional_headers(verified) != ()

    def test_a_lively_feed_that_is_silent_for_long(self) -> None:
        state = healthy(gap_s=HOUR)
        assert not step(state, status(304), NOW + timedelta(hours=30)).next_state.verify_next
        assert step(state, status(304), NOW + timedelta(days=4)).next_state.verify_next
        sleepy = healthy(gap_s=10 * DAY)
        assert not step(sleepy, status(304), NOW + timedelta(days=4)).next_state.verify_next


class TestMoves:
    NEW = "https://new.example.tj/feed"

    def polls(self, *targets: str | None, hours: float = 13.0) -> PollState:
        state = healthy()
        for number, target in enumerate(targets):
            seen = ok(body=b"%d" % number, permanent_redirect_to=target, final_url=target or URL)
            state = step(state, seen, NOW + timedelta(hours=hours * number)).next_state
        return state

    def test_believed_after_three_polls_over_a_day(self) -> None:
        assert self.polls(self.NEW, self.NEW).request_url == URL
        moved = self.polls(self.NEW, self.NEW, self.NEW)
        assert (moved.request_url, moved.feed_url) == (self.NEW, URL)
        assert self.polls(self.NEW, self.NEW, self.NEW, hours=1).request_url == URL

    def test_another_target_or_none_begins_anew(self) -> None:
        assert self.polls(self.NEW, self.NEW, "https://x.org/", self.NEW).request_url == URL
        assert self.polls(self.NEW, self.NEW, None, self.NEW).request_url == URL

    def test_never_from_https_to_http(self) -> None:
        assert self.polls(*["http://new.example.tj/feed"] * 4).request_url == URL

    def test_where_the_new_address_fails_the_old_is_asked(self) -> None:
        moved = self.polls(self.NEW, self.NEW, self.NEW)
        intent = step(moved, status(410))
        assert (intent.next_state.request_url, intent.next_state.parked) == (URL, False)


def test_items_hash_is_blind_to_what_is_around_the_items() -> None:
    assert hash_items(parsed("a", "b")) == hash_items(parsed("a", "b", title="other", ttl_s=5.0))
    assert hash_items(parsed("a", "b")) != hash_items(parsed("a", "c"))


def test_the_state_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(healthy())) == healthy()


OBSERVATIONS = st.one_of(
    st.sampled_from([200, 304, 404, 410, 429, 500, 503]).flatmap(
        lambda code: st.fixed_dictionaries(
            {},
            optional={
                "retry-after": st.sampled_from(["0", "60", "-1", "x", "999999999999", "Sun, 22 Nov 2020 10:00:00 GMT"]),
                "cache-control": st.sampled_from(["max-age=99999999999", "no-cache", "max-age=1", ""]),
                "expires": st.sampled_from(["0", "-1", "Fri, 31 Dec 9999 23:59:59 GMT", "x"]),
                "etag": st.text(max_size=4),
            },
        ).map(lambda headers: ok(body=b"x", new=1, headers=headers) if code == 200 else status(code, headers))
    ),
    st.sampled_from(list(Reason)).map(lambda reason: PollObservation(problem=Problem(reason, "x"))),
)


@given(st.lists(OBSERVATIONS, max_size=12), st.none() | st.floats(1, 1e7), st.floats(-1, 1))
def test_whatever_comes_the_next_poll_is_neither_rash_nor_never(
    seen: list[PollObservation], every_s: float | None, jitter: float
) -> None:
    state, at = new_state(URL, NOW), NOW
    for observation in seen:
        intent = step(state, observation, at, every_s=every_s, jitter=jitter)
        assert intent.rule
        assert (intent.reason is None) == (intent.outcome is not PollOutcome.FAILED)
        assert 300 <= wait_s(intent, at) <= max(30 * DAY, every_s or 0) * 1.1 + 1e-3  # moments are whole microseconds
        state, at = intent.next_state, intent.next_due_at
