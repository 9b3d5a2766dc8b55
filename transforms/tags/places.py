"""Finds place mentions: which matched names are places, and which place each of them is.

Two questions per name, answered with hand-set weights on a log-odds scale: is it a place here (`recognise`), and which
of its candidates (`choose`)? Evidence that other names give for a country or a division counts, a name's own does not.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from transforms.tags.candidates import Candidate, Names
from transforms.tags.context import names_person, recognise
from transforms.tags.evidence import Support, Votes, surnames_of
from transforms.tags.features import find_features, listed_counties
from transforms.tags.gazetteer import Gazetteer
from transforms.tags.gazetteer_build import ABBREVIATION, ADJECTIVE, ADMIN1, ALTERNATE, AREA, CITY, COUNTRY
from transforms.tags.hits import Hit
from transforms.tags.lexicon import GIVEN_COUNTRIES, LOCATIVE
from transforms.tags.name_index import Match
from transforms.tags.packs import PackPlace
from transforms.tags.text import Document, Words
from transforms.tags.word_kinds import LOUD, SMALL, mark

__all__ = ["Hit", "PlaceFinder"]

AGREEMENT = 0.5
"""Share of a name's best log-odds that its doubtful mentions in the same text are given."""
FEATURE_LOGIT = 1.0
"""Log-odds of a feature: of such names in news, about seven in ten are meant as places."""
HOME_VOICE = 1.5
"""Vote of the outlet's home country; a name that is mentioned once has 1."""
NO_PLACE = -5.0
"""Log-odds of a country's name where it is a person's: so low that no other mention lifts it."""
NEARBY = 300
"""Characters within which a feature lies in the same division as the next place that is named."""


