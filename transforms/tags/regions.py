"""What a text is about: countries, macro-regions and watch regions, from where and how places are named.

Counting names is not enough: a state that only speaks or pays ("Moscow said", "US troops") is named often, but the text
is about the ground where things happen. So every mention is weighed by its position and its use.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import NamedTuple

from schemas.records import CountryScore, RegionScore
from transforms.tags.gazetteer import Gazetteer
from transforms.tags.lexicon import BORDER_WORDS
from transforms.tags.packs import WatchRegion
from transforms.tags.places import Hit
from transforms.tags.text import Document
from transforms.tags.word_kinds import mark

LEAD, FIRST_QUARTER = 2.0, 1.3
USE_WEIGHT = {"literal": 1.0, "adjectival": 0.35, "metonymic": 0.3}
IN_PLACE, BESIDE_BORDER = 1.3, 1.6
PAIR_BONUS, PAIR_LIMIT, PAIR_REACH, BORDER_REACH = 0.5, 4, 70, 45
PRIMARY_SHARE, PRIMARY_SHARE_AT_BORDER, SECONDARY_SHARE = 0.55, 0.40, 0.04
QUALIFIES = 0.25
"""A watch region is the text's region from this score on."""
_BORDER = mark((*BORDER_WORDS, *(word.capitalize() for word in BORDER_WORDS)))
_AT = frozenset(("in", "at", "near", "into", "along", "inside", "across"))


@dataclass(slots=True)
class Focus:
    """Weights gathered from one text."""

    countries: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    literal: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    agentive: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    admins: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    pack_places: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    macro: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)


