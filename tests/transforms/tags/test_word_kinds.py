"""Kinds of words against what they say of a word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from transforms.tags.lexicon import ROLE_WORDS, STOP_CAPITALS
from transforms.tags.text import Document
from transforms.tags.word_kinds import BROKEN, CAPITAL, KINDS, REMEMBERED, ROLE, SMALL, STOP, is_role, mark


@given(st.text(min_size=1, max_size=12))
def test_kind_tells_letters_and_lists(word: str) -> None:
    kind = KINDS[word]
    assert bool(kind & SMALL) == word[0].islower()
    assert bool(kind & CAPITAL) == word[0].isupper()
    assert bool(kind & STOP) == (word in STOP_CAPITALS)
    assert bool(kind & BROKEN) == (not word.isalnum())


def test_roles_are_known_in_any_case() -> None:
    word = min(ROLE_WORDS)
    assert is_role(word)
    assert is_role(word.upper())
    assert KINDS[word.capitalize()] & ROLE
    assert not is_role("granite")


def test_a_mark_finds_its_words_and_is_given_once() -> None:
    pebble = mark(("pebble", "Pebble"))
    document = Document(None, "Pebble upon pebble, but PEBBLE is another word.")
    assert document.marked(pebble) == [0, 2]
    assert mark({"Pebble", "pebble"}) == pebble
    assert mark(("boulder",)) != pebble


def test_few_words_are_kept() -> None:
    for number in range(REMEMBERED + 10):
        KINDS[f"x{number}"]
    assert len(KINDS) <= REMEMBERED
    assert KINDS["Said"] & CAPITAL
