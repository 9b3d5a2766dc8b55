"""Places that a text names by their kind: "Fore Street", "the Greenbrier River", "Penn Park".

No gazetteer lists them, and the town inside such a name is not meant: nobody was in Washington on Washington Drive.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from transforms.tags.lexicon import (
    FEATURE_NOUNS,
    GIVEN_NAMES,
    ROAD_NOUNS,
    STOP_CAPITALS,
    STREET_NOUNS,
    SURNAME_NOUNS,
    TITLES,
)
from transforms.tags.text import Document
from transforms.tags.word_kinds import mark

LONGEST = 4
"""Words of a name before its noun at most."""
MOST_LISTED = 30
"""Counties of one list at most."""
_STREET_ABBREVIATIONS = frozenset(("St", "Rd", "Ave", "Blvd", "Dr", "Hwy"))
_DIRECTIONS = frozenset(("North", "South", "East", "West", "N", "S", "E", "W", "NE", "NW", "SE", "SW"))
_BESIDE_ROAD = frozenset(("on", "off", "along", "onto", "down"))
_NOUN = mark(STREET_NOUNS | ROAD_NOUNS | FEATURE_NOUNS | _STREET_ABBREVIATIONS)
_COUNTIES = mark(("counties", "Counties"))
_METONYMS = frozenset((("Wall", "Street"), ("Downing", "Street"), ("Fleet", "Street"), ("Sesame", "Street")))


class ListedCounty(NamedTuple):
    """A county named in a list: offsets of its name, and the name in full."""

    start: int
    end: int
    name: str


class Feature(NamedTuple):
    """A name with its noun: offsets, and kind (`street`, `river`, `lake`, …)."""

    start: int
    end: int
    kind: str


def find_features(document: Document) -> list[Feature]:
    """Features in order; they do not overlap."""
    found: list[Feature] = []
    reached = 0
    for feature in _features(document):
        if feature.start >= reached:
            found.append(feature)
            reached = feature.end
    return found


def _features(document: Document) -> Iterator[Feature]:
    for index in document.marked(_NOUN):
        first = _first_word(document, index)
        if first < index and _ends_name(document, index) and not _is_other(document, first, index):
            yield _feature(document, first, index)


def _feature(document: Document, first: int, index: int) -> Feature:
    words, noun = document.words, document.words.form[index]
    if noun in FEATURE_NOUNS:
        return Feature(words.start[first], words.end[index], noun.lower())
    end = words.end[index]
    if noun in _STREET_ABBREVIATIONS and document.gap(index + 1)[:1] == ".":
        end += 1
    elif index + 1 < document.size and document.gap(index + 1) == " " and words.form[index + 1] in _DIRECTIONS:
        end = words.end[index + 1]
    return Feature(words.start[first], end, "street")


def _first_word(document: Document, index: int) -> int:
    """First word of the name that ends in a noun; the noun itself where there is no name."""
    words, first = document.words.form, index
    while first and index - first < LONGEST:
        word, gap = words[first - 1], document.gap(first)
        joined = gap == " " or (gap == "-" and len(word) > 1) or (gap == ". " and (len(word) == 1 or word == "St"))
        ordinal = word[0].isdigit() and word[-2:] in ("st", "nd", "rd", "th")
        if not joined or not (word[0].isupper() or ordinal) or word in STOP_CAPITALS or word in TITLES:
            break
        first -= 1
    return first


def _ends_name(document: Document, index: int) -> bool:
    """Whether the name ends with its noun: no capital follows, save a compass word behind a street."""
    if index + 1 >= document.size or document.gap(index + 1) not in (" ", "-"):
        return True
    after = document.words.form[index + 1]
    return not after[0].isupper() or (document.words.form[index] not in FEATURE_NOUNS and after in _DIRECTIONS)


def _is_other(document: Document, first: int, index: int) -> bool:
    """A person ("Nathan Lane"), a word for a business district, or a noun that needs an address and has none."""
    words = document.words.form
    noun = words[index]
    if noun in SURNAME_NOUNS and words[first] in GIVEN_NAMES:
        return True
    if tuple(words[first : index + 1]) in _METONYMS:
        return True
    before = words[first - 1] if first and document.gap(first) == " " else ""
    numbered = before[:1].isdigit()
    if noun in ROAD_NOUNS:
        return not (numbered or before in _BESIDE_ROAD)
    if noun in _STREET_ABBREVIATIONS:  # "Fort St. John" is a town
        after = words[index + 1] if index + 1 < document.size and document.gap(index + 1) == ". " else ""
        if after[:1].isupper() and after not in _DIRECTIONS:
            return not numbered
        return not (numbered or before in _BESIDE_ROAD or before in ("and", "at", "in", "near"))
    return False


def listed_counties(document: Document) -> list[ListedCounty]:
    """ "Clay, Otter Tail and Wilkin counties": each is a county, though only all together are called so."""
    found: list[ListedCounty] = []
    for index in document.marked(_COUNTIES):
        if document.gap(index) == " ":
            found += _listed_before(document, index)
    return found


def _listed_before(document: Document, index: int) -> Iterator[ListedCounty]:
    words, last = document.words, index
    for _ in range(MOST_LISTED):
        first = last
        while (
            first > 0
            and last - first < LONGEST
            and words.form[first - 1][0].isupper()
            and (first == last or document.gap(first) == " ")
        ):
            first -= 1
        if first == last:
            return
        start, end = words.start[first], words.end[last - 1]
        yield ListedCounty(start, end, f"{document.folded[start:end]} County")
        joined = document.gap(first)
        if joined == " " and first and words.form[first - 1] == "and":
            first -= 1
            joined = document.gap(first)
            if joined not in (" ", ", "):
                return
        elif joined != ", ":
            return
        last = first
