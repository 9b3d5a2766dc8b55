"""The five documents, by the command that a user runs, against what a careful reader found in them."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from tests.pipelines.runs import rows, run

MANIFEST = tomllib.loads((Path(__file__).resolve().parents[1] / "corpus" / "manifest.toml").read_text(encoding="utf-8"))
DOCUMENTS = MANIFEST["document"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gold(corpus_dir):
    seeds = json.loads((corpus_dir / "gold.json").read_text(encoding="utf-8"))["seeds"]
    return {seed["file"]: seed for seed in seeds}


@pytest.fixture(scope="module")
def articles(corpus_dir, tmp_path_factory):
    out = tmp_path_factory.mktemp("corpus") / "news"
    summary = run(out, documents=[corpus_dir])
    assert (summary.seen, summary.written) == (5, 5)
    found = rows(out, "SELECT parse_filename(url), title, text, region, countries, actors, published_at FROM articles")
    names = ("title", "text", "region", "countries", "actors", "published_at")
    return {str(row[0]): dict(zip(names, row[1:], strict=True)) for row in found}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["file"][:3])
def test_the_document_is_the_one_that_was_annotated(document, corpus_dir):
    assert hashlib.sha256((corpus_dir / document["file"]).read_bytes()).hexdigest() == document["sha256"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["file"][:3])
def test_title_and_text_without_boilerplate_and_without_loss(document, articles, gold, corpus_dir):
    article, seed = articles[document["file"]], gold[document["file"]]
    assert article["title"] == seed["title"]
    raw = (corpus_dir / document["file"]).read_text(encoding="utf-8")
    boilerplate = {mark["line"] for mark in seed["boilerplate"]}
    expected = [
        " ".join(line.split())
        for number, line in enumerate(raw.splitlines(), 1)
        if line.strip() and number not in boilerplate and line.strip() != (seed["title"] or "").strip()
    ]
    assert [" ".join(line.split()) for line in article["text"].splitlines()] == expected


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["file"][:3])
def test_region_countries_and_actors(document, articles):
    article = articles[document["file"]]
    assert article["region"] == document["region"] == "tajik-afghan-border"
    assert {c["country"] for c in article["countries"][:2]} == {"AF", "TJ"}
    missing = set(document["actors"]) - {actor["actor_id"] for actor in article["actors"]}
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["file"][:3])
def test_every_actor_that_a_reader_named_is_mentioned_where_the_reader_saw_it(document, articles, gold, corpus_dir):
    """An id of ours may differ from gold's; what must agree is that the actor's mention is found, by its words."""
    article, seed = articles[document["file"]], gold[document["file"]]
    found = {m["surface"].casefold() for actor in article["actors"] for m in actor["mentions"]}
    for actor_id in seed["doc_actors"]:
        surfaces = {
            a["surface"].casefold() for a in seed["actors"] if a["id"] == actor_id and not a.get("in_boilerplate")
        }
        assert any(s in f or f in s for s in surfaces for f in found), f"{actor_id}: {surfaces}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d["file"][:3])
def test_an_undated_text_gets_no_date_and_the_taliban_of_its_time_are_rebels(document, articles):
    article = articles[document["file"]]
    assert article["published_at"] is None
    for actor in article["actors"]:
        if actor["actor_id"] == "taliban":
            assert "GOV" not in actor["plover_sectors"]
