"""What a word is whatever the text: how it is written and in which lists it stands, found once for each distinct word.

A kind is a number of one bit for each list, so that a text's tokens are looked up once and then asked by a bit each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from threading import Lock

from transforms.tags.lexicon import GIVEN_NAMES, ORGANISATION_HEADS, PARTICLES, ROLE_WORDS, STOP_CAPITALS, TITLES

SMALL, CAPITAL = 1, 2
"""The first letter is a small one, or a capital; scripts that know no capitals have neither."""
LOUD = 4
"""All of four or more letters are capitals, as in datelines and headlines."""
STOP = 8
"""A word of STOP_CAPITALS, which no name begins with."""
ROLE = 16
"""A role or a title, in any case."""
HEAD = 32
"""A noun such as Agency."""
GIVEN = 64
"""A given name."""
JOINING = 128
"""In small letters, yet perhaps inside a name: particles, of, for, and."""
MARKED = 256
"""Kinds from here on are those of words that some rule begins with, see `mark`."""
BROKEN = MARKED
"""Marks are inside: "U.S.", "O'Brien"."""
YEAR = 2 * MARKED
"""The number of a year may be inside."""
REMEMBERED = 32_768
"""Words that are kept; more than news repeats in a day, some 5 MB at most."""

YEARS = re.compile(r"(?:19[4-9]\d|20\d\d)(?<![\w,.-]\d{4})(?![\w-]|,\d)")
"""Years from 1940 to 2099 that stand alone."""
HONORIFICS = frozenset(
    ("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady", "Sheikh", "Mullah", "Gen", "Col", "Sen")
)
_marks: dict[int, frozenset[str]] = {}


class _Kinds(dict[str, int]):
    """Kinds by word under the marks given so far, each found when it is first asked for."""

    def __missing__(self, word: str) -> int:
        if len(self) >= REMEMBERED:
            self.clear()
        kind = self[word] = _kind_of(word)
        return kind


_kinds = _Kinds()
_lock = Lock()


def kinds_of(words: Iterable[str]) -> list[int]:
    """The kind of each word."""
    return [*map(_kinds.__getitem__, words)]


def mark(words: Iterable[str]) -> int:
    """A bit that the kinds of just these words have from now on: how a rule finds the words it begins with."""
    global _kinds  # a new one, so that no thread adds to it what was found without the mark
    marked = frozenset(words)
    with _lock:
        known = next((bit for bit, others in _marks.items() if others == marked), None)
        if known is not None:
            return known
        bit = 2 * YEAR << len(_marks)
        _marks[bit] = marked
        _kinds = _Kinds()
    return bit


def is_role(word: str) -> bool:
    """Whether a word is a role or a title, in any case."""
    return bool(_kinds[word] & ROLE)


def _kind_of(word: str) -> int:
    kind = sum(bit for bit, words in _marks.items() if word in words)
    kind |= SMALL if word[:1].islower() else CAPITAL if word[:1].isupper() else 0
    kind |= LOUD if len(word) >= 4 and word.isupper() and word.isalpha() else 0
    kind |= STOP if word in STOP_CAPITALS else 0
    kind |= ROLE if word.lower() in ROLE_WORDS or word in TITLES or word in HONORIFICS else 0
    kind |= HEAD if word in ORGANISATION_HEADS else 0
    kind |= GIVEN if word in GIVEN_NAMES else 0
    kind |= JOINING if word in PARTICLES or word in ("of", "for", "and") else 0
    kind |= YEAR if YEARS.search(word) else 0
    return kind | (0 if word.isalnum() else BROKEN)