class PlaceFinder:
    """Finds and resolves place names with one gazetteer. Holds nothing of a text between calls."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.name = Names(gazetteer).get
        self._small = mark(gazetteer.names.small)

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
        divisions = _divisions(document, hits)
        chosen: dict[int, Candidate] = {}
        for index, hit in enumerate(hits):
            if not hit.candidates:
                continue
            container = self._container(document, hits, index)
            town = hit.last < document.size and document.words.form[hit.last] in _TOWN_WORDS
            if container is not None or town or index in divisions:
                outer = self.name(container.name).outer if container is not None else ()
                hit.chosen = self.choose(hit, outer, votes, town=town, division=index in divisions)
                hit.contained = container is not None
            elif hit.name in chosen:
                hit.chosen = chosen[hit.name]
            else:
                hit.chosen = chosen[hit.name] = self._elect(hit.name, votes)
        self._keep_sense(hits)
        support = self._support(hits)
        for index, hit in enumerate(hits):
            if hit.candidates:
                following = hits[index + 1] if index + 1 < len(hits) else None
                hit.logit = recognise(document, hit, following, surnames, support)
                if hit.contained:
                    hit.logit += 2.0
                hit.rule = "container" if hit.contained else _rule(hit.chosen or hit.candidates[0])
            elif hit.pack is not None:
                hit.logit, hit.rule = 4.0, "pack"
        self._set_persons_apart(document, hits)
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
        for hit in hits if spelled_out else ():
            if hit.candidates and hit.name in spelled_out:
                hit.chosen = spelled_out[hit.name]

    def _set_persons_apart(self, document: Document, hits: Sequence[Hit]) -> None:
        """ "Georgia Stevens" is no place; nor is Georgia alone, where a text on the family Stevens names her so."""
        forms = document.words.form
        folded = document.folded
        persons = [
            hit for hit in hits if folded[hit.start : hit.end] in GIVEN_COUNTRIES and names_person(document, hit)
        ]
        if not persons:
            return
        often = Counter(forms)
        known = {hit.name for hit in persons if often[forms[hit.last]] > 1}
        for hit in hits:
            if hit.name in known and not hit.contained:
                left = forms[hit.first - 1].lower() if hit.first else ""
                if left not in LOCATIVE and left != "of" and document.gap(hit.first) != ", ":
                    persons.append(hit)
        for hit in persons:
            hit.logit = min(hit.logit, NO_PLACE)

    def _agree(self, document: Document, hits: Sequence[Hit], surnames: frozenset[str]) -> None:
        """One sense per text: a name that is clearly a place somewhere lends weight to its doubtful mentions."""
        best: dict[int, float] = {}
        for hit in hits:
            if hit.logit > 0.0 and hit.logit > best.get(hit.name, 0.0):
                best[hit.name] = hit.logit
        for hit in hits:
            doubtful = -3.0 < hit.logit < 0.0 and hit.name in best
            if doubtful and document.folded[hit.start : hit.end] not in surnames:
                hit.logit += AGREEMENT * best[hit.name]

    def _matches(
        self,
        document: Document,
        packed: Sequence[tuple[int, int, PackPlace]],
        taken: Sequence[tuple[int, int, bool]],
        features: dict[tuple[int, int], str],
    ) -> list[Hit]:
        """Longest-leftmost matches; of one span, pack places before gazetteer names before features."""
        found = self.gazetteer.names.find(document.folded, document.words, self._openings(document))
        found += self._capital_matches(document)
        counties = self._listed_counties(document)
        others = [(start, end, -1 - index) for index, (start, end, _) in enumerate(packed)]
        others += [(start, end, _FEATURE) for start, end in features]
        others += [(start, end, name) for (start, end), name in counties.items()]
        for start, end, name in others:
            tokens = document.covers(start, end)
            if tokens is not None:
                found.append((start, -end, name, tokens.start, tokens.stop))
        found.sort()
        beyond = len(document.text) + 1
        blocked = iter([*sorted(taken), (beyond, beyond, True)])
        blocked_from, blocked_to, closed = next(blocked)
        hits: list[Hit] = []
        reached = 0
        for start, end, name, first, last in found:
            if start < reached:
                continue
            end = -end
            if counties:
                name = counties.get((start, end), name)
            while blocked_to <= start:
                blocked_from, blocked_to, closed = next(blocked)
            inside = blocked_from < end and name >= 0
            if inside and (closed or name == _FEATURE or COUNTRY not in self.name(name).kinds):
                continue
            reached = end
            if name < 0:
                hits.append(Hit(start, end, first, last, -1, (), packed[-1 - name][2]))
            elif name == _FEATURE:
                hits.append(Hit(start, end, first, last, name, (), feature=features[start, end]))
            else:
                hits.append(Hit(start, end, first, last, name, self.name(name).candidates))
        return hits

    def _openings(self, document: Document) -> list[int]:
        """Tokens with which a name may begin: all but those in small letters, of which the gazetteer names a few.

        No name goes on with a blank and a small letter behind a word in small letters.
        """
        kinds, size = document.kinds, document.size
        small = [
            index
            for index in document.marked(self._small)
            if index + 1 < size and (not kinds[index + 1] & SMALL or document.gap(index + 1) != " ")
        ]
        return document.not_small + small

    def _listed_counties(self, document: Document) -> dict[tuple[int, int], int]:
        """Spans of the counties of lists, and their full names' numbers; only those that the gazetteer has."""
        return {
            (county.start, county.end): name
            for county in listed_counties(document)
            for name in self.gazetteer.names.get(county.name)[:1]
            if name >= 0
        }

    def _capital_matches(self, document: Document) -> list[Match]:
        """Matches of words in capitals (datelines, headlines), read as if written normally."""
        kinds, words = document.kinds, document.words
        loud = [index for index in document.capitals if kinds[index] & LOUD]
        if not loud:
            return []
        forms, parts, reached = [*words.form], [], 0
        for index in loud:
            forms[index] = forms[index][0] + forms[index][1:].lower()
            parts += [document.folded[reached : words.start[index]], forms[index]]
            reached = words.end[index]
        parts.append(document.folded[reached:])
        copy = "".join(parts)
        if len(copy) != len(document.folded):  # a letter whose small form is longer; rare enough to pass over
            return []
        return self.gazetteer.names.find(copy, Words(words.start, words.end, forms), loud)

    def _container(self, document: Document, hits: Sequence[Hit], index: int) -> Hit | None:
        """The following hit where it names what this one lies in, as in "Paris, Texas"."""
        if index + 1 >= len(hits):
            return None
        hit, after = hits[index], hits[index + 1]
        if after.start - hit.end != 2 or not after.candidates:
            return None
        if document.folded[hit.end : after.start] not in (", ", " ("):
            return None
        outer = self.name(after.name).outer
        if not outer or COUNTRY in self.name(hit.name).kinds:
            return None
        return after if _nests(hit, outer) else None

    def choose(self, hit: Hit, outer: Sequence[Candidate], votes: Votes, *, town: bool, division: bool) -> Candidate:
        """The best candidate of a name that the words beside it speak about.

        Args:
            hit: The name.
            outer: Candidates of the name of what it lies in, where that follows.
            votes: What the names of the text say of its countries and divisions.
            town: Whether a word such as city follows.
            division: Whether a word such as province makes it a division.
        """
        best, best_score = hit.candidates[0], -math.inf
        for one in hit.candidates:
            score = one.prior
            if outer:
                score += _inside(one, outer)
            if town and one.kind == CITY:
                score += 3.0
            if division and one.kind == ADMIN1:
                score += 3.0
            score += votes.lift(one.country, one.admin, hit.name)
            if score > best_score:
                best, best_score = one, score
        return best

    def _elect(self, name: int, votes: Votes) -> Candidate:
        """The best candidate of a name by the votes of the other names alone."""
        contenders = self.name(name).contenders
        best = contenders[0]
        if len(contenders) > 1:
            best_score = -math.inf
            for one in contenders:
                score = one.prior + votes.lift(one.country, one.admin, name)
                if score > best_score:
                    best, best_score = one, score
        return best

    def _votes(self, hits: Sequence[Hit], home: str) -> Votes:
        """Each name speaks for its likeliest candidate; a small town's name speaks low. So does the outlet's home."""
        votes = Votes()
        for index, count in Counter([hit.name for hit in hits if hit.candidates]).items():
            name = self.name(index)
            weight = (1.0 + math.log2(count)) * name.voice if count > 1 else name.voice
            votes.add(index, name.likeliest.country, name.likeliest.admin, weight)
        for hit in hits:
            if hit.pack is not None and hit.pack.country:
                votes.add(-1, hit.pack.country, 0, 1.0)
        if home:
            votes.add(-2, home, 0, HOME_VOICE)
        return votes

    def _support(self, hits: Sequence[Hit]) -> Support:
        support = Support()
        for hit in hits:
            if hit.chosen is not None:
                support.add(hit.name, hit.chosen.country, hit.chosen.admin)
        return support


