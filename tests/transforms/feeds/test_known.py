"""Is an entry new, changed, or known?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas.outcomes import EntryState
from tests.factories import NOON, entry
from transforms.feeds.known import KnownEntry, judge_entry

KEEP = timedelta(days=90)
OURS = entry()


def known(key: str = OURS.key, fingerprint: str = "f1", *, days: float = 1) -> KnownEntry:
    return KnownEntry(key, fingerprint, NOON + timedelta(days=days))


@pytest.mark.parametrize(
    ("before", "state", "owner"),
    [
        (None, EntryState.PENDING, OURS.key),
        (known(), EntryState.UNCHANGED, OURS.key),
        (known(fingerprint="f0"), EntryState.PENDING, OURS.key),
        (known("other"), EntryState.DUPLICATE, "other"),
        (known(days=0), EntryState.PENDING, OURS.key),
        (known("other", days=-1), EntryState.PENDING, OURS.key),
    ],
    ids=["new", "unchanged", "changed", "by another entry", "expires now", "the other one has expired"],
)
def test_judge_entry(before, state, owner):
    judged, after = judge_entry(before, OURS, NOON, KEEP)
    assert judged is state
    assert (after.key, after.expires_at) == (owner, NOON + KEEP)
    assert judge_entry(after, OURS, NOON, KEEP)[0] in (EntryState.UNCHANGED, EntryState.DUPLICATE)
