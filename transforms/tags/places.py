"""Finds place mentions: which matched names are places, and which place each of them is.

Two questions per name, answered with hand-set weights on a log-odds scale: is it a place here (`recognise`), and which
of its candidates (`choose`)? Evidence that other names give for a country or a division counts, a name's own does not.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from transforms.tags.evidence import Support, Votes, surnames_of
from transforms.tags.features import find_features
from transforms.tags.gazetteer import REMEMBERED, Gazetteer
from transforms.tags.gazetteer_build import (
    ABBREVIATION,
    ADJECTIVE,
    ADMIN1,
    ALTERNATE,
    CITY,
    COUNTRY,
    COUNTY,
    MACROREGION,
)
from transforms.tags.lexicon import (
    COMMON_WORDS,
    DIRECTIONS,
    FEATURES,
    GIVEN_NAMES,
    LOCATIVE,
    MUNICIPAL_WORDS,
    ORGANISATION_HEADS,
    ORGANISATION_WORDS,
    PREPOSITIONS,
    SPEECH,
    STREETS,
    TITLES,
)
from transforms.tags.packs import PackPlace
from transforms.tags.text import Document

LARGE_TOWN = 5.0
"""log10 of the population from which a town's name alone speaks for its country."""
SMALL_DIVISION = 5.0
"""log10 of the townspeople below which a division is less known than a namesake town may be."""
AGREEMENT = 0.5
"""Share of a name's best log-odds that its doubtful mentions in the same text are given."""
FEATURE_LOGIT = 1.0
"""Log-odds of a feature: of such names in news, about seven in ten are meant as places."""
HOME_VOICE = 1.5
"""Vote of the outlet's home country; a name that is mentioned once has 1."""
NEARBY = 300
"""Characters within which a feature lies in the same division as the next place that is named."""
AMBIGUOUS_FROM = 4.3
"""log10 of the population from which a namesake town abroad makes a country's name ambiguous (Lebanon, Jordan)."""


