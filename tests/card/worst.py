"""`python -m tests.card.worst [trnews|lgl] [COUNT]`: the worst errors in places, by kind. Nothing is written.

Errors of one kind in one name of one article count once, with how many mentions they spoil; the worst spoil the most,
and of those that spoil as many the farthest from the true place.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.records import Place
from tests.bench.pages import bench_dir
from tests.card.places import NEAR_KM, kilometres
from transforms.tags.tagger import Tagger

KINDS = ("missed", "no place", "other span", "other country", "far away")
AROUND = 30


class Error(NamedTuple):
    """One wrong mention: kind, name, where the gold and we put it, kilometres between (0 if unknown), text around."""

    kind: str
    article: str
    surface: str
    told: str
    km: float
    around: str


def errors_of(article: dict[str, Any], found: tuple[Place, ...]) -> Iterator[Error]:
    """The wrong mentions of one article: each mark and each place that is not right, once."""
    text, marks = article["text"], article["toponyms"]
    spans = {(mark["start"], mark["end"]): mark for mark in marks}
    ours = {(place.start, place.end): place for place in found}

    def error(kind: str, span: tuple[int, int], told: str, km: float = 0.0) -> Error:
        start, end = span
        around = " ".join(text[max(0, start - AROUND) : end + AROUND].split())
        return Error(kind, article["id"], " ".join(text[start:end].split()), told, km, around)

    for span, mark in spans.items():
        place = ours.get(span)
        near = [other for other in ours if other[0] < span[1] and span[0] < other[1]]
        if place is None:
            told = f"found {text[near[0][0] : near[0][1]]!r}" if near else f"is {mark.get('country') or '?'}"
            yield error("other span" if near else "missed", span, told)
        elif mark["country"] and mark["country"] != place.country:
            yield error("other country", span, f"is {mark['country']}, found {place.country}", _km(mark, place))
        elif _km(mark, place) > NEAR_KM:
            yield error("far away", span, f"in {mark['country']}, {_km(mark, place):.0f} km off", _km(mark, place))
    for span, place in ours.items():
        if not any(other[0] < span[1] and span[0] < other[1] for other in spans):
            yield error("no place", span, f"found {place.name} ({place.kind}, {place.country})")


def _km(mark: dict[str, Any], place: Place) -> float:
    if mark["lat"] is None or place.lat is None or place.lon is None:
        return 0.0
    return kilometres(mark["lat"], mark["lon"], place.lat, place.lon)


def report(errors: list[Error], count: int) -> Iterator[str]:
    """How many of each kind, then the worst under their kinds."""
    totals = Counter(error.kind for error in errors)
    yield ", ".join(f"{totals[kind]} {kind}" for kind in KINDS)
    groups: dict[tuple[str, str, str], list[Error]] = {}
    for error in errors:
        groups.setdefault((error.kind, error.article, error.surface), []).append(error)
    worst = sorted(groups.values(), key=lambda group: (-len(group), -group[0].km, group[0]))[:count]
    for kind in KINDS:
        listed = [group for group in worst if group[0].kind == kind]
        if listed:
            yield f"{kind}:"
        for group in listed:
            first = group[0]
            yield f"  {len(group)} x {first.surface!r} ({first.told}) in {first.article}: …{first.around}…"


def main(material: str = "trnews", count: str = "20") -> None:
    """Prints the report."""
    path = bench_dir() / "gold" / f"places_{material}.jsonl"
    tagger = Tagger.load()
    with path.open(encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    errors = [error for article in articles for error in errors_of(article, tagger.tag(None, article["text"]).places)]
    print("\n".join(report(errors, int(count))))


if __name__ == "__main__":
    main(*sys.argv[1:])
