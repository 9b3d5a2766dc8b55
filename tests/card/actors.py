"""Measures of actors, quotes, links and Russian. Each function takes a tagger and the folder of the material."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from schemas.records import Tags
from tests.card.counts import Counted, Counts, Span, exact, overlap
from tests.card.measure import OURS, Measure
from transforms.tags.tagger import Tagger

MARKED = Path(__file__).resolve().parents[1] / "transforms" / "tags" / "marked" / "quotes.toml"


def documents(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)


def mentions(tags: Tags, *, states: bool = True) -> list[Span]:
    """Spans of all actors."""
    return [(m.start, m.end) for actor in tags.actors if states or actor.type != "state" for m in actor.mentions]


def _spans(document: dict[str, Any], key: str, kinds: set[str], *, inside: bool) -> list[Span]:
    return [(e["start"], e["end"]) for e in document["entities"] if (e.get(key) in kinds) is inside]


def _overlap(
    name: str, tagger: Tagger, path: Path, key: str, kinds: set[str], language: str, *, unnamed: bool = False
) -> Counted:
    items = []
    for document in documents(path):
        start, end = document.get("span", (0, len(document["text"])))
        tags = tagger.tag(None, document["text"], language=language, unnamed=unnamed)
        found = [span for span in mentions(tags) if start <= span[0] < end]
        wanted, other = (_spans(document, key, kinds, inside=inside) for inside in (True, False))
        items.append(overlap(wanted, other, found))
    return Counted(name, tuple(items))


def re3d(tagger: Tagger, bench: Path) -> Counted:
    """Persons and organisations of re3d by overlap; its marks hold pronouns, common nouns and names inside names."""
    path = bench / "gold" / "actors_re3d.jsonl"
    return _overlap("re3d, persons and organisations, overlap", tagger, path, "type", {"Person", "Organisation"}, "en")


def re3d_unnamed(tagger: Tagger, bench: Path) -> Counted:
    """The same with `--unnamed`, as its marks hold both."""
    path, kinds = bench / "gold" / "actors_re3d.jsonl", {"Person", "Organisation"}
    name = "re3d, persons and organisations, unnamed ones asked for, overlap"
    return _overlap(name, tagger, path, "type", kinds, "en", unnamed=True)


def aida(tagger: Tagger, bench: Path) -> Counted:
    """Persons and organisations of AIDA's development part by overlap."""
    path = bench / "gold" / "entities_aida-conll-dev.jsonl"
    return _overlap("AIDA, persons and organisations, overlap", tagger, path, "kind", {"person", "organisation"}, "en")


def nerel(tagger: Tagger, bench: Path) -> Counted:
    """Persons and organisations of NEREL (Russian) by overlap."""
    path = bench / "gold" / "nerel_dev.jsonl"
    return _overlap("NEREL, persons and organisations, overlap", tagger, path, "type", {"PERSON", "ORGANIZATION"}, "ru")


def nerel_countries(tagger: Tagger, bench: Path) -> Counted:
    """Countries of NEREL (Russian), exact; an adjective of a country counts where either marks it."""
    items = []
    for document in documents(bench / "gold" / "nerel_dev.jsonl"):
        tags = tagger.tag(None, document["text"], language="ru")
        wanted = set(_spans(document, "type", {"COUNTRY"}, inside=True))
        nations = set(_spans(document, "type", {"NATIONALITY"}, inside=True))
        found = {(p.start, p.end) for p in tags.places if p.kind == "country"} - (nations - wanted)
        items.append(exact(wanted, found))
    return Counted("NEREL, countries, exact", tuple(items))


def msnbc(tagger: Tagger, bench: Path) -> Counted:
    """Mentions of any type of MSNBC that a place or an actor overlaps: look at the recall."""
    items = []
    for document in documents(bench / "gold" / "entities_msnbc-updated.jsonl"):
        tags = tagger.tag(None, document["text"], language="en")
        found = mentions(tags) + [(p.start, p.end) for p in tags.places]
        wanted = [(e["start"], e["end"]) for e in document["entities"]]
        right = sum(any(start < b and a < end for a, b in found) for start, end in wanted)
        items.append(Counts(right, len(found), len(wanted)))
    return Counted("MSNBC, mentions of any type, overlap", tuple(items))