class Sums(NamedTuple):
    """What watch regions add up. Exactly, by fsum: the rounding of sum() depends on the order and Python's version."""

    admins: list[tuple[str, float]]
    pack_places: list[tuple[str, float]]
    countries: list[tuple[str, float]]
    total: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Scores from 0 to 1 in falling order, and the one region of the text."""

    countries: tuple[CountryScore, ...]
    regions: tuple[RegionScore, ...]
    region: str


def decide(document: Document, hits: Sequence[Hit], gazetteer: Gazetteer, watched: Sequence[WatchRegion]) -> Decision:
    """Countries, regions and the region of a text."""
    focus = gather(document, hits, gazetteer)
    total = fsum(focus.countries.values())
    shares = {code: weight / total for code, weight in focus.countries.items()} if total else {}
    primary = _primary(focus, shares)
    sums = Sums([*focus.admins.items()], [*focus.pack_places.items()], [*focus.countries.items()], total)
    scores = {region.id: _watch_score(region, focus, sums, shares, primary) if total else 0.0 for region in watched}
    qualified = [region for region in watched if scores[region.id] >= QUALIFIES]
    macro = _macro_scores(focus, shares, primary, gazetteer)
    if qualified:
        # A region that is clearly more in focus beats precedence; among equals precedence decides.
        top = max(scores[region.id] for region in qualified)
        near = [region for region in qualified if scores[region.id] >= 0.7 * top]
        chosen = min(near, key=lambda region: (-region.precedence, -scores[region.id], region.id)).id
    else:
        chosen = min(macro, key=lambda slug: (-macro[slug], slug)) if macro else "none"
    everything = {slug: score for slug, score in {**macro, **scores}.items() if score >= SECONDARY_SHARE}
    ranked = sorted(shares.items(), key=lambda item: (item[0] not in primary, -item[1], item[0]))
    return Decision(
        tuple(CountryScore(code, round(share, 4)) for code, share in ranked if share >= SECONDARY_SHARE),
        tuple(
            RegionScore(slug, round(score, 4))
            for slug, score in sorted(everything.items(), key=lambda i: (-i[1], i[0]))
        ),
        chosen,
    )


def gather(document: Document, hits: Sequence[Hit], gazetteer: Gazetteer) -> Focus:
    """Adds up the weight of every mention."""
    focus = Focus()
    quarter, lead_end, forms = len(document.text) / 4, document.lead_end, document.words.form
    borders = _borders(document)
    for hit in hits:
        if hit.feature:
            continue  # what lies in a town speaks through the town's own name
        weight = USE_WEIGHT[hit.use] * hit.score
        if hit.start < lead_end:
            weight *= LEAD
        elif hit.start < quarter:
            weight *= FIRST_QUARTER
        if hit.first and forms[hit.first - 1].lower() in _AT:
            weight *= IN_PLACE
        if borders and _beside(hit, borders):
            weight *= BESIDE_BORDER
        _add(focus, hit, weight, gazetteer)
    _count_pairs(document, hits, gazetteer, borders, focus)
    return focus


def _borders(document: Document) -> list[tuple[int, int]]:
    """Spans of the border words, rising."""
    words = document.words
    return [(words.start[index], words.end[index]) for index in document.marked(_BORDER)]


def _beside(hit: Hit, borders: Sequence[tuple[int, int]]) -> bool:
    """Whether a border word stands within reach; `borders` is sorted."""
    after = bisect_left(borders, (hit.start, 0))
    return any(
        start - hit.end < BORDER_REACH and hit.start - end < BORDER_REACH
        for start, end in borders[max(0, after - 1) : after + 1]
    )


def _add(focus: Focus, hit: Hit, weight: float, gazetteer: Gazetteer) -> None:
    if hit.pack is not None:
        focus.pack_places[hit.pack.id] += weight
        codes = hit.pack.borders or ((hit.pack.country,) if hit.pack.country else ())
        for code in codes:
            focus.countries[code] += weight
            focus.literal[code] += weight
        if hit.pack.admin1:
            focus.admins[hit.pack.admin1] += weight
        if hit.pack.kind == "macroregion":
            focus.macro[hit.pack.id] += weight
        return
    facts = gazetteer.facts(hit.place)
    if facts.kind == "macroregion":
        focus.macro[gazetteer.regions[facts.place_id.removeprefix("m49:")].slug] += weight
        return
    if facts.country is None:
        return  # an area of several countries speaks for none
    country = facts.country
    focus.countries[country] += weight
    (focus.agentive if hit.use == "metonymic" else focus.literal)[country] += weight
    # A capital stands for its state, not for its division.
    local = facts.kind in ("admin1", "city") and hit.use == "literal" and hit.place not in gazetteer.capital_places
    if facts.admin1 and local:
        focus.admins[facts.admin1] += weight


def _country_of(hit: Hit) -> str:
    if hit.pack is not None:
        return hit.pack.country or ""
    return hit.chosen.country if hit.chosen is not None else ""


def _count_pairs(
    document: Document,
    hits: Sequence[Hit],
    gazetteer: Gazetteer,
    borders: Sequence[tuple[int, int]],
    focus: Focus,
) -> None:
    """Neighbouring countries named close to a border word in one sentence."""
    position = 0
    for start, end in borders:
        sentence = document.sentence_of(start)
        while position < len(hits) and hits[position].end < start - PAIR_REACH:
            position += 1
        codes = set()
        for hit in hits[position : position + 12]:
            near = start - hit.end <= PAIR_REACH and hit.start - end <= PAIR_REACH
            if near and sentence[0] <= hit.start < sentence[1]:
                codes.add(_country_of(hit))
        codes.discard("")
        for first in sorted(codes):
            for second in sorted(codes & gazetteer.neighbours.get(first, frozenset())):
                if first < second:
                    focus.pairs[first, second] += 1
    for pair, count in focus.pairs.items():
        for code in pair:
            focus.countries[code] += PAIR_BONUS * min(count, PAIR_LIMIT)
            focus.literal[code] += PAIR_BONUS * min(count, PAIR_LIMIT)


def _primary(focus: Focus, shares: dict[str, float]) -> list[str]:
    """The country or the two countries that the text is about."""
    grounded = [code for code in shares if focus.literal[code] >= 0.5 * focus.agentive[code]] or list(shares)
    ranked = sorted(grounded, key=lambda code: (-shares[code], code))
    if not ranked:
        return []
    primary = ranked[:1]
    for code in ranked[1:]:
        at_border = focus.pairs[min(code, ranked[0]), max(code, ranked[0])] > 0
        if shares[code] >= (PRIMARY_SHARE_AT_BORDER if at_border else PRIMARY_SHARE) * shares[ranked[0]]:
            return [*primary, code]
    return primary


def _watch_score(
    region: WatchRegion, focus: Focus, sums: Sums, shares: dict[str, float], primary: Sequence[str]
) -> float:
    """Share of the focus on a region: its border pairs where a border is spoken of, and what lies in it."""
    if not _touches(region, focus):
        return 0.0
    local = fsum(weight for code, weight in sums.admins if code in region.admin1)
    local += fsum(weight for place, weight in sums.pack_places if place in region.places)
    countries = fsum(weight for code, weight in sums.countries if code in region.countries)
    score = (local + countries) / sums.total
    for pair in region.borders:
        named = focus.pairs[pair] or (set(pair) <= set(primary))
        if named:
            both = min(shares.get(code, 0.0) for code in pair)
            score += 2.0 * both * (1.0 if focus.pairs[pair] else 0.5)
    return min(1.0, score)


def _touches(region: WatchRegion, focus: Focus) -> bool:
    """Whether anything that a region counts is in focus."""
    countries = focus.countries
    return (
        any(first in countries and second in countries for first, second in region.borders)
        or not region.admin1.isdisjoint(focus.admins)
        or not region.countries.isdisjoint(countries)
        or not region.places.isdisjoint(focus.pack_places)
    )


def _macro_scores(
    focus: Focus, shares: dict[str, float], primary: Sequence[str], gazetteer: Gazetteer
) -> dict[str, float]:
    """Share of the focus on each macro-region: its countries' shares, the primary ones in full."""
    scores: dict[str, float] = defaultdict(float)
    for code, share in shares.items():
        area = gazetteer.region_of_country.get(code)
        if area:
            scores[gazetteer.regions[area].slug] += share if code in primary else 0.5 * share
    named = fsum(focus.macro.values())
    total = named + fsum(focus.countries.values())
    for slug, weight in focus.macro.items():
        scores[slug] = scores[slug] + weight / total
    return {slug: min(1.0, score) for slug, score in scores.items()}
