"""Decide what one poll means and when the next is due: a pure function of the feed's state and what was observed.

The state holds hashes, never text. Every ending names the rule that set the next time, so that a person who asks "why
is this feed not polled?" gets an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypedDict

from schemas.outcomes import PollOutcome, Reason
from transforms.feeds.cadence import (
    ADAPTIVE_FLOOR_S,
    FLOOR_S,
    SLOWEST_S,
    adapted_interval_s,
    backoff_s,
    item_gap_s,
    outside_skipped,
    publisher_hints,
)
from transforms.feeds.errands import (
    all_new,
    has_gap,
    home_search,
    https_probation,
    is_rekeyed,
    older_page,
    without_errand,
)
from transforms.feeds.state import (
    ACCEPT,
    READ_BY,
    Errand,
    PollObservation,
    PollState,
    conditional_headers,
    hash_body,
    hash_items,
    mark_wordings,
    new_state,
    poll_request,
)
from transforms.web.status import classify_status

__all__ = [
    "ACCEPT",
    "READ_BY",
    "Intent",
    "PollObservation",
    "PollState",
    "conditional_headers",
    "decide",
    "failure_weight",
    "hash_body",
    "hash_items",
    "new_state",
    "poll_request",
]

JITTER: Final = 0.1
"""Share of an interval by which polls are spread."""

_WEIGHTS: Final = {
    # The way to the server, or the server for a moment: nothing is wrong with the feed.
    Reason.DNS: 0.5,
    Reason.CONNECT: 0.5,
    Reason.TIMEOUT: 0.5,
    Reason.TRUNCATED: 0.5,
    Reason.HTTP_SERVER_ERROR: 0.5,
    Reason.EMPTY: 0.5,
    Reason.RATE_LIMITED: 0.5,
}
"""What one failure of a reason counts for in the back-off; 1 for all others, which last until somebody acts."""

_LEAST_S: Final = {Reason.NOT_FOUND: 6 * 3_600.0, Reason.FORBIDDEN: 6 * 3_600.0, Reason.RATE_LIMITED: 3_600.0}
_MOVED_AFTER_POLLS: Final = 3
_MOVED_AFTER: Final = timedelta(days=1)
_VERIFY_EVERY: Final = timedelta(days=1)


def failure_weight(reason: Reason) -> float:
    """What one failure counts for in the back-off."""
    return _WEIGHTS.get(reason, 1.0)


@dataclass(frozen=True, slots=True)
class Intent:
    """What to do after a poll.

    Attributes:
        rule: Name of the rule that set `next_due_at`.
    """

    next_state: PollState
    next_due_at: datetime
    rule: str
    outcome: PollOutcome
    reason: Reason | None = None


def decide(
    state: PollState,
    observation: PollObservation,
    now: datetime,
    *,
    every_s: float | None,
    jitter: float,
    floor_s: float = FLOOR_S,
) -> Intent:
    """What a poll means and when the next is due.

    Args:
        state: Before the poll.
        observation: What it brought.
        now: When the answer was complete.
        every_s: Interval that the feed list wishes, in seconds; None lets the feed's rhythm decide.
        jitter: Random number from -1 to 1; waits that the publisher asks for are only ever lengthened by it.
        floor_s: Least interval in seconds.

    Raises:
        ValueError: A 200 with an unknown body came without its parsed feed or a problem.
    """
    terms = _Terms(now, every_s, jitter, floor_s)
    reason = observation.problem.reason if observation.problem else _status_reason(observation)
    if state.errand is Errand.HOME:
        return _searched(state, observation, terms)
    if state.errand is Errand.OLDER:
        return _read_older(state, observation, reason, terms)
    if state.errand is Errand.HTTPS:
        if reason is not None:
            return _https_refused(state, observation, reason, terms)
        # The proof of a move is the same as for a redirect: the same address, several times over a day or more.
        observation = replace(observation, permanent_redirect_to=state.errand_url)
    if reason is not None:
        return _failed(state, observation, reason, terms)
    return _succeeded(without_errand(state), observation, terms)


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a decision depends on beside state and observation."""

    now: datetime
    every_s: float | None
    jitter: float
    floor_s: float

    def after(self, seconds: float, *, may_shorten: bool) -> datetime:
        """`now` and a wait, spread by the jitter."""
        spread = self.jitter if may_shorten else abs(self.jitter)
        return self.now + timedelta(seconds=seconds * (1 + JITTER * spread))