def five(tagger: Tagger, corpus: Path, *, cleaned: bool, states: bool) -> Counted:
    """Actors of the five documents: the span, and one id of ours for all mentions of an actor (of a state, its own)."""
    gold = json.loads((corpus / "gold.json").read_text("utf-8"))
    items = tuple(_five(tagger, corpus, seed, cleaned, states) for seed in gold["seeds"])
    which = "states" if states else "named actors"
    return Counted(f"five documents, {which}, {'cleaned' if cleaned else 'raw'} text", items)


def _five(tagger: Tagger, corpus: Path, seed: dict[str, Any], cleaned: bool, states: bool) -> Counts:
    raw = (corpus / seed["file"]).read_text("utf-8")
    noise = [(mark["start"], mark["end"]) for mark in seed["boilerplate"]]
    kept = [i for i in range(len(raw)) if not any(a <= i < b for a, b in noise)] if cleaned else list(range(len(raw)))
    tags = tagger.tag(None, "".join(raw[i] for i in kept))
    found = {
        (kept[m.start], kept[m.end - 1] + 1): actor.actor_id
        for actor in tags.actors
        if (actor.type == "state") is states
        for m in actor.mentions
        if not any(a <= kept[m.start] < b for a, b in noise)
    }
    wanted = {
        (m["start"], m["end"]): m["id"]
        for m in seed["actors"]
        if not m.get("in_boilerplate") and m["id"].startswith("state:") is states
    }
    ours: dict[str, str] = {}
    right = 0
    for span in sorted(wanted.keys() & found.keys()):
        name = wanted[span]
        right += found[span] == (name if states else ours.setdefault(name, found[span]))
    return Counts(right, len(found), len(wanted))


def quotes_and_links(tagger: Tagger) -> tuple[Counted, Counted]:
    """Quotes (speaker, verb and words) and links of the sentences marked before the code was written."""
    quotes, links = [], []
    for case in tomllib.loads(MARKED.read_text("utf-8"))["case"]:
        headline = case["kind"] == "headlines"
        tags = tagger.tag(case["text"] if headline else None, "" if headline else case["text"])
        names = {actor.actor_id: {m.surface for m in actor.mentions} for actor in tags.actors}
        spots: dict[str, set[str]] = {}
        for place in tags.places:
            spots.setdefault(place.place_id, set()).add(place.surface)
        said = [(names[q.actor_id], [q.verb, case["text"][q.start : q.end]]) for q in tags.quotes]
        right = sum(any(who in ours and told == rest for ours, told in said) for who, *rest in case["quotes"])
        quotes.append(Counts(right, len(said), len(case["quotes"])))
        pairs = [(names[link.actor_id], spots[link.place_id]) for link in tags.links]
        right = sum(any(who in ours and where in places for ours, places in pairs) for who, where in case["links"])
        links.append(Counts(right, len(pairs), len(case["links"])))
    return Counted("marked sentences, quotes with speaker, verb and words", tuple(quotes)), Counted(
        "marked sentences, pairs of actor and place", tuple(links)
    )


def all_measures(tagger: Tagger, bench: Path, corpus: Path | None) -> Iterator[Counted]:
    """Every figure of this module."""
    if corpus is not None:
        for cleaned in (True, False):
            for states in (False, True):
                yield five(tagger, corpus, cleaned=cleaned, states=states)
    for measure in (re3d, re3d_unnamed, msnbc, aida, nerel, nerel_countries):
        yield measure(tagger, bench)
    yield from quotes_and_links(tagger)


def measures(bench: Path) -> Iterator[Measure]:
    """The figures of the card: F1, and recall where the material marks more than persons and organisations.

    The five documents are measured where their folder stands beside the bench material.
    """
    tagger, corpus = Tagger.load(), bench.parent / "corpus"
    for counted in all_measures(tagger, bench, corpus if corpus.is_dir() else None):
        material, _, name = counted.name.partition(", ")
        if material == "MSNBC":
            yield Measure("tags", f"{name}, recall", material, _recall, {OURS: counted.items})
        else:
            yield Measure("tags", f"{name}, F1", material, _f1, {OURS: counted.items})


def _f1(items: Sequence[Counts]) -> float:
    return Counted("", tuple(items)).f1


def _recall(items: Sequence[Counts]) -> float:
    return Counted("", tuple(items)).recall
