"""Is an entry new, changed, or known? Kept per link in an unbounded graph, so that it holds across all feeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.outcomes import EntryState
from schemas.records import FeedEntry


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What is remembered of a link: hashes, never text.

    Attributes:
        key: Of the entry that brought the link first; others that bring it are duplicates of it.
        expires_at: From when on the link counts as never seen.
    """

    key: str
    fingerprint: str
    expires_at: datetime


def judge_entry(
    known: KnownEntry | None, entry: FeedEntry, now: datetime, keep: timedelta
) -> tuple[EntryState, KnownEntry]:
    """How an entry stands to what is known of its link, and what to know from now on.

    Args:
        keep: How long a link is remembered after it was last seen.

    Returns:
        PENDING for an entry whose page shall be fetched, as it is new or has changed; UNCHANGED; or DUPLICATE, where
        another entry has brought the link before.
    """
    until = now + keep
    if known is None or known.expires_at <= now:
        return EntryState.PENDING, KnownEntry(entry.key, entry.fingerprint, until)
    if known.key != entry.key:
        return EntryState.DUPLICATE, replace(known, expires_at=until)
    state = EntryState.UNCHANGED if known.fingerprint == entry.fingerprint else EntryState.PENDING
    return state, KnownEntry(entry.key, entry.fingerprint, until)
