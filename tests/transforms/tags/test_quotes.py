"""Quotes and links on the sentences of `marked/quotes.toml`, which were marked before the code was written."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Tags
from transforms.tags.quotes import quoted_spans
from transforms.tags.tagger import Tagger

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).with_name("marked") / "quotes.toml").read_text("utf-8"))[
    "case"
]


def tag(tagger: Tagger, case: dict[str, Any]) -> Tags:
    headline = case["kind"] == "headlines"
    return tagger.tag(case["text"] if headline else None, "" if headline else case["text"])


def quotes_of(tags: Tags, text: str) -> list[tuple[str, str, str]]:
    """(all names of the speaker in the text, verb, quoted words) of each quote."""
    names = {actor.actor_id: {mention.surface for mention in actor.mentions} for actor in tags.actors}
    return [("|".join(sorted(names[q.actor_id])), q.verb, text[q.start : q.end]) for q in tags.quotes]


def score(tagger: Tagger) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {"quotes": Counter(), "links": Counter()}
    for case in CASES:
        tags = tag(tagger, case)
        found = quotes_of(tags, case["text"])
        wanted = [tuple(quote) for quote in case["quotes"]]
        right = sum(
            any(speaker in names.split("|") and (verb, words) == (v, w) for names, v, w in found)
            for speaker, verb, words in wanted
        )
        add(sums["quotes"], right, len(found), len(wanted))
        surfaces = {place.place_id: place.surface for place in tags.places}
        actors = {actor.actor_id: actor.mentions[0].surface for actor in tags.actors}
        linked = {(actors[link.actor_id], surfaces[link.place_id]) for link in tags.links}
        marked = {tuple(link) for link in case["links"]}
        add(sums["links"], len(linked & marked), len(linked), len(marked))
    return sums


def add(sums: Counter[str], right: int, found: int, wanted: int) -> None:
    sums.update(right=right, found=found, wanted=wanted)


def test_quotes_and_links_of_the_marked_sentences(tagger: Tagger) -> None:
    sums = score(tagger)
    for name, floor in (("quotes", 0.9), ("links", 0.9)):
        figures = sums[name]
        assert figures["right"] / figures["found"] >= floor
        assert figures["right"] / figures["wanted"] >= floor


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“One,” she said. “Two.”", ["One,", "Two."]),
        ('"One," she said. "Two."', ["One,", "Two."]),
        ("«Один», сказал он.", ["Один"]),
        ("He said: ‘It’s one,’ and left.", ["It’s one,"]),
        ("“He said ‘one’ twice.”", ["He said ‘one’ twice."]),
        ("“A first paragraph.\n“A second one.”", ["A first paragraph.", "A second one."]),
        ('An inch is 1" long.\nNo more.', []),
    ],
)
def test_quoted_spans(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in quoted_spans(text)] == expected


@given(st.text(alphabet='ab \n"“”‘’«».,'))
def test_spans_rise_and_never_overlap(text: str) -> None:
    reached = 0
    for span in quoted_spans(text):
        assert reached <= span.left < span.start <= span.end <= span.right <= len(text)
        reached = span.right


PIECES = ["Rosa Tirado", "NATO", "said", "told", "called", "according to", "According to", "that", "“", "”", '"', ", "]
PIECES += [". ", "\n", "\n\n", ": ", "the", "Lima", "’", "‘", "he was", "\u00a0", "as", "(", "“No,”", "Moscow", "Col."]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_order_of_words_gives_spans_of_the_text(tagger: Tagger, pieces: list[str]) -> None:
    text = " ".join(pieces)
    tags = tagger.tag(None, text)
    for quote in tags.quotes:
        assert 0 <= quote.start < quote.end <= len(text)
    for link in tags.links:
        assert 0 <= link.start < link.end <= len(text)


def test_a_quote_names_an_actor_of_the_row(tagger: Tagger) -> None:
    tags = tagger.tag("Moscow: Base will stay open", "“No,” said Rosa Tirado in Lima.\nNATO said that it would wait.")
    actors = {actor.actor_id for actor in tags.actors}
    assert {quote.actor_id for quote in tags.quotes} == {"state:RU", "per:rosa-tirado", "nato"}
    assert {quote.actor_id for quote in tags.quotes} <= actors
    assert {(link.actor_id, link.place_id) for link in tags.links} == {("per:rosa-tirado", tags.places[-1].place_id)}