class Candidate(NamedTuple):
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
    """

    candidates: tuple[Candidate, ...]
    likeliest: Candidate
    voice: float
    kinds: frozenset[int]
    outer: tuple[Candidate, ...]


@dataclass(slots=True)
class Hit:
    """A matched name: offsets, tokens [first, last), candidates, and what was decided.

    A place has its candidate chosen, or is a pack's, or a feature that only the text names; then `feature` is its kind
    and `country` and `admin` are those of the place that is named beside it.
    """

    start: int
    end: int
    first: int
    last: int
    name: int
    candidates: tuple[Candidate, ...]
    pack: PackPlace | None = None
    chosen: Candidate | None = None
    feature: str = ""
    country: str = ""
    admin: int = 0
    logit: float = 0.0
    rule: str = "name"
    use: str = "literal"
    contained: bool = False

    @property
    def place(self) -> int:
        """The chosen place, -1 for a pack's."""
        return self.chosen.place if self.chosen is not None else -1

    @property
    def flags(self) -> int:
        """How the chosen place goes by this name, 0 for a pack's."""
        return self.chosen.flags if self.chosen is not None else 0

    @property
    def score(self) -> float:
        """Probability of being a place mention, from the log-odds."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.logit))))


class PlaceFinder:
    """Finds and resolves place names with one gazetteer. Holds nothing of a text between calls."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.name = lru_cache(maxsize=REMEMBERED)(self._read_name)

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
        outer = tuple(one for one in candidates if one.kind in (COUNTRY, ADMIN1))
        written_out = any(not one.flags & (ADJECTIVE | ALTERNATE) for one in outer)
        return Name(candidates, likeliest, 0.3 if small_town else 1.0, kinds, outer if written_out else ())

    def find(
        self,
        document: Document,
        packed: Sequence[tuple[int, int, PackPlace]],
        taken: Sequence[tuple[int, int, bool]],
        home: str = "",
    ) -> list[Hit]:
        """Place mentions in order.

        Args:
            document: The text.
            packed: Matches of pack places.
            taken: Spans of actors, inside which a name is no place; where the flag is unset, a state's still is.
            home: Country of the outlet, empty where it is not known.
        """
        features = {(start, end): kind for start, end, kind in find_features(document)}
        hits = self._matches(document, packed, taken, features)
        surnames = surnames_of(document)
        votes = self._votes(hits, home)
        for index, hit in enumerate(hits):
            if hit.candidates:
                container = self._container(document, hits, index)
                hit.chosen = self.choose(document, hit, container, votes)
                hit.contained = container is not None
        self._keep_sense(hits)
        support = self._support(hits)
        for index, hit in enumerate(hits):
            if hit.candidates:
                following = hits[index + 1] if index + 1 < len(hits) else None
                hit.logit = self.recognise(document, hit, following, surnames, support)
                if hit.contained:
                    hit.logit += 2.0
                hit.rule = _rule(hit)
            elif hit.pack is not None:
                hit.logit, hit.rule = 4.0, "pack"
        self._agree(document, hits, surnames)
        for hit in hits:
            if hit.pack is None and hit.logit < 0 and (hit.start, hit.end) in features:
                hit.feature = features[hit.start, hit.end]
            if hit.feature:
                hit.chosen, hit.logit, hit.rule = None, FEATURE_LOGIT, "feature"
        kept = [hit for hit in hits if hit.logit >= 0]
        if features:
            _locate(kept)
        return kept

    def _keep_sense(self, hits: Sequence[Hit]) -> None:
        """ "Paris, Texas" once means the same Paris throughout, unless a country's own name is what is meant."""
        spelled_out = {hit.name: hit.chosen for hit in reversed(hits) if hit.contained}
        for hit in hits:
            if hit.candidates and hit.name in spelled_out:
                hit.chosen = spelled_out[hit.name]

    def _agree(self, document: Document, hits: Sequence[Hit], surnames: frozenset[str]) -> None:
        """One sense per text: a name that is clearly a place somewhere lends weight to its doubtful mentions."""
        best: dict[int, float] = {}
        for hit in hits:
            best[hit.name] = max(best.get(hit.name, -30.0), hit.logit)
        for hit in hits:
            if -3.0 < hit.logit < 0.0 and document.folded[hit.start : hit.end] not in surnames:
                hit.logit += AGREEMENT * max(0.0, best[hit.name])

    def _matches(
        self,
        document: Document,
        packed: Sequence[tuple[int, int, PackPlace]],
        taken: Sequence[tuple[int, int, bool]],
        features: dict[tuple[int, int], str],
    ) -> list[Hit]:
        """Longest-leftmost matches; of one span, pack places before gazetteer names before features."""
        found = self.gazetteer.find(document.folded, document.token_starts)
        found += self._capital_matches(document)
        found += [(start, end, -1 - index) for index, (start, end, _) in enumerate(packed)]
        found += [(start, end, _FEATURE) for start, end in features]
        found.sort(key=_leftmost_longest)
        beyond = len(document.text) + 1
        blocked = iter([*sorted(taken), (beyond, beyond, True)])
        block = next(blocked)
        hits: list[Hit] = []
        reached = 0
        for start, end, name in found:
            if start < reached:
                continue
            while block[1] <= start:
                block = next(blocked)
            inside = block[0] < end and start < block[1] and name >= 0
            if inside and (block[2] or name == _FEATURE or COUNTRY not in self.name(name).kinds):
                continue
            tokens = document.covers(start, end)
            if tokens is None:
                continue
            reached = end
            if name < 0:
                hits.append(Hit(start, end, tokens.start, tokens.stop, -1, (), packed[-1 - name][2]))
            elif name == _FEATURE:
                hits.append(Hit(start, end, tokens.start, tokens.stop, name, (), feature=features[start, end]))
            else:
                hits.append(Hit(start, end, tokens.start, tokens.stop, name, self.name(name).candidates))
        return hits

    def _capital_matches(self, document: Document) -> list[tuple[int, int, int]]:
        """Matches of words in capitals (datelines, headlines), read as if written normally."""
        forms, starts, ends = document.words.form, document.words.start, document.words.end
        loud = [i for i in document.capitals if len(forms[i]) >= 4 and forms[i].isupper() and forms[i].isalpha()]
        if not loud:
            return []
        parts, reached = [], 0
        for index in loud:
            parts += [document.folded[reached : starts[index] + 1], forms[index][1:].lower()]
            reached = ends[index]
        parts.append(document.folded[reached:])
        copy = "".join(parts)
        if len(copy) != len(document.folded):  # a letter whose small form is longer; rare enough to pass over
            return []
        return self.gazetteer.find(copy, {starts[index] for index in loud})

    def _container(self, document: Document, hits: Sequence[Hit], index: int) -> Hit | None:
        """The following hit where it names what this one lies in, as in "Paris, Texas"."""
        if index + 1 >= len(hits):
            return None
        hit, after = hits[index], hits[index + 1]
        if not after.candidates or document.folded[hit.end : after.start] not in (", ", " ("):
            return None
        outer = self.name(after.name).outer
        if not outer or COUNTRY in self.name(hit.name).kinds:
            return None
        return after if _nests(hit, outer) else None

    def choose(self, document: Document, hit: Hit, container: Hit | None, votes: Votes) -> Candidate:
        """The best candidate of a name."""
        best = hit.candidates[0]
        if len(hit.candidates) == 1:
            return best
        right = document.words.form[hit.last] if hit.last < document.size else ""
        town, division = right in ("city", "City", "town"), right.lower() in _DIVISIONS
        outer = self.name(container.name).outer if container is not None else ()
        best_score = -math.inf
        for one in hit.candidates:
            score = one.prior
            if outer:
                score += _inside(one, outer)
            if town and one.kind == CITY:
                score += 3.0
            if division and one.kind == ADMIN1:
                score += 3.0
            if one.country in votes.countries:
                score += 2.6 * math.sqrt(votes.country(one.country, hit.name))
            if one.admin in votes.admins:
                score += 1.2 * math.sqrt(votes.admin(one.admin, hit.name))
            if score > best_score:
                best, best_score = one, score
        return best

    def _prior(self, pairs: Sequence[tuple[int, int]], place: int, flags: int) -> float:
        g = self.gazetteer
        kind, people = g.kind[place], g.population[place]
        if kind == COUNTRY:
            return 6.0 if flags & ADJECTIVE or not self._has_namesake(pairs, place) else 4.8
        if kind == MACROREGION:
            return 5.5
        if kind == COUNTY:
            return 3.5
        if kind == ADMIN1:
            return 3.2 + 0.12 * people - (0.8 if people < SMALL_DIVISION else 0.0)
        return 0.55 * people + (1.0 if place in g.capital_places else 0.0) - (1.0 if flags & ALTERNATE else 0.0)

    def _has_namesake(self, pairs: Sequence[tuple[int, int]], country: int) -> bool:
        g = self.gazetteer
        return any(
            g.country(place) != g.country(country)
            and (
                g.kind[place] == ADMIN1
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
        if kind in (CITY, ADMIN1):
            logit += 0.8 * (g.population[place] - 4.5) if kind == CITY else 0.0
            logit += 1.5 if place in g.capital_places else 0.0
            logit += -1.2 if flags & ALTERNATE else 0.0
        return logit

    def _votes(self, hits: Sequence[Hit], home: str) -> Votes:
        """Each name speaks for its likeliest candidate; a small town's name speaks low. The outlet's home has a voice."""
        votes = Votes()
        for index, count in Counter([hit.name for hit in hits if hit.candidates]).items():
            name = self.name(index)
            weight = (1.0 + math.log2(count)) * name.voice
            votes.add(index, name.likeliest.country, name.likeliest.admin, weight)
        for hit in hits:
            if hit.pack is not None and hit.pack.country:
                votes.add(-1, hit.pack.country, 0, 1.0)
        if home:
            votes.add(-2, home, 0, HOME_VOICE)
        return votes

    def _support(self, hits: Sequence[Hit]) -> Support:
        countries: Counter[str] = Counter()
        admins: dict[int, Counter[int]] = defaultdict(Counter)
        for hit in hits:
            if hit.chosen is not None:
                countries[hit.chosen.country] += 1
                if hit.chosen.admin:
                    admins[hit.chosen.admin][hit.name] += 1
        return Support(countries, admins, sum(countries.values()))

    def recognise(
        self, document: Document, hit: Hit, following: Hit | None, surnames: frozenset[str], support: Support
    ) -> float:
        """Log-odds that a name is a place mention here."""
        chosen = hit.chosen or hit.candidates[0]
        logit = chosen.base
        if chosen.kind in (CITY, ADMIN1):
            surface = document.folded[hit.start : hit.end]
            single = hit.last - hit.first == 1
            logit += self._word_evidence(document, surface, surnames) if single else 0.5
            logit += -1.0 if len(surface) <= 4 and not chosen.flags & ABBREVIATION else 0.0
            logit += -0.5 if single and chosen.kind == CITY and document.opens(hit.first) else 0.0
            logit += support.weight(chosen.country, chosen.admin, hit.name)
        return logit + self._context(document, hit, following, chosen.kind)

    def _word_evidence(self, document: Document, surface: str, surnames: frozenset[str]) -> float:
        logit = 0.0
        if surface in COMMON_WORDS:
            logit -= 2.5
        small = surface.lower()
        if small in document.vocabulary and small[0].islower():
            logit -= 2.0
        if surface in GIVEN_NAMES:
            logit -= 1.5
        if surface in surnames:
            logit -= 2.5
        return logit

    def _context(self, document: Document, hit: Hit, following: Hit | None, kind: int) -> float:
        words, size = document.words.form, document.size
        before, after = document.gap(hit.first), document.gap(hit.last)
        strong = kind in (COUNTRY, MACROREGION, COUNTY)
        logit = 0.0
        if hit.first and before == " ":
            logit += self._left(words, hit.first - 1, strong)
        elif hit.first and before == ". " and _abbreviates_person(words[hit.first - 1]):
            logit -= 0.0 if strong else 2.0
        elif before == ", " and not strong:
            logit += 1.0
        if hit.last < size and after == " ":
            logit += self._right(words[hit.last], strong, following is not None and following.first == hit.last)
        elif after in (" - ", " (") and hit.first < 4:
            logit += 1.0
        return logit

    def _left(self, words: Sequence[str], index: int, strong: bool) -> float:
        left = words[index]
        if left.lower() in LOCATIVE:
            return 1.5
        if left in DIRECTIONS:
            return 2.0
        if strong:
            return 0.0
        if left in TITLES:
            return -2.0
        if left in GIVEN_NAMES:
            return -2.0
        if left == "of":
            return -1.5 if index and words[index - 1] in ORGANISATION_HEADS else 0.7
        if left in PREPOSITIONS:
            return 0.7
        if left[-1] == "." and left not in _STATE_ABBREVIATIONS:  # "C.J."
            return -2.0
        return -0.7 if left[0].isupper() and left not in _PLAIN_CAPITALS else 0.0

    def _right(self, right: str, strong: bool, touches: bool) -> float:
        if touches:
            return 0.0 if strong else -0.5
        if right in STREETS:
            return -1.0
        if right in FEATURES:
            return 2.0
        if strong:
            return 0.0
        if right in ORGANISATION_WORDS:
            return -1.0
        if right in MUNICIPAL_WORDS:
            return 0.0
        if right in SPEECH:
            return -1.0
        return -0.9 if right[0].isupper() else 0.0


def _abbreviates_person(word: str) -> bool:
    """An initial or a title with a full stop behind it."""
    return word in TITLES or (len(word) == 1 and word.isupper())


def _leftmost_longest(match: tuple[int, int, int]) -> tuple[int, int, int]:
    """Sorting key of a match; of one span, the places of packs come before the names of the gazetteer."""
    return match[0], -match[1], match[2]


def _locate(hits: Sequence[Hit]) -> None:
    """Gives every feature the country that is named nearest to it, and the division where that is near enough."""
    spots = [hit for hit in hits if hit.chosen is not None and hit.chosen.country]
    starts = [hit.start for hit in spots]
    for hit in hits:
        if hit.feature and spots:
            after = bisect_left(starts, hit.start)
            distance, spot = min((_distance(hit, spot), spot.chosen) for spot in spots[max(0, after - 1) : after + 1])
            if spot is not None:
                hit.country, hit.admin = spot.country, spot.admin if distance <= NEARBY else 0


def _distance(one: Hit, other: Hit) -> int:
    return max(one.start - other.end, other.start - one.end)


def _nests(hit: Hit, outer: Sequence[Candidate]) -> bool:
    """Whether some candidate lies in some country or division of the other name."""
    admins = {one.admin for one in outer if one.kind == ADMIN1}
    countries = {one.country for one in outer if one.kind == COUNTRY}
    return any((one.kind != ADMIN1 and one.admin in admins) or one.country in countries for one in hit.candidates)


def _inside(one: Candidate, outer: Sequence[Candidate]) -> float:
    best = -3.0
    for container in outer:
        if container.kind == COUNTRY:
            best = max(best, 4.0 if container.country == one.country else -2.0)
        elif one.kind != ADMIN1:
            best = max(best, 6.0 if container.admin == one.admin else -3.0)
    return best


def _rule(hit: Hit) -> str:
    """Name of what tied the name to its place, for the evidence that a row carries."""
    return "container" if hit.contained else _RULES.get(hit.flags, "name")


_FEATURE = 1 << 30  # in the place of a name's number; above all of them
_KIND_WEIGHT = {COUNTRY: 2.0, MACROREGION: 0.5, ADMIN1: 0.5, COUNTY: 2.0, CITY: -2.0}
_RULES = {ADJECTIVE: "demonym", ABBREVIATION: "abbreviation", ALTERNATE: "alternate_name"}
_STATE_ABBREVIATIONS = frozenset(("U.S.", "U.K.", "U.N.", "U.A.E.", "U.S.A.", "D.C.", "E.U."))
_DIVISIONS = frozenset(("province", "region", "oblast", "state", "governorate", "krai"))
_PLAIN_CAPITALS = frozenset(("The", "In", "From", "At", "Near", "And", "But", "As", "For", "To", "Of", "On"))