def _status_reason(observation: PollObservation) -> Reason | None:
    if observation.status is None:
        return Reason.CONNECT
    return classify_status(observation.status, observation.headers)


def _searched(state: PollState, observation: PollObservation, terms: _Terms) -> Intent:
    """A feed that is not found stays so, whatever its home page names: a person decides."""
    kept = without_errand(state)
    own = max(terms.every_s or state.interval_s, terms.floor_s)
    wait = backoff_s(own, state.failure_weight, least_s=_LEAST_S[Reason.NOT_FOUND])
    asked = publisher_hints(observation.headers, terms.now, ttl_s=None).get("retry_after", 0.0)
    due = terms.after(max(wait, asked), may_shorten=False)
    reason = observation.problem.reason if observation.problem else Reason.NOT_FOUND
    return Intent(replace(kept, next_due_at=due), due, "home_page_searched", PollOutcome.FAILED, reason)


def _https_refused(state: PollState, observation: PollObservation, reason: Reason, terms: _Terms) -> Intent:
    """The feed is not to be had over https: nothing is wrong with the feed, which is asked as before."""
    kept = replace(
        without_errand(state), https_refused_at=terms.now, moved_target=None, moved_since=None, moved_polls=0
    )
    asked = publisher_hints(observation.headers, terms.now, ttl_s=None).get("retry_after", 0.0)
    due = terms.after(max(asked, terms.floor_s), may_shorten=False)
    return Intent(replace(kept, next_due_at=due), due, "https_refused", PollOutcome.FAILED, reason)


def _read_older(state: PollState, observation: PollObservation, reason: Reason | None, terms: _Terms) -> Intent:
    """After an older page: the next one, if this too held nothing that is known; else the feed, at its own pace.

    Validators, hashes and rhythm are those of the feed, not of its archive: nothing of them is learnt here.
    """
    own = max(terms.every_s or state.interval_s, terms.floor_s)
    if reason is not None:
        asked = publisher_hints(observation.headers, terms.now, ttl_s=None).get("retry_after", 0.0)
        due = terms.after(max(own, asked), may_shorten=False)
        kept = replace(without_errand(state), next_due_at=due)
        return Intent(kept, due, "older_page_failed", PollOutcome.FAILED, reason)
    learnt = older_page(state, observation) if all_new(observation) else without_errand(state)
    if observation.entries_new:
        learnt = replace(learnt, last_new_at=terms.now)
    rule, wait = ("next_older_page", terms.floor_s) if learnt.errand else ("older_pages_read", own)
    due = terms.after(wait, may_shorten=False)
    outcome = PollOutcome.NEW_ENTRIES if observation.entries_new else PollOutcome.NO_NEW_ENTRIES
    return Intent(replace(learnt, next_due_at=due), due, rule, outcome)


def _failed(state: PollState, observation: PollObservation, reason: Reason, terms: _Terms) -> Intent:
    """Keep everything that was learnt from the last success; wait longer each time; never give up but for 410."""
    weight = state.failure_weight + failure_weight(reason)
    kept = replace(
        state,
        failures_in_a_row=state.failures_in_a_row + 1,
        failure_weight=weight,
        verify_next=False,
        verified_at=terms.now if state.verify_next else state.verified_at,
        # Where the new address of a moved feed fails, the old one is asked next, and the proof begins anew.
        moved_to=None,
        moved_target=None,
        moved_since=None,
        moved_polls=0,
        https_refused_at=terms.now if state.moved_to is not None else state.https_refused_at,
    )
    if reason is Reason.GONE and state.moved_to is None:
        due = terms.now + timedelta(seconds=SLOWEST_S)
        return Intent(replace(kept, parked=True, next_due_at=due), due, "gone", PollOutcome.FAILED, reason)
    own = max(terms.every_s or state.interval_s, terms.floor_s)
    asked = publisher_hints(observation.headers, terms.now, ttl_s=None).get("retry_after")
    if asked is not None and asked >= own:
        wait, rule = asked, "retry_after"
    elif asked is not None:
        wait, rule = own, "own_interval_over_retry_after"
    else:
        wait, rule = backoff_s(own, weight, least_s=_LEAST_S.get(reason, 0.0)), f"backoff_{reason}"
    due = terms.after(wait, may_shorten=False)
    kept = home_search(kept, reason, terms.now)
    return Intent(replace(kept, next_due_at=due), due, rule, PollOutcome.FAILED, reason)


