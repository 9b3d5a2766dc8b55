"""Dates as publishers write them into markup: ISO 8601, RFC 5322 and their common slips.

Only dates that name their year and month are read. A day without a time is kept as a day: `at` is then midnight UTC of
that day, `precision` is "day" and `offset_min` is None. A time without an offset is taken as UTC, and `offset_min` is
None to say that this was not stated. Nothing is guessed from the clock. Years from 1369 to 1499 are Solar Hijri ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from transforms.articles.calendars import DIGITS, civil_day, gregorian_month

EARLIEST_YEAR = 1990
"""Web pages are younger; what looks older is a template's zero date."""

AHEAD = timedelta(days=2)
"""How far beyond the fetch a date may lie: clocks and zones differ, embargoed texts do not appear early."""

_ISO = re.compile(
    r"""(?x)^\s*(?P<year>\d{4})(?P<sep>[-/.]?)(?P<month>\d{1,2})(?:(?P=sep)(?P<day>\d{1,2}))?
    (?:[T\s]+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?
       \s*(?P<zone>Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?)?""",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"^\s*(\d{10})(\d{3})?\s*$")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_URL_WORDED = re.compile(r"(?i)/((?:19|20)\d\d)[/-]([a-z]{3,9})[/-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
# At the end of a headline in an address; the day of an event stands there in words.
_URL_END = re.compile(r"(?<=[a-z][-_])((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?=(?:/|\.[a-z]{3,5})?$)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A publication date as far as it is known.

    Attributes:
        at: The instant in UTC; midnight UTC of the day where only the day is known.
        raw: The date as given.
        offset_min: Offset from UTC in minutes; None if unstated.
        day: Local calendar day as published.
        precision: month, day, minute or second.
        source: page, url or text (what the page shows its reader).
    """

    at: datetime
    raw: str
    offset_min: int | None
    day: date
    precision: str
    source: str = "page"


def parse_date(raw: str, *, latest: datetime) -> Moment | None:
    """Read a machine-written date.

    Args:
        raw: E.g. `2021-07-28T18:04:00+05:00`, `2021-07-28`, `Wed, 28 Jul 2021 13:04:00 GMT` or seconds since 1970.
        latest: Time of the fetch; what lies more than `AHEAD` beyond it is no date of publication.

    Returns:
        None for what is no date, or one out of bounds.
    """
    raw = " ".join(raw.split())
    moment = _from_iso(raw) or _from_rfc5322(raw) or _from_epoch(raw)
    if moment is None or moment.at.year < EARLIEST_YEAR or moment.at > latest + AHEAD:
        return None
    return moment


def date_of_url(url: str, *, latest: datetime) -> Moment | None:
    """Day that an address carries in its path, as `/2021/07/28/`, `/2021/jul/28/` or `/a-headline-20210728`."""
    path = urlsplit(url).path
    found = _URL_DAY.search(path) or _URL_WORDED.search(path) or _URL_END.search(path)
    if found is None:
        return None
    year, month, day = found.groups()
    number = month if month.isdigit() else gregorian_month(month, "en")
    moment = parse_date(f"{year}-{number}-{day}", latest=latest) if number is not None else None
    if moment is None:
        return None
    return Moment(moment.at, found[0].strip("/"), None, moment.day, moment.precision, "url")


def of_datetime(when: datetime, raw: str, *, precision: str) -> Moment:
    """A moment from a datetime; a naive one is taken as UTC with its offset unstated."""
    offset = when.utcoffset()
    at = when.replace(tzinfo=UTC) if offset is None else when.astimezone(UTC)
    minutes = None if offset is None else int(offset.total_seconds() // 60)
    return Moment(at, raw, minutes, when.date(), precision)


def _from_iso(raw: str) -> Moment | None:
    plain = raw.translate(DIGITS)
    found = _ISO.match(plain)
    if found is None or (found["day"] is None and found["sep"] == ""):
        return None
    whole = found["day"] is not None
    if not whole and found.end() != len(plain):
        return None
    day = civil_day(int(found["year"]), int(found["month"]), int(found["day"] or 1))
    if day is None:
        return None
    precision = "month" if not whole else "day" if not found["hour"] else "second" if found["second"] else "minute"
    offset = _offset(found["zone"])
    try:
        clock = time(int(found["hour"] or 0), int(found["minute"] or 0), int(found["second"] or 0), tzinfo=UTC)
        at = datetime.combine(day, clock) - timedelta(minutes=offset or 0)
    except (ValueError, OverflowError):
        return None
    return Moment(at, raw, offset, day, precision)


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    if zone.upper() in {"Z", "UTC", "GMT"}:
        return 0
    digits = zone[1:].replace(":", "")
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    total = 60 * hours + minutes
    if total > 14 * 60:  # no zone on Earth is further from UTC
        return None
    return -total if zone[0] == "-" else total


def _from_rfc5322(raw: str) -> Moment | None:
    try:
        when = parsedate_to_datetime(raw)
        return of_datetime(when, raw, precision="second" if raw.count(":") > 1 else "minute" if ":" in raw else "day")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _from_epoch(raw: str) -> Moment | None:
    found = _EPOCH.match(raw)
    if found is None:
        return None
    return of_datetime(datetime.fromtimestamp(int(found[1]), tz=UTC), raw, precision="second")
