"""Finds place mentions: which matched names are places, and which place each of them is.

Two questions per name, answered with hand-set weights on a log-odds scale: is it a place here (`recognise`), and which
of its candidates (`choose`)? Evidence that other names give for a country or a division counts, a name's own does not.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.tags.evidence import Support, Votes, surnames_of
from transforms.tags.gazetteer import Gazetteer
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
AMBIGUOUS_FROM = 4.3
"""log10 of the population from which a namesake town abroad makes a country's name ambiguous (Lebanon, Jordan)."""


@dataclass(slots=True)
class Hit:
    """A matched name: offsets, tokens [first, last), candidates (place, flags), and what was decided."""

    start: int
    end: int
    first: int
    last: int
    name: int
    candidates: tuple[tuple[int, int], ...]
    pack: PackPlace | None = None
    place: int = -1
    flags: int = 0
    logit: float = 0.0
    rule: str = "name"
    use: str = "literal"
    contained: bool = False

    @property
    def score(self) -> float:
        """Probability of being a place mention, from the log-odds."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.logit))))


class PlaceFinder:
    """Finds and resolves place names with one gazetteer. Holds nothing of a text between calls."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer

    def candidates(self, name: int) -> tuple[tuple[int, int], ...]:
        """(place, flags) of a name."""
        g = self.gazetteer
        return tuple((g.candidate[i], g.flags[i]) for i in range(g.first[name], g.first[name + 1]))

    def find(
        self, document: Document, packed: Sequence[tuple[int, int, PackPlace]], taken: Sequence[tuple[int, int, bool]]
    ) -> list[Hit]:
        """Place mentions in order.

        Args:
            document: The text.
            packed: Matches of pack places.
            taken: Spans of actors, inside which a name is no place; where the flag is unset, a state's still is.
        """
        hits = self._matches(document, packed, taken)
        surnames = surnames_of(document)
        votes = self._votes(hits)
        for index, hit in enumerate(hits):
            if hit.pack is None:
                container = self._container(document, hits, index)
                hit.place, hit.flags = self.choose(document, hit, container, votes)
                hit.contained = container is not None
        self._keep_sense(hits)
        support = self._support(hits)
        for index, hit in enumerate(hits):
            if hit.pack is None:
                following = hits[index + 1] if index + 1 < len(hits) else None
                hit.logit = self.recognise(document, hit, following, surnames, support)
                if hit.contained:
                    hit.logit += 2.0
                hit.rule = _rule(hit)
            else:
                hit.logit, hit.rule = 4.0, "pack"
        self._agree(document, hits, surnames)
        return [hit for hit in hits if hit.logit >= 0]

    def _keep_sense(self, hits: Sequence[Hit]) -> None:
        """ "Paris, Texas" once means the same Paris throughout, unless a country's own name is what is meant."""
        spelled_out = {hit.name: (hit.place, hit.flags) for hit in reversed(hits) if hit.contained}
        for hit in hits:
            if hit.pack is None and hit.name in spelled_out:
                hit.place, hit.flags = spelled_out[hit.name]

    def _agree(self, document: Document, hits: Sequence[Hit], surnames: frozenset[str]) -> None:
        """One sense per text: a name that is clearly a place somewhere lends weight to its doubtful mentions."""
        best: dict[int, float] = {}
        for hit in hits:
            best[hit.name] = max(best.get(hit.name, -30.0), hit.logit)
        for hit in hits:
            if -3.0 < hit.logit < 0.0 and document.folded[hit.start : hit.end] not in surnames:
                hit.logit += AGREEMENT * max(0.0, best[hit.name])

    def _matches(
        self, document: Document, packed: Sequence[tuple[int, int, PackPlace]], taken: Sequence[tuple[int, int, bool]]
    ) -> list[Hit]:
        """Longest-leftmost matches, pack places before gazetteer names of the same span."""
        found: list[tuple[int, int, int, PackPlace | None]] = []
        found += [(start, -end, -1, place) for start, end, place in packed]
        found += [(start, -end, name, None) for name, start, end in self.gazetteer.find(document.folded)]
        found += [(start, -end, name, None) for name, start, end in self._capital_matches(document)]
        found.sort(key=lambda item: item[:3])
        beyond = len(document.text) + 1
        blocked = iter([*sorted(taken), (beyond, beyond, True)])
        block = next(blocked)
        hits: list[Hit] = []
        reached = 0
        for start, negative_end, name, place in found:
            end = -negative_end
            while block[1] <= start:
                block = next(blocked)
            if start < reached:
                continue
            inside = block[0] < end and start < block[1] and place is None
            if inside and (block[2] or not self._names_state(name)):
                continue
            tokens = document.covers(start, end)
            if tokens is None:
                continue
            reached = end
            candidates = () if place else self.candidates(name)
            hits.append(Hit(start, end, tokens.start, tokens.stop, name, candidates, place))
        return hits

    def _names_state(self, name: int) -> bool:
        return any(self.gazetteer.kind[place] == COUNTRY for place, _ in self.candidates(name))

    def _capital_matches(self, document: Document) -> list[tuple[int, int, int]]:
        """Matches of words in capitals (datelines, headlines), read as if written normally."""
        words = document.words
        capitals = [i for i, form in enumerate(words.form) if len(form) >= 4 and form.isupper() and form.isalpha()]
        if not capitals:
            return []
        parts, reached = [], 0
        for index in capitals:
            parts += [document.folded[reached : words.start[index] + 1], words.form[index][1:].lower()]
            reached = words.end[index]
        parts.append(document.folded[reached:])
        copy = "".join(parts)
        if len(copy) != len(document.folded):  # a letter whose small form is longer; rare enough to pass over
            return []
        covered = {words.start[index] for index in capitals}
        return [hit for hit in self.gazetteer.find(copy) if hit[1] in covered]

    def _container(self, document: Document, hits: Sequence[Hit], index: int) -> Hit | None:
        """The following hit where it names what this one lies in, as in "Paris, Texas"."""
        if index + 1 >= len(hits):
            return None
        hit, after = hits[index], hits[index + 1]
        if after.pack is not None or document.folded[hit.end : after.start] not in (", ", " ("):
            return None
        kinds = {self.gazetteer.kind[place] for place, flags in after.candidates if not flags & (ADJECTIVE | ALTERNATE)}
        own = {self.gazetteer.kind[place] for place, _ in hit.candidates}
        if COUNTRY in own or not kinds & {COUNTRY, ADMIN1}:
            return None
        return after if self._nests(hit, after) else None

    def _nests(self, hit: Hit, after: Hit) -> bool:
        """Whether some candidate lies in some country or division of the other name."""
        g = self.gazetteer
        outer_admins = {g.admin(place) for place, _ in after.candidates if g.kind[place] == ADMIN1}
        outer_countries = {g.country(place) for place, _ in after.candidates if g.kind[place] == COUNTRY}
        return any(
            (g.kind[place] != ADMIN1 and g.admin(place) in outer_admins) or g.country(place) in outer_countries
            for place, _ in hit.candidates
        )

    def choose(self, document: Document, hit: Hit, container: Hit | None, votes: Votes) -> tuple[int, int]:
        """The best candidate of a name."""
        if len(hit.candidates) == 1:
            return hit.candidates[0]
        words = document.words.form
        right = words[hit.last] if hit.last < document.size else ""
        best, best_score = hit.candidates[0], -math.inf
        for place, flags in hit.candidates:
            score = self._prior(hit, place, flags)
            if container is not None:
                score += self._inside(place, container)
            if right in ("city", "City", "town") and self.gazetteer.kind[place] == CITY:
                score += 3.0
            if right.lower() in _DIVISIONS and self.gazetteer.kind[place] == ADMIN1:
                score += 3.0
            score += 2.6 * math.sqrt(votes.country(self.gazetteer.country(place), hit.name))
            score += 1.2 * math.sqrt(votes.admin(self.gazetteer.admin(place), hit.name))
            if score > best_score:
                best, best_score = (place, flags), score
        return best

    def _prior(self, hit: Hit, place: int, flags: int) -> float:
        g = self.gazetteer
        kind, people = g.kind[place], g.population[place]
        if kind == COUNTRY:
            return 6.0 if flags & ADJECTIVE or not self._has_namesake(hit, place) else 4.8
        if kind == MACROREGION:
            return 5.5
        if kind == COUNTY:
            return 3.5
        if kind == ADMIN1:
            return 3.2 + 0.12 * people - (0.8 if people < SMALL_DIVISION else 0.0)
        return 0.55 * people + (1.0 if place in g.capital_places else 0.0) - (1.0 if flags & ALTERNATE else 0.0)

    def _has_namesake(self, hit: Hit, country: int) -> bool:
        g = self.gazetteer
        return any(
            g.country(place) != g.country(country)
            and (
                g.kind[place] == ADMIN1
                or (g.kind[place] == CITY and g.population[place] >= AMBIGUOUS_FROM and not flags)
            )
            for place, flags in hit.candidates
        )

    def _inside(self, place: int, container: Hit) -> float:
        g = self.gazetteer
        best = -3.0
        for outer, _ in container.candidates:
            kind = g.kind[outer]
            if kind == ADMIN1 and g.kind[place] != ADMIN1:
                best = max(best, 6.0 if g.admin(outer) == g.admin(place) else -3.0)
            elif kind == COUNTRY:
                best = max(best, 4.0 if g.country(outer) == g.country(place) else -2.0)
        return best

    def _votes(self, hits: Sequence[Hit]) -> Votes:
        """Each name speaks for its likeliest candidate; a small town's name speaks low."""
        g = self.gazetteer
        counts = Counter(hit.name for hit in hits if hit.pack is None)
        votes = Votes()
        for name, hit in {hit.name: hit for hit in hits if hit.pack is None}.items():
            place, _ = max(hit.candidates, key=lambda candidate: (self._prior(hit, *candidate), -candidate[0]))
            weight = 1.0 + math.log2(counts[name])
            if g.kind[place] == CITY and g.population[place] < LARGE_TOWN:
                weight *= 0.3
            votes.add(name, g.country(place), g.admin(place), weight)
        for hit in hits:
            if hit.pack is not None and hit.pack.country:
                votes.add(-1, hit.pack.country, 0, 1.0)
        return votes

    def _support(self, hits: Sequence[Hit]) -> Support:
        countries: Counter[str] = Counter()
        admins: dict[int, Counter[int]] = defaultdict(Counter)
        for hit in hits:
            if hit.place < 0:
                continue
            countries[self.gazetteer.country(hit.place)] += 1
            admin = self.gazetteer.admin(hit.place)
            if admin:
                admins[admin][hit.name] += 1
        return Support(countries, admins, sum(countries.values()))

    def recognise(
        self, document: Document, hit: Hit, following: Hit | None, surnames: frozenset[str], support: Support
    ) -> float:
        """Log-odds that a name is a place mention here."""
        g = self.gazetteer
        kind, people = g.kind[hit.place], g.population[hit.place]
        surface = document.folded[hit.start : hit.end]
        logit = 1.5 + _KIND_WEIGHT[kind]
        if hit.flags & ADJECTIVE:
            logit += -1.0 if kind == COUNTRY else 0.0
        if hit.flags & ABBREVIATION:
            logit += 1.5
        if kind in (CITY, ADMIN1):
            logit += 0.8 * (people - 4.5) if kind == CITY else 0.0
            logit += 1.5 if hit.place in g.capital_places else 0.0
            logit += -1.2 if hit.flags & ALTERNATE else 0.0
            single = hit.last - hit.first == 1
            logit += self._word_evidence(document, surface, surnames) if single else 0.5
            logit += -1.0 if len(surface) <= 4 and not hit.flags & ABBREVIATION else 0.0
            logit += -0.5 if single and kind == CITY and document.initial[hit.first] else 0.0
            logit += support.weight(g.country(hit.place), g.admin(hit.place), hit.name)
        return logit + self._context(document, hit, following, kind)

    def _word_evidence(self, document: Document, surface: str, surnames: frozenset[str]) -> float:
        logit = 0.0
        if surface in COMMON_WORDS:
            logit -= 2.5
        if surface.lower() in document.lower_words:
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
        elif hit.first and before == ". " and words[hit.first - 1] in TITLES:
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
        if len(left) == 2 and left[1] == ".":
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


def _rule(hit: Hit) -> str:
    """Name of what tied the name to its place, for the evidence that a row carries."""
    if hit.contained:
        return "container"
    names = {ADJECTIVE: "demonym", ABBREVIATION: "abbreviation", ALTERNATE: "alternate_name"}
    return names.get(hit.flags, "name")


_KIND_WEIGHT = {COUNTRY: 2.0, MACROREGION: 0.5, ADMIN1: 0.5, COUNTY: 2.0, CITY: -2.0}
_DIVISIONS = frozenset(("province", "region", "oblast", "state", "governorate", "krai"))
_PLAIN_CAPITALS = frozenset(("The", "In", "From", "At", "Near", "And", "But", "As", "For", "To", "Of", "On"))
