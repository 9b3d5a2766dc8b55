"""Dates of feeds: the moment, and the offset only where it is stated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from feedparser.datetimes import _parse_date
from hypothesis import given
from hypothesis import strategies as st

from transforms.feeds.dates import read_date, stated_offset_min


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("raw", "at", "offset"),
    [
        ("Sun, 22 Nov 2026 13:00:00 +0500", utc(2026, 11, 22, 8), 300),
        ("Sun, 22 Nov 2026 13:00 +05:00", utc(2026, 11, 22, 8), 300),
        ("Sun, 22 Nov 2026 08:00:00 GMT", utc(2026, 11, 22, 8), 0),
        ("Sun, 22 Nov 2026 08:00:00 -0000", utc(2026, 11, 22, 8), None),
        ("Sun, 22 Nov 2026 03:00:00 EST", utc(2026, 11, 22, 8), -300),
        ("Sun, 22 Nov 2026 11:00:00 MSK", utc(2026, 11, 22, 8), 180),
        ("Sun, 22 Nov 2026 12:30:00 AFT", utc(2026, 11, 22, 8), 270),
        ("Sun, 22 Nov 2026 08:00:00 XYZ", utc(2026, 11, 22, 8), None),
        ("Sun, 22 Nov 2026 13:00:00 +0500 (TJT)", utc(2026, 11, 22, 8), 300),
        ("2026-11-22T13:00:00+05:00", utc(2026, 11, 22, 8), 300),
        ("2026-11-22T13:00:00.25+0500", datetime(2026, 11, 22, 8, 0, 0, 250_000, tzinfo=UTC), 300),
        ("2026-11-22T08:00:00Z", utc(2026, 11, 22, 8), 0),
        ("2026-11-22 08:00:00", utc(2026, 11, 22, 8), None),
        ("2026-11-22", utc(2026, 11, 22), None),
        ("22.11.2026 13:00", utc(2026, 11, 22, 13), None),
        ("22/11/2026 13:00:05 +0500", utc(2026, 11, 22, 8, 0, 5), 300),
        ("11/22/2026", None, None),
        ("yesterday", None, None),
        ("", None, None),
        ("Sun, 99 Nov 2026 08:00:00 GMT", None, None),
        ("0001-01-01T00:00:00+14:00", None, None),
    ],
)
def test_read_date(raw: str, at: datetime | None, offset: int | None) -> None:
    moment = read_date(raw, _parse_date(raw))
    if at is None:
        assert moment is None
    else:
        assert moment is not None
        assert (moment.at, moment.offset_min) == (at, offset)
        assert moment.at.tzinfo is UTC


@given(
    st.integers(10**8, 4 * 10**9),
    st.integers(-14 * 4, 14 * 4).map(lambda quarters: quarters * 15),
)
def test_standard_forms_round_trip(timestamp: int, offset: int) -> None:
    moment = datetime.fromtimestamp(timestamp, timezone(timedelta(minutes=offset)))
    for raw in (format_datetime(moment), moment.isoformat()):
        read = read_date(raw, _parse_date(raw))
        assert read is not None
        assert (read.at, read.offset_min) == (moment, offset)


@given(st.text(max_size=60))
def test_no_text_breaks_it(raw: str) -> None:
    stated_offset_min(raw)
    moment = read_date(raw)
    assert moment is None or moment.at.tzinfo is UTC
