"""What a name of the gazetteer may stand for, with all that no text can change: hand-set weights of its candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from transforms.tags.gazetteer import REMEMBERED, Gazetteer
from transforms.tags.gazetteer_build import (
    ABBREVIATION,
    ADJECTIVE,
    ADMIN1,
    ALTERNATE,
    AREA,
    CITY,
    COUNTRY,
    COUNTY,
    MACROREGION,
)

AREA_PRIOR = 2.9
"""Between a division and a town of 100,000: Kent the county, where nothing speaks for Kent in Washington."""
LARGE_TOWN = 5.0
"""log10 of the population from which a town's name alone speaks for its country."""
SMALL_DIVISION = 5.0
"""log10 of the townspeople below which a division is less known than a namesake town may be."""
COUNTRY_VOTES, ADMIN_VOTES = 2.6, 1.2
"""What a candidate gains where all other names of the text speak for its country, or for its division."""
MOST_VOTES = COUNTRY_VOTES + ADMIN_VOTES + 0.1
AMBIGUOUS_FROM = 4.3
"""log10 of the population from which a namesake town abroad makes a country's name ambiguous (Lebanon, Jordan)."""


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """What one of its places brings to a name, whatever the text.

    Attributes:
        people: log10 of the population.
        prior: Weight among the name's candidates.
        base: Log-odds of being meant as a place, before any context.
    """

    place: int
    flags: int
    kind: int
    country: str
    admin: int
    people: float
    capital: bool
    prior: float
    base: float


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the gazetteer.

    Attributes:
        likeliest: Candidate of the highest prior.
        voice: Weight of the name's vote for that candidate's country, one mention given.
        kinds: Kinds of all candidates.
        outer: Countries and divisions that may be written behind a place in them, "Paris, Texas".
        contenders: The candidates that other names' votes may lift above all others.
    """

    candidates: tuple[Candidate, ...]
    likeliest: Candidate
    voice: float
    kinds: frozenset[int]
    outer: tuple[Candidate, ...]
    contenders: tuple[Candidate, ...]


class Names:
    """The gazetteer's names by number, read when they are met."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.get = lru_cache(maxsize=REMEMBERED)(self._read_name)

    def _read_name(self, name: int) -> Name:
        """A name's candidates as the gazetteer has them, with all that no text can change."""
        g = self.gazetteer
        pairs = [(g.candidate[i], g.flags[i]) for i in range(g.first[name], g.first[name + 1])]
        candidates = tuple(
            Candidate(
                place,
                flags,
                g.kind[place],
                g.country(place),
                g.admin(place),
                g.population[place],
                place in g.capital_places,
                self._prior(pairs, place, flags),
                self._base(place, flags),
            )
            for place, flags in pairs
        )
        likeliest = max(candidates, key=lambda one: (one.prior, -one.place))
        small_town = likeliest.kind == CITY and likeliest.people < LARGE_TOWN
        kinds = frozenset(one.kind for one in candidates)
        outer = tuple(one for one in candidates if one.kind in (COUNTRY, ADMIN1, AREA))
        written_out = any(not one.flags & (ADJECTIVE | ALTERNATE) for one in outer)
        contenders = tuple(one for one in candidates if one.prior + MOST_VOTES >= likeliest.prior)
        return Name(candidates, likeliest, 0.3 if small_town else 1.0, kinds, outer if written_out else (), contenders)

    def _prior(self, pairs: Sequence[tuple[int, int]], place: int, flags: int) -> float:
        g = self.gazetteer
        kind, people = g.kind[place], g.population[place]
        if kind == COUNTRY:
            return 6.0 if flags & ADJECTIVE or not self._has_namesake(pairs, place) else 4.8
        if kind == MACROREGION:
            return 5.5
        if kind == COUNTY:
            return 3.5
        if kind == AREA:
            return AREA_PRIOR
        if kind == ADMIN1:
            return 3.2 + 0.12 * people - (0.8 if people < SMALL_DIVISION else 0.0)
        return 0.55 * people + (1.0 if place in g.capital_places else 0.0) - (1.0 if flags & ALTERNATE else 0.0)

    def _has_namesake(self, pairs: Sequence[tuple[int, int]], country: int) -> bool:
        g = self.gazetteer
        return any(
            g.country(place) != g.country(country)
            and (
                g.kind[place] in (ADMIN1, AREA)
                or (g.kind[place] == CITY and g.population[place] >= AMBIGUOUS_FROM and not flags)
            )
            for place, flags in pairs
        )

    def _base(self, place: int, flags: int) -> float:
        g = self.gazetteer
        kind = g.kind[place]
        logit = 1.5 + _KIND_WEIGHT[kind]
        if flags & ADJECTIVE:
            logit += -1.0 if kind == COUNTRY else 0.0
        if flags & ABBREVIATION:
            logit += 1.5
        if kind in (CITY, ADMIN1, AREA):
            logit += 0.8 * (g.population[place] - 4.5) if kind == CITY else 0.0
            logit += 1.5 if place in g.capital_places else 0.0
            logit += -1.2 if flags & ALTERNATE else 0.0
        return logit


_KIND_WEIGHT = {COUNTRY: 2.0, MACROREGION: 0.5, ADMIN1: 0.5, AREA: 0.5, COUNTY: 2.0, CITY: -2.0}
