"""Evidence for sharing never gives the article away."""

from __future__ import annotations

import itertools
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.excerpt import evidence, excerpt_schema, excerpted
from tests.factories import article

TEXT = "Nobody was hurt. " * 20 + "Guards met at Ishkashim. " + "Nobody was hurt. " * 20


def row(**changes):
    return {**asdict(article(**changes)), "ingest_date": None}


@st.composite
def tagged(draw):
    text = draw(st.text(min_size=0, max_size=2_000))
    title = draw(st.sampled_from(["", "A title"])) or None
    offset = len(title) + 2 if title else 0
    spans = draw(st.lists(st.tuples(st.integers(0, offset + len(text)), st.integers(0, 40)), max_size=60))
    mentions = sorted((a, min(a + n, offset + len(text)), str(i)) for i, (a, n) in enumerate(spans))
    return title, text, mentions, draw(st.integers(0, 2_500))


@given(tagged())
def test_evidence_is_true_and_within_its_bounds_in_all(case):
    title, text, mentions, limit = case
    body = f"{title}\n\n{text}" if title else text
    pieces = evidence(title, text, mentions, limit)
    assert all(body[p["start"] : p["end"]] == p["words"] for p in pieces)
    assert sum(len(p["words"]) for p in pieces) <= min(limit, len(text) // 3)
    assert all(a["end"] <= b["start"] for a, b in itertools.pairwise(pieces)), "no word is given twice"
    spans = {tag: (start, end) for start, end, tag in mentions}
    assert all(p["start"] <= spans[p["id"]][0] and spans[p["id"]][1] <= p["end"] for p in pieces)


def test_evidence_shows_the_words_around_a_mention():
    start = TEXT.index("Ishkashim")
    (piece,) = evidence(None, TEXT, [(start, start + 9, "pack:ishkashim")], 100)
    assert "Guards met at Ishkashim. Nobody" in piece["words"]
    assert len(piece["words"]) <= 100


@pytest.mark.parametrize("limit", [0, 20])
def test_a_limit_of_nothing_gives_nothing_beyond_it(limit):
    assert sum(len(p["words"]) for p in evidence(None, TEXT, [(340, 346, "guards")], limit)) <= limit


def test_a_row_for_sharing_holds_the_named_columns_and_none_of_the_text():
    secret = "The whole of this long sentence must not be found anywhere in the row that is shared. "
    shared = excerpted(row(text=secret * 5, lead=secret, places=()), 300)
    assert set(shared) == set(excerpt_schema().names)
    assert secret not in str(shared)
    assert not {"text", "lead", "authors", "guid", "archive_ref"} & set(shared)
    assert {"title", "source", "url", "published_at", "places", "actors", "region", "evidence"} <= set(shared)


def test_a_later_revision_gives_no_more_of_the_text():
    assert excerpted(row(text=TEXT), 300)["evidence"] != []
    assert excerpted(row(text=TEXT, supersedes="r1"), 300)["evidence"] == []
