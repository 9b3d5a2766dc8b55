"""Machine-written dates: what is read, how exactly, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.dates import date_of_url, parse_date

LATEST = datetime(2024, 5, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "at", "offset", "day", "precision"),
    [
        ("2024-03-09T01:30:15+05:00", "2024-03-08T20:30:15", 300, "2024-03-09", "second"),
        ("2024-03-09T01:30:15.123Z", "2024-03-09T01:30:15", 0, "2024-03-09", "second"),
        ("2024-03-09T01:30+0430", "2024-03-08T21:00:00", 270, "2024-03-09", "minute"),
        ("2024-03-09 22:10:00 -0500", "2024-03-10T03:10:00", -300, "2024-03-09", "second"),
        ("2024-03-09T01:30:15", "2024-03-09T01:30:15", None, "2024-03-09", "second"),
        ("2024-03-09", "2024-03-09T00:00:00", None, "2024-03-09", "day"),
        ("20240309", "2024-03-09T00:00:00", None, "2024-03-09", "day"),
        ("2024/3/9", "2024-03-09T00:00:00", None, "2024-03-09", "day"),
        ("2024-03", "2024-03-01T00:00:00", None, "2024-03-01", "month"),
        ("Sat, 09 Mar 2024 01:30:15 +0300", "2024-03-08T22:30:15", 180, "2024-03-09", "second"),
        ("Sat, 09 Mar 2024 01:30:15 GMT", "2024-03-09T01:30:15", 0, "2024-03-09", "second"),
        ("1402/05/17", "2023-08-08T00:00:00", None, "2023-08-08", "day"),
        ("۱۴۰۲-۰۵-۱۷ 14:30", "2023-08-08T14:30:00", None, "2023-08-08", "minute"),
        ("1709947815", "2024-03-09T01:30:15", 0, "2024-03-09", "second"),
        ("1709947815000", "2024-03-09T01:30:15", 0, "2024-03-09", "second"),
    ],
)
def test_reads(raw: str, at: str, offset: int | None, day: str, precision: str) -> None:
    moment = parse_date(raw, latest=LATEST)
    assert moment is not None
    assert moment.at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert (moment.offset_min, moment.day, moment.precision) == (offset, date.fromisoformat(day), precision)
    assert moment.raw == raw


@pytest.mark.parametrize(
    "raw",
    ["", "yesterday", "2024", "202403", "2024-13-01", "2024-02-30", "1970-01-01T00:00:00Z", "2024-06-01", "0000-00-00",
     "9 minutes ago", "2024-03-09T25:00", "99999999999999"],
)  # fmt: skip
def test_refuses_what_is_no_date_or_out_of_bounds(raw: str) -> None:
    assert parse_date(raw, latest=LATEST) is None


def test_a_date_just_ahead_of_the_fetch_is_a_matter_of_zones() -> None:
    assert parse_date("2024-05-21", latest=LATEST) is not None


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://example.com/2024/03/09/flood", date(2024, 3, 9)),
        ("https://example.com/world/2024-03-09/flood", date(2024, 3, 9)),
        ("https://example.com/20240309-flood", date(2024, 3, 9)),
        ("https://example.com/2024/mar/09/flood", date(2024, 3, 9)),
        ("https://example.com/2024/march/9/", date(2024, 3, 9)),
        ("https://example.com/2024/mud/09/flood", None),
        ("https://example.com/world/flood-in-the-valley-20240309/", date(2024, 3, 9)),
        ("https://example.com/world/flood_2024-03-09.html", date(2024, 3, 9)),
        ("https://example.com/world/flood-20243909", None),
        ("https://example.com/world/flood-20240309-and-after", None),
        ("https://example.com/2024/03/flood", None),
        ("https://example.com/2031/03/09/flood", None),
        ("https://example.com/id/120240309123", None),
        ("https://example.com/?d=/2024/03/09/", None),
    ],
)
def test_day_in_an_address(url: str, day: date | None) -> None:
    moment = date_of_url(url, latest=LATEST)
    assert (moment.day if moment else None) == day
    if moment is not None:
        assert (moment.source, moment.precision, moment.offset_min) == ("url", "day", None)


@given(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789-:/TZ+. ", max_size=30)))
def test_never_raises(raw: str) -> None:
    moment = parse_date(raw, latest=LATEST)
    assert moment is None or moment.at.tzinfo is UTC


OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.integers(min_value=800_000_000, max_value=1_716_000_000), OFFSETS)
def test_iso_dates_come_back(seconds: int, zone: timezone) -> None:
    when = datetime.fromtimestamp(seconds, tz=zone)
    moment = parse_date(when.isoformat(), latest=LATEST)
    assert moment is not None
    assert moment.at == when
    assert moment.day == when.date()
    assert timedelta(minutes=moment.offset_min or 0) == when.utcoffset()