def _succeeded(state: PollState, observation: PollObservation, terms: _Terms) -> Intent:
    outcome = _outcome(state, observation)
    learnt = _learn(state, observation, outcome, terms.now)
    own, rule = _own_interval(state, learnt, observation, outcome, terms)
    hints = publisher_hints(observation.headers, terms.now, ttl_s=learnt.ttl_s)
    winner = max(hints, key=lambda name: hints[name], default=None)
    if winner is not None and hints[winner] > own:
        due, rule = terms.after(hints[winner], may_shorten=False), winner
    else:
        due = terms.after(own, may_shorten=own > terms.floor_s)
    open_at = outside_skipped(due, learnt.skip_hours, learnt.skip_days)
    if open_at != due:
        # Not on the stroke of the hour, at which every other reader comes too.
        due, rule = open_at + timedelta(seconds=abs(terms.jitter) * FLOOR_S), "skip_hours_or_days"
    if terms.every_s is None:
        learnt = replace(learnt, interval_s=own)
    if outcome is PollOutcome.NEW_ENTRIES and has_gap(state, observation):
        learnt = older_page(learnt, observation)
    learnt = https_probation(learnt, terms.now)
    return Intent(replace(learnt, next_due_at=due), due, rule, outcome)


def _outcome(state: PollState, observation: PollObservation) -> PollOutcome:
    if observation.status == 304:
        return PollOutcome.NOT_MODIFIED
    if observation.body_hash is not None and observation.body_hash == state.body_hash:
        return PollOutcome.SAME_BODY
    if observation.parsed is None:
        raise ValueError(
            f"{state.feed_url}: a new body needs its parsed feed or a problem; pass one to PollObservation"
        )
    if observation.entries_seen == 0:
        return PollOutcome.EMPTY
    if observation.entries_new:
        return PollOutcome.NO_NEW_ENTRIES if is_rekeyed(state, observation) else PollOutcome.NEW_ENTRIES
    same = state.items_hash is not None and hash_items(observation.parsed) == state.items_hash
    return PollOutcome.SAME_BODY if same else PollOutcome.NO_NEW_ENTRIES


def _learn(state: PollState, observation: PollObservation, outcome: PollOutcome, now: datetime) -> PollState:
    """The state after a success."""
    learnt = _with_move(state, observation, now)
    verified_at = now if state.verify_next else state.verified_at
    learnt = replace(
        learnt, **_validators(state, observation), last_success_at=now, parked=False, verified_at=verified_at
    )
    if outcome is PollOutcome.NOT_MODIFIED:
        # A 304 can come from a cache before a dead server: it ends no failure. In doubt, a full answer is asked for.
        doubted = _doubted(state, now)
        return replace(learnt, verify_next=doubted, successes=state.successes + (0 if state.failures_in_a_row else 1))
    learnt = replace(
        learnt,
        body_hash=None if observation.partial else observation.body_hash,
        successes=state.successes + 1,
        failures_in_a_row=0,
        failure_weight=0.0,
        last_full_at=now,
        last_new_at=now if outcome is PollOutcome.NEW_ENTRIES else state.last_new_at,
        verify_next=False,
        read_by=READ_BY,
    )
    if observation.parsed is None or observation.partial:
        return learnt  # the new items alone say nothing of the feed's rhythm
    dates = [entry.published_at for entry in observation.parsed.entries if entry.published_at is not None]
    return replace(
        learnt,
        items_hash=hash_items(observation.parsed),
        wordings=mark_wordings(observation.parsed),
        gap_s=item_gap_s(dates, now),
        ttl_s=observation.parsed.ttl_s,
        skip_hours=observation.parsed.skip_hours,
        skip_days=observation.parsed.skip_days,
    )


