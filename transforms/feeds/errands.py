"""When a poll asks for something else than the feed itself, and when it stops to: pure functions of the state.

An errand takes the place of one poll, so a publisher is never asked more often for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from schemas.outcomes import Reason
from transforms.feeds.state import Errand, PollObservation, PollState, mark_wordings

_HOME_EVERY: Final = timedelta(days=7)
_HOME_AFTER_FAILURES: Final = 2
_HTTPS_EVERY: Final = timedelta(days=30)
_HTTPS_AFTER_SUCCESSES: Final = 3
_MOST_OLDER_PAGES: Final = 10


def home_search(state: PollState, reason: Reason, now: datetime) -> PollState:
    """After the second 404 in a row, and once a week from then on, the home page is asked instead of the feed."""
    searched = state.home_searched_at
    if reason is not Reason.NOT_FOUND or state.failures_in_a_row < _HOME_AFTER_FAILURES:
        return state
    if searched is not None and now - searched < _HOME_EVERY:
        return state
    parts = urlsplit(state.feed_url)
    return replace(
        state, errand=Errand.HOME, errand_url=f"{parts.scheme}://{parts.netloc}/", errand_polls=0, home_searched_at=now
    )


def https_probation(state: PollState, now: datetime) -> PollState:
    """A healthy feed at http is asked over https at the next poll, until the move is believed or refused.

    Only where the address names no port: another port that speaks http will not speak https too. A refusal holds for
    thirty days.
    """
    if state.errand or not state.feed_url.startswith("http://") or state.moved_to is not None:
        return state
    refused = state.https_refused_at
    if refused is not None and now - refused < _HTTPS_EVERY:
        return state
    parts = urlsplit(state.feed_url)
    if state.successes < _HTTPS_AFTER_SUCCESSES or state.failures_in_a_row or parts.netloc != parts.hostname:
        return state
    target = "https://" + state.feed_url.removeprefix("http://")
    if state.moved_target not in (None, target):
        return state  # the publisher names a new address; that comes first
    return replace(state, errand=Errand.HTTPS, errand_url=target, errand_polls=0)


def older_page(state: PollState, observation: PollObservation) -> PollState:
    """After a gap the next poll reads on where the feed names a next or an archived page (RFC 5005).

    Args:
        state: Its `errand_polls` counts the pages read so far.
    """
    url = observation.parsed.next_url if observation.parsed else None
    if url is None or url in (state.feed_url, state.errand_url) or state.errand_polls >= _MOST_OLDER_PAGES:
        return without_errand(state)
    return replace(state, errand=Errand.OLDER, errand_url=url, errand_polls=state.errand_polls + 1)


def without_errand(state: PollState) -> PollState:
    """The next poll asks for the feed again."""
    return replace(state, errand=Errand.NONE, errand_url=None, errand_polls=0)


def has_gap(state: PollState, observation: PollObservation) -> bool:
    """True if no known item is left in a feed that was read before: some may have come and gone between two polls.

    An answer with the new items alone (RFC 3229) shows no known ones by its nature.
    """
    return state.items_hash is not None and not observation.partial and all_new(observation)


def all_new(observation: PollObservation) -> bool:
    """True if every item, of two or more, is new by its id."""
    return 2 <= observation.entries_seen <= observation.entries_new


def is_rekeyed(state: PollState, observation: PollObservation) -> bool:
    """True if all ids are new while at least half of the items say what the items of the last body said."""
    if observation.parsed is None or not all_new(observation):
        return False
    shown = mark_wordings(observation.parsed)
    return bool(shown) and 2 * len(set(shown) & set(state.wordings)) >= len(set(shown))
