"""What the names of a text say about one another: votes for countries and divisions, surnames of persons."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from transforms.tags.lexicon import GIVEN_NAMES
from transforms.tags.text import Document

_HONORIFICS = frozenset(("Mr", "Mrs", "Ms", "Dr"))


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

    def country(self, country: str, name: int) -> float:
        """Share of the votes for a country, without those of one name."""
        own_country, _, weight = self._own[name]
        rest = self._total - (weight if own_country else 0.0)
        if not country or rest <= 0 or country not in self.countries:
            return 0.0
        return max(0.0, self.countries[country] - (weight if own_country == country else 0.0)) / rest

    def admin(self, admin: int, name: int) -> float:
        """Share of the votes for a division, without those of one name."""
        if not admin or admin not in self.admins or not self._total:
            return 0.0
        _, own_admin, weight = self._own[name]
        return max(0.0, self.admins[admin] - (weight if own_admin == admin else 0.0)) / self._total


@dataclass(frozen=True, slots=True)
class Support:
    """How many mentions were resolved into each country, and which names into each division."""

    countries: Counter[str]
    admins: dict[int, Counter[int]]
    names: Counter[int]
    total: int

    def names_country(self, country: str, name: int) -> bool:
        """Whether some other name was resolved into a country."""
        return self.countries[country] > self.names[name]

    def weight(self, country: str, admin: int, name: int) -> float:
        """Log-odds that the rest of the text lends to a place: other names of its division, its country's share."""
        others = self.admins.get(admin)
        around = sum(others.values()) - others[name] if others else 0
        share = self.countries[country] / self.total if self.total else 0.0
        return 2.0 * min(1.0, around / 3) + 0.5 * share


def surnames_of(document: Document) -> frozenset[str]:
    """Words that follow a given name or a title directly and are capitalised: surnames in this text."""
    words = document.words.form
    found = set()
    for index in document.capitals:
        gaps = (" ",) if words[index] in GIVEN_NAMES else (" ", ". ") if words[index] in _HONORIFICS else ()
        if gaps and index + 1 < document.size:
            after = words[index + 1]
            if len(after) > 2 and after[0].isupper() and document.gap(index + 1) in gaps:
                found.add(after)
    return frozenset(found)
