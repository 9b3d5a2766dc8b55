"""Dates as people write them: what is read, in which calendar and order, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.worded import parse_worded

LATEST = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "language", "day"),
    [
        ("Published: 9 March 2024", "en", date(2024, 3, 9)),
        ("March 9th, 2024", "en", date(2024, 3, 9)),
        ("Sat, Mar 9, 2024", None, date(2024, 3, 9)),
        ("9 марта 2024 г.", "ru", date(2024, 3, 9)),
        ("22 ноябри 2025", "tg", date(2025, 11, 22)),
        ("2024-yil 9-mart", "uz", date(2024, 3, 9)),
        ("9. März 2024", "de", date(2024, 3, 9)),
        ("9 de marzo de 2024", "es", date(2024, 3, 9)),
        ("2024. március 9.", "hu", date(2024, 3, 9)),
        ("2024年3月9日", "ja", date(2024, 3, 9)),
        ("2024년 3월 9일", "ko", date(2024, 3, 9)),
        ("٩ مارس ٢٠٢٤", "ar", date(2024, 3, 9)),
        ("۱۷ اسد ۱۴۰۳", "fa-AF", date(2024, 8, 7)),
        ("پنج‌شنبه ۱۷ مرداد ۱۴۰۳", "fa", date(2024, 8, 7)),
        ("۱۴۰۳/۰۵/۱۷", None, date(2024, 8, 7)),
        ("د ۱۴۰۳ کال د زمری ۱۷", "ps", date(2024, 8, 7)),
        ("09.03.2024", None, date(2024, 3, 9)),
        ("2024/3/9", None, date(2024, 3, 9)),
        ("24/03/2024", "en", date(2024, 3, 24)),
        ("03/24/2024", "en", date(2024, 3, 24)),
        ("03/04/2024", "en-US", date(2024, 3, 4)),
        ("03/04/2024", "en-GB", date(2024, 4, 3)),
        ("03/04/2024", "fr", date(2024, 4, 3)),
        ("03/04/2024", "en", None),  # nobody can tell
        ("03/04/2024", None, None),
        ("۱۷ ناماه ۱۴۰۳", "fa", None),  # no such month
        ("۱۷ مارچ ۱۴۰۳", "fa-AF", None),  # a Gregorian month in a Solar Hijri year
        ("۳۰ حوت ۱۴۰۲", "fa-AF", None),  # no leap year
        ("12 رمضان 1445", "ar", None),  # the lunar calendar depends on who saw the moon
        ("17 Foo 2024", "en", None),
        ("31 February 2024", "en", None),
        ("9 March", "en", None),
        ("9 March 2031", "en", None),
        ("9 March 1985", "en", None),
        ("Room 2024, floor 9", "en", None),
        ("", "en", None),
    ],
)
def test_day(line: str, language: str | None, day: date | None) -> None:
    moment = parse_worded(line, language=language, latest=LATEST)
    assert (moment.day if moment else None) == day
    if moment is not None:
        assert (moment.source, moment.precision, moment.offset_min) == ("text", "day", None)
        assert moment.at == datetime(moment.day.year, moment.day.month, moment.day.day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "at", "offset", "precision"),
    [
        ("9 March 2024, 14:05 UTC", "2024-03-09T14:05:00", 0, "minute"),
        ("March 9, 2024 5:04 p.m. EST", "2024-03-09T22:04:00", -300, "minute"),
        ("12:10 AM, March 9, 2024", "2024-03-09T00:10:00", None, "minute"),
        ("09.03.2024 01:30:15 +05:00", "2024-03-08T20:30:15", 300, "second"),
        ("09.03.2024 18:04 (GMT+4:30)", "2024-03-09T13:34:00", 270, "minute"),
        ("۱۷ اسد ۱۴۰۳ ساعت ۱۴:۳۰", "2024-08-07T14:30:00", None, "minute"),
        ("March 9, 2024 25:99", "2024-03-09T00:00:00", None, "day"),
    ],
)
def test_clock(line: str, at: str, offset: int | None, precision: str) -> None:
    moment = parse_worded(line, language="en", latest=LATEST)
    assert moment is not None
    assert (moment.at, moment.offset_min, moment.precision) == (
        datetime.fromisoformat(at).replace(tzinfo=UTC), offset, precision,
    )  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.text(alphabet="0123456789۱۴۰۳/.-: ,MarchاسدAPM+Z年月日", max_size=60)))
def test_never_raises(line: str) -> None:
    moment = parse_worded(line, language="fa", latest=LATEST)
    assert moment is None or moment.at.tzinfo is UTC
