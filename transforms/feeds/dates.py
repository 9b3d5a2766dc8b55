"""Read the dates of feeds: the moment in UTC, and the offset only where the feed states it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import struct_time
from typing import Final

_UTC_NAMES: Final = {"z", "gmt", "ut", "utc"}

_ZONE_MINUTES: Final = {
    # RFC 822 and what feeds of the Americas and Europe write
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "ast": -240, "adt": -180, "bst": 60, "cet": 60, "cest": 120, "met": 60, "mest": 120, "eet": 120, "eest": 180,
    "wet": 0, "west": 60, "trt": 180, "msk": 180, "msd": 240, "samt": 240, "yekt": 300, "omst": 360, "novt": 420,
    # Middle East, Central and South Asia
    "irst": 210, "irdt": 270, "aft": 270, "pkt": 300, "npt": 345, "gst": 240, "azt": 240, "get": 240, "amt": 240,
    "tjt": 300, "uzt": 300, "tmt": 300, "kgt": 360, "almt": 300, "qyzt": 300, "hkt": 480, "jst": 540, "kst": 540,
}  # fmt: skip
"""Offsets of named zones whose name has one common reading in news feeds; IST (India, Israel, Ireland) is left out."""

_NUMERIC_ZONE: Final = re.compile(
    r"(?:(?<=[\d\s])|(?<=GMT)|(?<=UTC))([+-])(\d{2}):?(\d{2})?\s*(?:\([^)]*\))?$", re.IGNORECASE
)
_NAMED_ZONE: Final = re.compile(r"(?<=[\d\s])([A-Za-z]{1,5})$")
_DAY_FIRST: Final = re.compile(r"^(\d{1,2})[./](\d{1,2})[./](\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?!\S*\d)")


_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d")
_RFC_822: Final = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun),? )?([0-9]{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) ([0-9]{4})"
    r" ([0-9]{2}):([0-9]{2})(?::([0-5][0-9]))? ([+-][0-9]{2}:?[0-9]{2}|[a-z]{1,5})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as read.

    Attributes:
        at: The moment in UTC; where no offset is stated, the feed's clock is taken to be UTC.
        offset_min: The stated offset from UTC in minutes, None if none is stated.
    """

    at: datetime
    offset_min: int | None


def stated_offset_min(raw: str) -> int | None:
    """Minutes east of UTC that a date states at its end, by number or by name; None if it states none."""
    text = raw.strip()
    numeric = _NUMERIC_ZONE.search(text)
    if numeric and ":" in text[: numeric.start()]:
        sign, hours, minutes = numeric.groups()
        size = int(hours) * 60 + int(minutes or 0)
        if size > 14 * 60 + 59:
            return None
        # RFC 2822, 3.3: -0000 says that the offset is unknown.
        return None if sign == "-" and size == 0 else size if sign == "+" else -size
    named = _NAMED_ZONE.search(text)
    if named is None:
        return None
    name = named.group(1).lower()
    return 0 if name in _UTC_NAMES else _ZONE_MINUTES.get(name)


def read_date(raw: str, parsed: struct_time | None = None) -> Moment | None:
    """Read a date of a feed, or None where it cannot be read.

    Args:
        raw: As the feed wrote it.
        parsed: feedparser's reading in UTC, for the many forms that it alone knows.
    """
    usual = read_usual_date(raw)
    if usual is not None:
        return usual
    text = " ".join(raw.split())
    offset = stated_offset_min(text)
    read = _read_struct(parsed, text, offset) or _read_day_first(text, offset)
    return None if read is None else Moment(read, offset)


def read_usual_date(raw: str) -> Moment | None:
    """Read a date in one of the two forms that feeds ought to have: RFC 3339, and RFC 822 with a year of four digits.

    feedparser reads these alike, so that its reading is not needed.
    """
    text = " ".join(raw.split())
    return _read_rfc_822(text) or _read_iso(text)


def _read_rfc_822(text: str) -> Moment | None:
    match = _RFC_822.fullmatch(text)
    if match is None:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    offset = stated_offset_min(text)
    if offset is None and zone not in ("-0000", "-00:00"):
        return None
    try:
        local = datetime(
            int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
        return Moment(local - timedelta(minutes=offset or 0), offset)
    except (ValueError, OverflowError):
        return None


def _read_iso(text: str) -> Moment | None:
    if not _ISO.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return Moment(at, stated_offset_min(text))
    except (ValueError, OverflowError):
        return None


def _read_struct(parsed: struct_time | None, text: str, offset: int | None) -> datetime | None:
    if parsed is None:
        return None
    try:
        moment = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
        # feedparser takes a zone name that it does not know for UTC; the ones it knows, it has applied.
        named = _NAMED_ZONE.search(text)
        if offset and named and named.group(1).lower() not in _KNOWN_TO_FEEDPARSER:
            moment -= timedelta(minutes=offset)
    except (ValueError, OverflowError):
        return None
    return moment


_KNOWN_TO_FEEDPARSER: Final = {"est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "ast", "adt", "met", "mest"}


def _read_day_first(text: str, offset: int | None) -> datetime | None:
    """`22.11.2026 10:30`, day first, as most of Europe and Asia writes it; `11/22/2026` is read as no date."""
    match = _DAY_FIRST.match(text)
    if match is None:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) - timedelta(minutes=offset or 0)
    except (ValueError, OverflowError):
        return None
