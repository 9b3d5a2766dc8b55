"""Measured quality, against stated floors: on the five documents and on TR-News, neither of which is in the project."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.card import actors as card
from tests.card.counts import Counted, Counts, exact
from transforms.tags.tagger import Tagger

MANIFEST = Path(__file__).resolve().parents[2] / "corpus" / "manifest.toml"
DOCUMENTS = tomllib.loads(MANIFEST.read_text("utf-8"))["document"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gold(corpus_dir: Path) -> dict[str, dict[str, Any]]:
    loaded = json.loads((corpus_dir / "gold.json").read_text("utf-8"))
    return {seed["file"]: seed for seed in loaded["seeds"]}


def raw_and_cleaned(corpus_dir: Path, seed: dict[str, Any]) -> tuple[str, str]:
    raw = (corpus_dir / seed["file"]).read_text("utf-8")
    marks = sorted((mark["start"], mark["end"]) for mark in seed["boilerplate"])
    starts = [0, *(end for _, end in marks)]
    ends = [*(start for start, _ in marks), len(raw)]
    return raw, "".join(raw[start:end] for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["file"][:3])
def test_region_of_raw_and_cleaned_text(
    tagger: Tagger, document: dict[str, Any], gold: dict[str, dict[str, Any]], corpus_dir: Path
) -> None:
    for text in raw_and_cleaned(corpus_dir, gold[document["file"]]):
        tags = tagger.tag(None, text)
        assert tags.region == document["region"]
        assert {score.country for score in tags.countries[:2]} == {"AF", "TJ"}
        assert set(document["actors"]) <= {actor.actor_id for actor in tags.actors}


def test_places_of_the_five(tagger: Tagger, gold: dict[str, dict[str, Any]], corpus_dir: Path) -> None:
    assert Counted("places", tuple(places_of(tagger, seed, corpus_dir) for seed in gold.values())).f1 >= 0.97


def places_of(tagger: Tagger, seed: dict[str, Any], corpus_dir: Path) -> Counts:
    """A place inside the name of an actor may be found or not."""
    tags = tagger.tag(None, raw_and_cleaned(corpus_dir, seed)[0])
    noise = [(mark["start"], mark["end"]) for mark in seed["boilerplate"]]
    marked = [m for m in seed["places"] if not m.get("in_boilerplate") and not m["id"].startswith("place:border")]
    wanted = {(m["start"], m["end"]) for m in marked if not m.get("nested_in_actor")}
    allowed = {(m["start"], m["end"]) for m in marked} - wanted
    found = {(p.start, p.end) for p in tags.places if not any(a <= p.start < b for a, b in noise)}
    return exact(wanted, found - allowed)


@pytest.mark.parametrize("cleaned", [True, False])
def test_actors_of_the_five(tagger: Tagger, corpus_dir: Path, cleaned: bool) -> None:
    assert card.five(tagger, corpus_dir, cleaned=cleaned, states=False).f1 >= 0.95
    assert card.five(tagger, corpus_dir, cleaned=cleaned, states=True).f1 >= 0.92


def test_names_of_others_material(tagger: Tagger, bench_dir: Path) -> None:
    assert card.msnbc(tagger, bench_dir).recall >= 0.86
    assert card.aida(tagger, bench_dir).f1 >= 0.7
    assert card.re3d(tagger, bench_dir).f1 >= 0.59
    assert card.re3d_unnamed(tagger, bench_dir).f1 >= 0.75


def test_russian(tagger: Tagger, bench_dir: Path) -> None:
    assert card.nerel(tagger, bench_dir).f1 >= 0.8
    assert card.nerel_countries(tagger, bench_dir).f1 >= 0.88


def test_tr_news(tagger: Tagger, bench_dir: Path, tmp_path: Path) -> None:
    gold = bench_dir / "gold" / "places_trnews.jsonl"
    predicted = {}
    for line in gold.read_text("utf-8").splitlines():
        article = json.loads(line)
        predicted[article["id"]] = [
            {"start": p.start, "end": p.end, "country": p.country, "lat": p.lat, "lon": p.lon}
            for p in tagger.tag(None, article["text"]).places
        ]
    path = tmp_path / "predicted.json"
    path.write_text(json.dumps(predicted), encoding="utf-8")
    command = [sys.executable, str(bench_dir / "score" / "eval_places.py"), str(gold), str(path)]
    figures = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert figures["exact_f1"] >= 0.88
    assert figures["country_acc_matched"] >= 0.95
    assert figures["doc_country_f1"] >= 0.89
