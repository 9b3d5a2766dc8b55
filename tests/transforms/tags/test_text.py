"""Folding, tokens and sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.tags.text import Document, fold, fold_name


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Shibirghān", "Shibirghan"),
        ("Kŭhistoni Badakhshon", "Kuhistoni Badakhshon"),
        ("Tajik–Afghan", "Tajik-Afghan"),
        ("Russia’s", "Russia's"),
        ("Łódź", "Lodz"),
        ("Türkiye", "Turkiye"),
        ("Пянҷ", "Пянҷ"),
        ("كابل", "کابل"),
        ("US\u00a0troops", "US troops"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_keeps_length(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_fold_name_composes_first() -> None:
    assert fold_name("Kunduz  u\u0308ber") == "Kunduz uber"


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Russia's U.S.-NATO-led forces", ["Russia", "U.S.", "NATO", "led", "forces"]),
        ("O'Brien can't go", ["O'Brien", "can't", "go"]),
        ("Gen. J. Smith's 201st", ["Gen", "J", "Smith", "201st"]),
        ("W.Va. and B.C.", ["W", "Va", "and", "B.C."]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert Document(None, text).words.form == tokens


def test_offsets_count_title_and_blank_line() -> None:
    document = Document("A title", "Kabul fell.")
    start = document.words.start[document.words.form.index("Kabul")]
    assert document.text[start : start + 5] == "Kabul"
    assert start == len("A title") + 2


def test_empty_title_is_no_title() -> None:
    assert Document("", "Kabul").text == "Kabul"


def test_abbreviations_do_not_end_sentences() -> None:
    document = Document(None, "Col. Gen. Lapin met Mr. Putin. They spoke. “Yes,” he said.")
    assert [document.text[start : start + 4] for start in document.sentence_starts] == ["Col.", "They", "Yes,"]


def test_lead_is_title_and_first_paragraph() -> None:
    document = Document("Title", "First paragraph.\nSecond.")
    assert document.text[: document.lead_end] == "Title\n\nFirst paragraph."
