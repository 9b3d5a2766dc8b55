"""What the names of a text say about one another: votes for countries and divisions, surnames of persons."""

from __future__ import annotations

import math
from collections import defaultdict

from transforms.tags.candidates import ADMIN_VOTES, COUNTRY_VOTES
from transforms.tags.lexicon import GIVEN_NAMES
from transforms.tags.text import Document
from transforms.tags.word_kinds import CAPITAL, GIVEN, mark

_BEFORE_SURNAME = mark(GIVEN_NAMES | {"Mr", "Mrs", "Ms", "Dr"})


class Votes:
    """Weights that names give to countries and divisions; a name's own voice is taken out when it is asked about."""

    def __init__(self) -> None:
        self.countries: dict[str, float] = defaultdict(float)
        self.admins: dict[int, float] = defaultdict(float)
        self._own: dict[int, tuple[str, int, float]] = {}
        self._total = 0.0

    def add(self, name: int, country: str, admin: int, weight: float) -> None:
        """Adds the vote of a name; country may be empty, admin 0."""
        self._own[name] = (country, admin, weight)
        if country:
            self.countries[country] += weight
            self._total += weight
        if admin:
            self.admins[admin] += weight

    def lift(self, country: str, admin: int, name: int) -> float:
        """What the other names' votes for its country and its division lend to a candidate of a name."""
        own_country, own_admin, weight = self._own[name]
        lift = 0.0
        if country and country in self.countries:
            rest = self._total - (weight if own_country else 0.0)
            others = self.countries[country] - (weight if own_country == country else 0.0)
            lift = COUNTRY_VOTES * math.sqrt(others / rest) if rest > 0 and others > 0 else 0.0
        if admin and admin in self.admins and self._total:
            others = self.admins[admin] - (weight if own_admin == admin else 0.0)
            lift += ADMIN_VOTES * math.sqrt(others / self._total) if others > 0 else 0.0
        return lift


class Support:
    """How many mentions were resolved into each country, and which names into each division."""

    def __init__(self) -> None:
        self._countries: dict[str, int] = {}
        self._admins: dict[int, int] = {}
        self._names: dict[int, int] = {}
        self._own: dict[tuple[int, int], int] = {}
        self._total = 0

    def add(self, name: int, country: str, admin: int) -> None:
        """Adds a mention of a name; admin may be 0."""
        self._countries[country] = self._countries.get(country, 0) + 1
        self._names[name] = self._names.get(name, 0) + 1
        if admin:
            self._admins[admin] = self._admins.get(admin, 0) + 1
            self._own[admin, name] = self._own.get((admin, name), 0) + 1
        self._total += 1

    def names_country(self, country: str, name: int) -> bool:
        """Whether some other name was resolved into a country."""
        return self._countries.get(country, 0) > self._names.get(name, 0)

    def weight(self, country: str, admin: int, name: int) -> float:
        """Log-odds that the rest of the text lends to a place: other names of its division, its country's share."""
        share = self._countries.get(country, 0) / self._total if self._total else 0.0
        around = self._admins.get(admin, 0) - self._own.get((admin, name), 0)
        return 2.0 * min(1.0, around / 3) + 0.5 * share


def surnames_of(document: Document) -> frozenset[str]:
    """Words that follow a given name or a title directly and are capitalised: surnames in this text."""
    words, kinds = document.words.form, document.kinds
    found = set()
    for index in document.marked(_BEFORE_SURNAME):
        if index + 1 < document.size and kinds[index + 1] & CAPITAL and len(words[index + 1]) > 2:
            gap = document.gap(index + 1)
            if gap == " " or (gap == ". " and not kinds[index] & GIVEN):
                found.add(words[index + 1])
    return frozenset(found)
