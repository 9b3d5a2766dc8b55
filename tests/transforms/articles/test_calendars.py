"""The Solar Hijri calendar and the names of months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.articles.calendars import SOLAR_MONTHS, fold, gregorian_month, solar_day


@pytest.mark.parametrize(
    ("year", "first_day"),
    [
        (1369, date(1990, 3, 21)), (1375, date(1996, 3, 20)), (1379, date(2000, 3, 20)), (1380, date(2001, 3, 21)),
        (1387, date(2008, 3, 20)), (1396, date(2017, 3, 21)), (1399, date(2020, 3, 20)), (1400, date(2021, 3, 21)),
        (1403, date(2024, 3, 20)), (1404, date(2025, 3, 21)), (1405, date(2026, 3, 21)), (1408, date(2029, 3, 20)),
    ],
)  # fmt: skip
def test_nowruz_falls_on_its_day(year: int, first_day: date) -> None:
    assert solar_day(year, 1, 1) == first_day


@pytest.mark.parametrize(
    ("day", "gregorian"),
    [
        ((1403, 12, 30), date(2025, 3, 20)),  # a leap year's last day
        ((1404, 12, 30), None),
        ((1403, 7, 31), None),
        ((1403, 6, 31), date(2024, 9, 21)),
        ((1403, 13, 1), None),
        ((1403, 0, 1), None),
        ((1403, 1, 0), None),
        ((1368, 1, 1), None),
        ((2024, 1, 1), None),
    ],
)
def test_days_that_exist_and_days_that_do_not(day: tuple[int, int, int], gregorian: date | None) -> None:
    assert solar_day(*day) == gregorian


@given(st.integers(1369, 1471), st.integers(1, 12), st.integers(1, 29))
def test_days_follow_one_another(year: int, month: int, day: int) -> None:
    here = solar_day(year, month, day)
    following = solar_day(year, month, day + 1) or solar_day(year, month + 1, 1) or solar_day(year + 1, 1, 1)
    assert here is not None
    assert following == here + timedelta(days=1)


def test_every_solar_month_has_its_iranian_dari_and_pashto_name() -> None:
    assert set(SOLAR_MONTHS.values()) == set(range(1, 13))
    assert [SOLAR_MONTHS[fold(name)] for name in ("اسد", "مرداد", "زمری", "کب", "حوت", "آبان")] == [5, 5, 5, 12, 12, 8]


@pytest.mark.parametrize(
    ("word", "language", "month"),
    [
        ("March", "en", 3), ("mar.", "en-GB", 3), ("Sept", None, 9), ("марта", "ru", 3), ("марта", "en", 3),
        ("ноябри", "tg", 11), ("mart", "uz", 3), ("март", "uz", 3), ("مارچ", "ps-AF", 3), ("يوليو", "ar", 7),
        ("اگست", "fa", 8), ("März", "de-AT", 3), ("juillet", "fr", 7), ("Juli", "en", 7),
        ("Foo", "en", None), ("رمضان", "ar", None), ("", None, None), ("March", "x-klingon", 3),
    ],
)  # fmt: skip
def test_gregorian_months(word: str, language: str | None, month: int | None) -> None:
    assert gregorian_month(word, language) == month