def _divisions(document: Document, hits: Sequence[Hit]) -> set[int]:
    """Indices of the names that a class word makes divisions: "Kunduz, Takhar and Badakhshan provinces"."""
    found: set[int] = set()
    forms, size = document.words.form, document.size
    for index in range(len(hits) - 1, -1, -1):
        hit = hits[index]
        if (hit.last < size and forms[hit.last].lower() in _DIVISIONS) or (
            index + 1 in found and document.folded[hit.end : hits[index + 1].start] in _LISTING
        ):
            found.add(index)
    return found


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
    admins = {one.admin for one in outer if one.kind != COUNTRY and one.admin}
    countries = {one.country for one in outer if one.kind == COUNTRY}
    return any(
        (one.kind not in (ADMIN1, AREA) and one.admin in admins) or one.country in countries for one in hit.candidates
    )


def _inside(one: Candidate, outer: Sequence[Candidate]) -> float:
    best = -3.0
    for container in outer:
        if container.kind == COUNTRY:
            best = max(best, 4.0 if container.country == one.country else -2.0)
        elif container.admin and one.kind not in (ADMIN1, AREA):
            best = max(best, 6.0 if container.admin == one.admin else -3.0)
    return best


def _rule(chosen: Candidate) -> str:
    """Name of what tied the name to its place, for the evidence that a row carries."""
    return _RULES.get(chosen.flags, "name")


_FEATURE = 1 << 30  # in the place of a name's number; above all of them
_RULES = {ADJECTIVE: "demonym", ABBREVIATION: "abbreviation", ALTERNATE: "alternate_name"}
_TOWN_WORDS = frozenset(("city", "City", "town"))
_LISTING = frozenset((", ", " and ", ", and ", " or "))
_DIVISIONS = frozenset(
    word + ending for word in ("province", "region", "oblast", "state", "governorate", "krai") for ending in ("", "s")
)
