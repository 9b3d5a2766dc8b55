"""Month names and calendars: the Gregorian months of a page's language, and the Solar Hijri calendar.

Gregorian names are CLDR's, by babel, loaded for the languages of one page only. The Solar Hijri year is the civil year
of Iran and Afghanistan; its months bear Persian names there, and those of the zodiac in Dari and Pashto here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

SOLAR_YEARS = range(1369, 1500)
"""Numbers that are read as Solar Hijri years (1990 onwards); no Gregorian year of the web is among them."""

DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
"""Persian and Arabic digits to those of ASCII, for `str.translate`."""

_SOLAR_NAMES = (
    "فروردین حمل وری",
    "اردیبهشت ثور غویی",
    "خرداد جوزا غبرگولی غبرګولی",
    "تیر سرطان چنگاښ چنګاښ",
    "مرداد امرداد اسد زمری",
    "شهریور سنبله وږی وژی",
    "مهر میزان تله",
    "آبان عقرب لړم",
    "آذر قوس لیندی لیندۍ",
    "دی جدی مرغومی",
    "بهمن دلو سلواغه",
    "اسفند حوت کب",
)
# The leap years of a cycle of 33 years, as remainders (Borkowski 1996, "The Persian calendar for 3000 years", gives
# the astronomical years; from 1343 to 1471, that is 1964 to 2093, they follow this cycle).
_LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
_EPOCH_YEAR, _EPOCH = 1369, date(1990, 3, 21)  # 1 Farvardin 1369

# Languages to try where the page does not name its own, by script; and those that share a page with the named one.
_BY_SCRIPT = {
    "arabic": ("fa", "fa_AF", "ps", "ar", "ur"),
    "cyrillic": ("ru", "tg", "uz_Cyrl", "ky", "uk"),
    "latin": ("de", "fr", "es", "it", "pt", "nl", "pl", "tr", "id", "uz"),
}
_KIN = {"fa": ("fa_AF", "ps"), "ps": ("fa_AF", "fa"), "uz": ("uz_Cyrl", "ru"), "tg": ("ru",), "ky": ("ru",),
        "kk": ("ru",), "ar": ("ar_SY", "ar_MA"), "no": ("nb",)}  # fmt: skip
_LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ۀ": "ه", "\u0654": None,
                          "\u200c": None, "\u200f": None, "\u0640": None})  # fmt: skip


def fold(word: str) -> str:
    """A month's name in the one spelling that the tables use: no case, stops, marks of joining or Arabic variants."""
    return unicodedata.normalize("NFKC", word).casefold().translate(_LETTERS).strip(".")


SOLAR_MONTHS: Mapping[str, int] = {
    fold(name): number for number, names in enumerate(_SOLAR_NAMES, 1) for name in names.split()
}
"""Solar Hijri month by folded name: Iranian, Dari and Pashto."""


def civil_day(year: int, month: int, day: int) -> date | None:
    """Gregorian day of a date in numbers, whose year tells the calendar; None where there is no such day."""
    if year in SOLAR_YEARS:
        return solar_day(year, month, day)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def solar_day(year: int, month: int, day: int) -> date | None:
    """Gregorian day of a Solar Hijri one; None where there is no such day.

    >>> solar_day(1403, 5, 17)
    datetime.date(2024, 8, 7)
    """
    if year not in SOLAR_YEARS or not 1 <= month <= 12:
        return None
    length = 31 if month <= 6 else 30 if month <= 11 else 30 if _is_leap(year) else 29
    if not 1 <= day <= length:
        return None
    days = sum(366 if _is_leap(earlier) else 365 for earlier in range(_EPOCH_YEAR, year))
    return _EPOCH + timedelta(days=days + 31 * min(month - 1, 6) + 30 * max(month - 7, 0) + day - 1)


def _is_leap(year: int) -> bool:
    return year % 33 in _LEAP_REMAINDERS


def gregorian_month(word: str, language: str | None) -> int | None:
    """Number of a Gregorian month by its name, in the languages that a page is likely in; None for no such name.

    Args:
        word: The name, as written.
        language: The page's own BCP 47 tag, or None. Its language is tried first, then English, then the others of the
            word's script: the tag is often a template's.
    """
    given = (language or "").replace("_", "-").split("-")[0].lower()
    named = (given, *_KIN.get(given, ())) if given.isalpha() else ()
    folded = fold(word)
    for name in dict.fromkeys((*named, "en", *_BY_SCRIPT[_script(folded)])):
        number = _months(name).get(folded)
        if number is not None:
            return number
    return None


def _script(word: str) -> str:
    return "arabic" if "\u0600" <= word[:1] <= "\u06ff" else "cyrillic" if "\u0400" <= word[:1] <= "\u04ff" else "latin"


@lru_cache(maxsize=128)
def _months(name: str) -> Mapping[str, int]:
    try:
        locale = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return {}
    table: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, word in get_month_names(width, context, locale).items():
                table.setdefault(fold(word), int(number))
    if name == "tg":  # Tajik joins month and year by the izafat: "22 ноябри 2026"
        table |= {word + "и": number for word, number in table.items()}
    if name == "en":
        table["sept"] = 9
    return {word: number for word, number in table.items() if not word.isdigit()}
