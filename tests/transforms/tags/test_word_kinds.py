"""Kinds of words against what they say of a word."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from transforms.tags.lexicon import ROLE_WORDS, STOP_CAPITALS
from transforms.tags.text import Document
from transforms.tags.word_kinds import BROKEN, CAPITAL, REMEMBERED, ROLE, SMALL, STOP, is_role, kinds_of, mark


@given(st.text(min_size=1, max_size=12))
def test_kind_tells_letters_and_lists(word: str) -> None:
    (kind,) = kinds_of([word])
    assert bool(kind & SMALL) == word[0].islower()
    assert bool(kind & CAPITAL) == word[0].isupper()
    assert bool(kind & STOP) == (word in STOP_CAPITALS)
    assert bool(kind & BROKEN) == (not word.isalnum())


def test_roles_are_known_in_any_case() -> None:
    word = min(ROLE_WORDS)
    assert is_role(word)
    assert is_role(word.upper())
    assert kinds_of([word.capitalize()])[0] & ROLE
    assert not is_role("granite")


def test_a_mark_finds_its_words_and_is_given_once() -> None:
    pebble = mark(("pebble", "Pebble"))
    document = Document(None, "Pebble upon pebble, but PEBBLE is another word.")
    assert document.marked(pebble) == [0, 2]
    assert mark({"Pebble", "pebble"}) == pebble
    assert mark(("boulder",)) != pebble


def test_a_mark_given_later_holds_for_words_seen_before() -> None:
    before = kinds_of(["gravel", "Gravel"])
    gravel = mark(("gravel",))
    assert kinds_of(["gravel", "Gravel"]) == [before[0] | gravel, before[1]]


def test_marks_given_at_once_differ() -> None:
    with ThreadPoolExecutor(8) as threads:
        marks = list(threads.map(lambda number: mark((f"stone{number}",)), range(40)))
    assert len(set(marks)) == 40
    assert kinds_of([f"stone{number}" for number in range(40)]) == [SMALL | each for each in marks]


def test_more_words_than_are_remembered_have_their_kinds() -> None:
    words = [f"X{number}" for number in range(REMEMBERED + 10)]
    assert set(kinds_of(words)) == {CAPITAL}
    assert kinds_of(["Said"]) == kinds_of(["Said", "X1"])[:1]
