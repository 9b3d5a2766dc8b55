"""Where an outlet is at home, which tells what it means by a name that many towns share."""

from __future__ import annotations

from collections.abc import Container

_OPEN_TO_ALL = frozenset(
    (
        *("ac", "ad", "ag", "ai", "am", "as", "bz", "cc", "cd", "co", "dj", "eu", "fm", "gg", "gl", "im", "io"),
        *("is", "la", "li", "ly", "me", "ms", "mu", "nu", "pw", "sc", "sh", "st", "su", "tk", "to", "tv", "vc", "ws"),
    )
)
"""Endings of countries that are sold to the whole world (tv, me, io), so that they say nothing of a home."""
_OTHER_CODES = {"UK": "GB", "\u0420\u0424": "RU", "XN--P1AI": "RU"}


def home_country(source: str | None, countries: Container[str]) -> str:
    """Country of a domain's ending, `cambridge-news.co.uk` -> GB; empty where there is none.

    Args:
        source: A domain, or a feed's own id, which has no ending and tells nothing.
        countries: The ISO 3166-1 alpha-2 codes to choose among.
    """
    name, dot, ending = (source or "").rstrip(".").rpartition(".")
    if not dot or not name or ending.lower() in _OPEN_TO_ALL:
        return ""
    code = _OTHER_CODES.get(ending.upper(), ending.upper())
    return code if code in countries else ""
