"""How long to wait until the next poll: what the publisher asks for, what the feed's own rhythm suggests."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from transforms.web.status import http_date, retry_after_s

FLOOR_S: Final = 300.0
"""No feed is polled more often than every five minutes, whatever a list wishes."""

ADAPTIVE_FLOOR_S: Final = 600.0
"""Nor more often than every ten minutes where the list wishes nothing."""

FIRST_INTERVAL_S: Final = 3_600.0
"""Interval of a feed of which nothing is known yet, and the shortest for one that is not shown to be active."""

WITHOUT_VALIDATORS_S: Final = 1_800.0
"""Shortest own interval of a feed that gives neither ETag nor Last-Modified: every poll is a whole download."""

CAP_S: Final = 86_400.0
"""Cap on each wish of the publisher and on the own estimate, so that one bad header cannot freeze a feed."""

SLOWEST_S: Final = 30 * 86_400.0
"""A failing feed is never given up: it is asked once in thirty days at the least."""

_MAX_AGE: Final = re.compile(r"(?:^|[,\s])(?:s-maxage|max-age)\s*=\s*\"?(\d{1,12})", re.IGNORECASE)


def publisher_hints(headers: Mapping[str, str], now: datetime, *, ttl_s: float | None) -> dict[str, float]:
    """Seconds until a new poll makes sense, by the name of the rule that says so, each capped at a day.

    Args:
        headers: Of the last answer, names in lower case.
        now: When the answer came.
        ttl_s: What the feed itself announces (ttl, sy:updatePeriod).
    """
    hints: dict[str, float | None] = {
        "max_age": _max_age_s(headers),
        "expires": _expires_s(headers, now),
        "ttl": ttl_s,
        "retry_after": retry_after_s(headers, now),
    }
    return {rule: min(seconds, CAP_S) for rule, seconds in hints.items() if seconds is not None and seconds > 0}


def _max_age_s(headers: Mapping[str, str]) -> float | None:
    """Remaining freshness: the longest max-age less Age (RFC 9111, 4.2)."""
    ages = [float(value) for value in _MAX_AGE.findall(headers.get("cache-control", ""))]
    if not ages:
        return None
    age = headers.get("age", "").strip()
    return max(ages) - (float(age[:12]) if age.isascii() and age.isdigit() else 0.0)


def _expires_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Expires counts only where Cache-Control names no max-age (RFC 9111, 5.3); measured by the server's own clock."""
    if _MAX_AGE.search(headers.get("cache-control", "")):
        return None
    expires = http_date(headers.get("expires", ""))
    date = http_date(headers.get("date", "")) or now
    return None if expires is None else (expires - date).total_seconds()


def item_gap_s(published: Iterable[datetime], now: datetime) -> float | None:
    """Median time between the last twenty items, in seconds; None with fewer than three dated items.

    The time since the newest item counts as a gap too, so that a feed that falls asleep is seen to do so. Items of the
    future say nothing.
    """
    moments = sorted({moment for moment in published if moment <= now})[-20:]
    if len(moments) < 3:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise([*moments, now])]
    return max(median(gaps), gaps[-1] / 4)


def adapted_interval_s(interval_s: float, *, any_new: bool, gap_s: float | None, conditional: bool) -> float:
    """The own estimate after a success: shorter after news, longer after none, drawn towards half the feed's rhythm.

    Args:
        interval_s: The estimate so far.
        any_new: True if this poll brought new entries.
        gap_s: Median time between items, None if unknown.
        conditional: True if the feed gives validators, so that a needless poll costs little.
    """
    moved = interval_s * (0.7 if any_new else 1.4)
    if gap_s is not None:
        moved = math.sqrt(moved * gap_s / 2)
    active = any_new or (gap_s is not None and gap_s < 2 * FIRST_INTERVAL_S)
    shortest = FIRST_INTERVAL_S if not active else ADAPTIVE_FLOOR_S if conditional else WITHOUT_VALIDATORS_S
    return min(max(moved, shortest), CAP_S)


def backoff_s(base_s: float, weight: float, *, least_s: float = 0.0) -> float:
    """Wait after failures: doubled for every full failure, up to thirty days."""
    doubled: float = base_s * 2.0 ** min(weight, 40.0)
    return min(max(doubled, least_s), SLOWEST_S)


def outside_skipped(due: datetime, skip_hours: Sequence[int], skip_days: Sequence[int]) -> datetime:
    """The first moment from `due` on at which the feed does not ask to be left alone (RSS 2.0: skipHours, skipDays)."""
    moment = due
    for _ in range(24 * 8):
        if moment.hour not in skip_hours and moment.weekday() not in skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due