def _doubted(state: PollState, now: datetime) -> bool:
    """True if a 304 should be checked by one full request: after failures, or where a lively feed has long been still.

    At most one such request a day, also where a server answers even that with 304.
    """
    full = state.last_full_at
    for asked in (full, now if state.verify_next else state.verified_at):
        if asked is not None and now - asked < _VERIFY_EVERY:
            return False
    if state.failures_in_a_row:
        return True
    newest = state.last_new_at or full
    if state.gap_s is None or newest is None:
        return False
    return now - newest > max(timedelta(seconds=10 * state.gap_s), 2 * _VERIFY_EVERY)


class _Validators(TypedDict):
    etag: str | None
    last_modified: str | None
    validators_url: str | None


def _validators(state: PollState, observation: PollObservation) -> _Validators:
    """Validators after a success: a 304 may refresh them, a 200 replaces them.

    `Expires: 0` marks an answer that means never to be reused; some servers then answer 304 for ever.
    """
    headers = observation.headers
    url = observation.final_url or state.request_url
    etag, modified = _echoable(headers.get("etag")), _echoable(headers.get("last-modified"))
    if observation.status == 304:
        if url != state.validators_url:
            return _Validators(etag=state.etag, last_modified=state.last_modified, validators_url=state.validators_url)
        return _Validators(etag=etag or state.etag, last_modified=modified or state.last_modified, validators_url=url)
    if headers.get("expires", "").strip() == "0" or not (etag or modified):
        return _Validators(etag=None, last_modified=None, validators_url=None)
    return _Validators(etag=etag, last_modified=modified, validators_url=url)


def _echoable(value: str | None) -> str | None:
    """A header value that can be sent back byte for byte; one that was no text on arrival cannot."""
    return value if value and value.isprintable() and not any("\ud800" <= char <= "\udfff" for char in value) else None


def _with_move(state: PollState, observation: PollObservation, now: datetime) -> PollState:
    """Note where a permanent redirect leads; believe it after several polls over a day or more, never to plain http."""
    target = observation.permanent_redirect_to
    if target is None or (state.request_url.startswith("https:") and not target.startswith("https:")):
        return replace(state, moved_target=None, moved_since=None, moved_polls=0)
    if target != state.moved_target or state.moved_since is None:
        return replace(state, moved_target=target, moved_since=now, moved_polls=1)
    polls = state.moved_polls + 1
    if polls < _MOVED_AFTER_POLLS or now - state.moved_since < _MOVED_AFTER:
        return replace(state, moved_polls=polls)
    return replace(state, moved_to=target, moved_target=None, moved_since=None, moved_polls=0)


def _gap_s(learnt: PollState, now: datetime) -> float | None:
    """The feed's rhythm; it fades while nothing new comes, also where 304 spares us the items' dates."""
    if learnt.gap_s is None or learnt.last_new_at is None:
        return learnt.gap_s
    return max(learnt.gap_s, (now - learnt.last_new_at).total_seconds() / 4)


def _own_interval(
    state: PollState, learnt: PollState, observation: PollObservation, outcome: PollOutcome, terms: _Terms
) -> tuple[float, str]:
    """Our own interval after a success, and the rule that made it."""
    if terms.every_s is not None:
        return (terms.every_s, "every") if terms.every_s >= terms.floor_s else (terms.floor_s, "floor")
    if learnt.verify_next:
        return max(learnt.interval_s, terms.floor_s), "verify_not_modified"
    if learnt.successes < 2:
        return max(learnt.interval_s, terms.floor_s), "first_polls"
    adapted = adapted_interval_s(
        learnt.interval_s,
        any_new=outcome is PollOutcome.NEW_ENTRIES,
        gap_s=_gap_s(learnt, terms.now),
        conditional=learnt.validators_url is not None,
    )
    if is_rekeyed(state, observation):
        return max(adapted, terms.floor_s), "re_keyed"
    if has_gap(state, observation):
        return max(min(adapted, learnt.interval_s / 2), ADAPTIVE_FLOOR_S, terms.floor_s), "all_items_new"
    return max(adapted, terms.floor_s), "adaptive"
