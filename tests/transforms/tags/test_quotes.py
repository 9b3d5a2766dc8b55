"""Quotes and links on the sentences of `marked/quotes.toml`, which were marked before the code was written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.card.actors import quotes_and_links
from transforms.tags.quotation_marks import quoted_spans
from transforms.tags.tagger import Tagger


def test_quotes_and_links_of_the_marked_sentences(tagger: Tagger) -> None:
    for measure in quotes_and_links(tagger):
        assert measure.n == 120
        assert measure.precision >= 0.9
        assert measure.recall >= 0.9


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


@settings(deadline=None)
@given(st.text(alphabet='ab \n"“”‘’«».,'))
def test_spans_rise_and_never_overlap(text: str) -> None:
    reached = 0
    for span in quoted_spans(text):
        assert reached <= span.left < span.start <= span.end <= span.right <= len(text)
        reached = span.right


PIECES = ["Rosa Tirado", "NATO", "said", "told", "called", "according to", "According to", "that", "“", "”", '"', ", "]
PIECES += [". ", "\n", "\n\n", ": ", "the", "Lima", "’", "‘", "he was", "\u00a0", "as", "(", "“No,”", "Moscow", "Col."]


@settings(deadline=None)
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
