"""What either reader of XML feeds gives: facts under feedparser's keys, before anyone judges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Facts = dict[str, Any]
"""What is known of a channel or an entry, under feedparser's keys."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed as read.

    Attributes:
        version: As feedparser names it (rss20, rss10, atom10, cdf, …), or `rss` for any RSS but 0.90 and 1.0.
        channel: Facts of the feed.
        entries: Facts of each entry, in the feed's order.
        bozo: How the document breaks its format, None where it does not.
    """

    version: str
    channel: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]
    bozo: str | None = None


class NotSureError(Exception):
    """The fast reader cannot tell that feedparser would read the document as it does."""
