"""Places of TR-News and LGL: spans, countries, distances, and the countries of each text."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from schemas.records import Place
from tests.card.counts import Counted, Counts, exact
from tests.card.measure import OURS, Measure
from transforms.tags.tagger import Tagger

NEAR_KM = 161
EARTH_KM = 6371.0


def f1(items: Sequence[Counts]) -> float:
    """F1 over the sums of all items; where as much is found as is wanted, the share that is right."""
    return Counted("", tuple(items)).f1


def places(tagger: Tagger, bench: Path, material: str) -> Iterator[Measure]:
    """The measures of one set of articles with marked places (`trnews`, `lgl`)."""
    with (bench / "gold" / f"places_{material}.jsonl").open(encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    pairs = [(article, tagger.tag(None, article["text"]).places) for article in articles]
    for name, count in (
        ("places, same span", _spans),
        ("country of the places found", _country),
        (f"places found, within {NEAR_KM} km", _distance),
        ("countries of the text", _countries),
    ):
        yield Measure("tags", name, material, f1, {OURS: [count(*pair) for pair in pairs]})


def _spans(article: dict[str, Any], found: tuple[Place, ...]) -> Counts:
    wanted = {(mark["start"], mark["end"]) for mark in article["toponyms"]}
    return exact(wanted, {(place.start, place.end) for place in found})


def _matched(article: dict[str, Any], found: tuple[Place, ...]) -> list[tuple[dict[str, Any], Place]]:
    """Marks and the places of the same span."""
    by_span = {(place.start, place.end): place for place in found}
    spans = [((mark["start"], mark["end"]), mark) for mark in article["toponyms"]]
    return [(mark, by_span[span]) for span, mark in spans if span in by_span]


def _country(article: dict[str, Any], found: tuple[Place, ...]) -> Counts:
    known = [(mark, place) for mark, place in _matched(article, found) if mark["country"]]
    return Counts(sum(mark["country"] == place.country for mark, place in known), len(known), len(known))


def _distance(article: dict[str, Any], found: tuple[Place, ...]) -> Counts:
    points = [
        (mark["lat"], mark["lon"], place.lat, place.lon)
        for mark, place in _matched(article, found)
        if mark["lat"] is not None and place.lat is not None and place.lon is not None
    ]
    return Counts(sum(kilometres(*point) <= NEAR_KM for point in points), len(points), len(points))


def _countries(article: dict[str, Any], found: tuple[Place, ...]) -> Counts:
    wanted = {mark["country"] for mark in article["toponyms"] if mark["country"]}
    named = {place.country for place in found if place.country}
    return Counts(len(wanted & named), len(named), len(wanted))


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance by the haversine formula."""
    a, b, c, d = map(math.radians, (lat, lon, other_lat, other_lon))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def regions(tagger: Tagger, corpus: Path) -> Iterator[Measure]:
    """The five documents: the primary region, and the two primary countries, of the raw text."""
    seeds = json.loads((corpus / "gold.json").read_text("utf-8"))["seeds"]
    tagged = [tagger.tag(None, (corpus / seed["file"]).read_text("utf-8")) for seed in seeds]
    border = [Counts(int(tags.region == "tajik-afghan-border"), 1, 1) for tags in tagged]
    yield Measure("tags", "region", "the five documents, raw", f1, {OURS: border})
    pairs = [{score.country for score in tags.countries[:2]} for tags in tagged]
    both = [Counts(len(pair & {"AF", "TJ"}), 2, 2) for pair in pairs]
    yield Measure("tags", "primary countries", "the five documents, raw", f1, {OURS: both})


def measures(bench: Path) -> Iterator[Measure]:
    """Every measure of this module that needs the bench material alone."""
    tagger = Tagger.load()
    for material in ("trnews", "lgl"):
        yield from places(tagger, bench, material)
