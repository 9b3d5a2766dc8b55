"""Dates as people write them on a page: in words or numbers, in the page's language, Gregorian or Solar Hijri.

A date is read only where year, month and day are all written. A month that no table knows, a day that does not exist
and an order that cannot be told (03/04/2024 on a page in plain English) give None, never a guess.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from transforms.articles.calendars import DIGITS, SOLAR_MONTHS, SOLAR_YEARS, civil_day, fold, gregorian_month
from transforms.articles.dates import AHEAD, EARLIEST_YEAR, Moment

MAX_CHARS = 160
"""A line longer than this is prose: a date in it may be anybody's."""

HAS_YEAR = re.compile(r"(?<!\d)(?:19|20|1[34])\d\d(?!\d)|[۱١][۳۴٣٤][۰-۹٠-٩]{2}|[۲٢][۰٠][۰-۹٠-٩]{2}")
"""What a line must hold to be looked at: a year, in any digits."""

_WORD = r"(?P<word>[^\W\d_]{2,16}(?:\u200c[^\W\d_]{1,8})?)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2024-03-09, 2024/3/9, 1403/05/17
        r"(?<!\d)(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})(?!\d)",
        # 2024年3月9日, 2024년 3월 9일
        r"(?<!\d)(?P<year>\d{4})\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日일号號]?",
        # 9 March 2024, 9th of March, 2024, 9. März 2024, 9 de marzo de 2024, ۱۷ اسد ۱۴۰۳
        r"(?<![\d:/.-])(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|\.|-)?[\s,-]{0,2}(?:(?:of|de|d['’])\s)?"
        + _WORD
        + r"\.?[\s,،-]{1,3}(?:(?:de|del|of|سال|соли)\s)?(?P<year>\d{4})(?!\d)",
        # March 9, 2024
        _WORD + r"\.?[\s-]{1,2}(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s,،]{1,3}(?P<year>\d{4})(?!\d)",
        # 2024-yil 9-mart, 2024 жылғы 9 наурыз
        r"(?<!\d)(?P<year>\d{4})[\s-]{1,2}(?:[^\W\d_]{3,7}[\s,]{1,2})?(?P<day>\d{1,2})[\s.-]{1,2}" + _WORD,
        # 2024. március 9., ۱۴۰۳ کال د لړم ۱۲مه
        r"(?<!\d)(?P<year>\d{4})[.\s-]{1,2}(?:کال\s)?(?:د\s)?" + _WORD + r"[\s.-]{1,2}(?P<day>\d{1,2})(?!\d)",
        # 9.3.2024, 09/03/2024, 09-03-2024
        r"(?<![\d/.-])(?P<first>\d{1,2})(?P<sep>[-/.])(?P<second>\d{1,2})(?P=sep)(?P<year>\d{4})(?!\d)",
    )
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?![\d:])\s?(?P<half>[ap]\.?m\b\.?)?"
    r"\s?\(?(?P<zone>(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?\b|UTC\b|GMT\b|Z\b|[ECMP][SD]T\b)?",
    re.IGNORECASE,
)
# Zones that RFC 5322 defines; other letters mean different things to different people.
_ZONES = {"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420}
_MONTH_FIRST = ("en-us", "en_us")


def parse_worded(line: str, *, language: str | None, latest: datetime) -> Moment | None:
    """The first date in a line.

    Args:
        line: E.g. `Published: 9 March 2024, 14:05 UTC`, `۱۷ اسد ۱۴۰۳` or `09.03.2024`.
        language: BCP 47 tag of the page, or None. It gives the names of months, and the order of 03/04/2024.
        latest: Time of the fetch; what lies more than `AHEAD` beyond it is no date of publication.

    Returns:
        A moment from "text", or None. A clock beside the date makes it precise to the minute or second; without an
        offset it is taken as UTC, and `offset_min` is None to say so.
    """
    text = line[:MAX_CHARS].translate(DIGITS)
    for pattern in _PATTERNS:
        for found in pattern.finditer(text):
            day = _day(found, language)
            if day is not None and day.year >= EARLIEST_YEAR and _midnight(day) <= latest + AHEAD:
                return _with_clock(day, line, text[: found.start()] + " " + text[found.end() :], latest)
    return None


def _day(found: re.Match[str], language: str | None) -> date | None:
    groups = found.groupdict()
    year = int(groups["year"])
    if "first" in groups:
        ordered = _ordered(int(groups["first"]), int(groups["second"]), groups["sep"], language)
        return civil_day(year, *ordered) if ordered is not None else None
    if "month" in groups:
        return civil_day(year, int(groups["month"]), int(groups["day"]))
    word = groups["word"]
    month = SOLAR_MONTHS.get(fold(word)) if year in SOLAR_YEARS else gregorian_month(word, language)
    return civil_day(year, month, int(groups["day"])) if month is not None else None


def _ordered(first: int, second: int, separator: str, language: str | None) -> tuple[int, int] | None:
    """Month and day of two numbers before a year; None where their order cannot be told."""
    tag = (language or "").lower()
    if first > 12 or first == second:
        return second, first
    if second > 12:
        return first, second
    if separator == ".":  # nobody writes the month first with stops
        return second, first
    if tag.startswith(_MONTH_FIRST):
        return first, second
    return (second, first) if tag and tag != "en" else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _with_clock(day: date, line: str, rest: str, latest: datetime) -> Moment:
    raw = " ".join(line.split())[:MAX_CHARS]
    plain = Moment(_midnight(day), raw, None, day, "day", "text")
    found = _CLOCK.search(rest)
    if found is None:
        return plain
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return plain
        hour = hour % 12 + (12 if found["half"][0] in "pP" else 0)
    offset = _offset(found["zone"])
    try:
        local = datetime.combine(day, time(hour, int(found["minute"]), int(found["second"] or 0)))
        at = local.replace(tzinfo=timezone(timedelta(minutes=offset or 0))).astimezone(UTC)
    except (ValueError, OverflowError):
        return plain
    if at > latest + AHEAD:
        return plain
    return Moment(at, raw, offset, day, "second" if found["second"] else "minute", "text")


def _offset(zone: str | None) -> int | None:
    if not zone:
        return None
    name = zone.lower()
    if name in _ZONES:
        return _ZONES[name]
    digits = name.removeprefix("utc").removeprefix("gmt")
    if digits in {"", "z"}:
        return 0
    hours, _, minutes = digits[1:].partition(":") if ":" in digits else (digits[1:3], "", digits[3:])
    total = 60 * int(hours) + int(minutes or 0)
    return (-total if digits[0] == "-" else total) if total <= 14 * 60 else None
