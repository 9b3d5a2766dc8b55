"""Signatures: equal everywhere, and near the truth."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.stories.facts import NAMES_KEPT, Agreement, Facts, agreement, quotations_shared
from transforms.stories.fingerprint import (
    MIN_SHINGLES,
    RUN_KEYS,
    SLOTS,
    Fingerprint,
    estimate_containment,
    estimate_jaccard,
    fingerprint,
)
from transforms.stories.hashing import hash_words

GOLDEN_WORDS = (13226515810775135998, 14098620633269733428)
GOLDEN_SIGNATURE = bytes((0, 37, 23, 108, 0, 203, 0, 0, 0, 0, 0, 0))
GOLDEN_BANDS = ("f3-04350e7b2bc244af", "f3-04cf2575c3fe119c")
GOLDEN_FACTS = "06f45e85b120d702078d10332f0403c8991802ca390574b2e424800658473733204a"


def numbered(start: int, stop: int) -> str:
    """A text whose shingles are all different: its overlaps with others can be counted on paper."""
    return " ".join(f"word{n}" for n in range(start, stop))


def print_of(text: str) -> Fingerprint:
    return fingerprint(text)[0]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("Taliban forces, said the “ministry” — on Sunday.", "taliban forces said the ministry on sunday", 7),
        ("The of\ufb01ce", "the office", 2),
        ("Ещё раз", "еще раз", 2),
        ("می\u200cشود كابل علي", "میشود کابل علی", 3),
        ("O\u02bbzbekiston", "O'zbekiston", 2),
        ("co\u00adoperation", "cooperation", 1),
        ("cafe\u0301", "café", 1),
        ("हिन्दी समाचार", "हिन्दी, समाचार!", 2),
        ("塔利班说2人", "塔 利 班 说 2 人", 6),
        ("don't", "don t", 2),
        ("…!", "", 0),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str, count: int) -> None:
    assert hash_words(one).hashes.tolist() == hash_words(other).hashes.tolist()
    assert hash_words(one).hashes.size == count


@given(st.text(max_size=80))
def test_a_word_has_its_hash_wherever_it_stands(text: str) -> None:
    words = hash_words(text)
    again = hash_words(f"one two … {text}")
    assert again.hashes[2:].tolist() == words.hashes.tolist()
    assert all(words.folded[start] for start in words.starts)


def test_the_fingerprint_of_a_text_is_pinned() -> None:
    """A change here means that every stored sketch is worthless: raise FINGERPRINT_VERSION with it."""
    made, bands = fingerprint(numbered(0, 60))
    assert tuple(hash_words("word0 слово").hashes.tolist()) == GOLDEN_WORDS
    assert made.n_shingles == 58
    assert made.signature[:12] == GOLDEN_SIGNATURE
    assert bands[:2] == GOLDEN_BANDS


def test_the_facts_of_a_text_are_pinned() -> None:
    text = (
        "Officials met Marek Dolan in Gdansk on 9 May. “The harbour will open its second basin to fishing boats again.”"
    )
    assert fingerprint(text, "A meeting")[0].facts.hex() == GOLDEN_FACTS


def test_another_process_computes_the_same_bands() -> None:
    code = (
        "import json, sys; from transforms.stories.fingerprint import fingerprint;"
        "print(json.dumps(fingerprint(sys.argv[1])[1]))"
    )
    text = numbered(0, 80)
    answer = subprocess.run([sys.executable, "-c", code, text], capture_output=True, check=True, text=True)
    assert tuple(json.loads(answer.stdout)) == fingerprint(text)[1]


@pytest.mark.parametrize("shared", [0, 60, 150, 240, 300])
def test_estimates_lie_within_four_standard_errors(shared: int) -> None:
    # 302 words each make 300 shingles; the second text starts so late that `shared` of them are common.
    one, other = print_of(numbered(0, 302)), print_of(numbered(300 - shared, 602 - shared))
    jaccard = shared / (600 - shared)
    error = 4 * (jaccard * (1 - jaccard) / SLOTS) ** 0.5
    assert abs(estimate_jaccard(one, other) - jaccard) <= error
    assert abs(estimate_containment(one, other) - shared / 300) <= error * 2


def test_a_part_is_contained_in_the_whole() -> None:
    whole, part = print_of(numbered(0, 402)), print_of(numbered(0, 202))
    assert estimate_containment(whole, part) == estimate_containment(part, whole) == pytest.approx(1.0, abs=0.13)
    assert estimate_jaccard(whole, part) == pytest.approx(0.5, abs=0.13)


def test_a_text_below_the_minimum_has_no_bands() -> None:
    assert fingerprint(numbered(0, MIN_SHINGLES + 1))[1] == ()
    assert len(set(fingerprint(numbered(0, MIN_SHINGLES + 2))[1])) == RUN_KEYS


@given(st.text(max_size=300), st.text(max_size=300))
def test_estimates_are_bounded_symmetric_and_blind_to_white_space(one: str, other: str) -> None:
    a, b = print_of(one), print_of(other)
    assert 0.0 <= estimate_jaccard(a, b) == estimate_jaccard(b, a) <= 1.0
    assert 0.0 <= estimate_containment(a, b) == estimate_containment(b, a) <= 1.0
    assert fingerprint(f"\n {one} \t") == fingerprint(one)
    assert len(a.signature) == (SLOTS if a.n_shingles else 0)
    assert len(fingerprint(one)[1]) <= RUN_KEYS + 8


def test_nothing_is_like_nothing() -> None:
    empty = Fingerprint(b"", 0)
    assert estimate_jaccard(empty, empty) == estimate_containment(empty, empty) == 0.0


QUOTING = "The minister spoke. {0}“The harbour will open its second basin to fishing boats,” he told reporters{1}."


def facts(text: str) -> Facts:
    return Facts.unpack(fingerprint(text)[0].facts)


def test_facts_are_packed_and_unpacked() -> None:
    made = Facts(b"aabb", b"", b"cc", b"123456")
    assert Facts.unpack(made.pack()) == made
    assert Facts.unpack(b"") == Facts()


def test_names_stand_within_sentences_and_numbers_without_marks() -> None:
    one = facts("The envoy of Tartu met Marek Dolan, and Gdansk sent 1,500 tonnes.")
    other = facts("A visit: in Tartu, Dolan counted 1500 of 315.")
    assert agreement(one.names, other.names, NAMES_KEPT) == Agreement(2, 2)
    assert agreement(one.numbers, other.numbers, NAMES_KEPT) == Agreement(1, 1)
    assert agreement(b"", b"", NAMES_KEPT).share == 0.0


def test_members_that_only_one_sketch_has_room_for_do_not_count() -> None:
    low, high = (b"".join(n.to_bytes(2, "little") for n in range(*span)) for span in ((0, 4), (2, 6)))
    assert agreement(low, high, 4) == Agreement(2, 2), "0 to 3 can be seen in both, of the other 2 and 3"


def test_a_quotation_is_found_in_other_marks_and_a_short_one_is_none() -> None:
    one = facts(QUOTING.format("", " in Tashkent"))
    other = facts(QUOTING.format("Yesterday he said: ", "").replace("“", "«").replace("”", "»"))
    assert quotations_shared(one, other) > 0
    assert facts("He sang “The Captain and Me tonight” again.").quotes == b""


@pytest.mark.parametrize(
    ("title", "has_bands"),
    [
        ("Word7 of the day", True),
        (None, True),
        ("Two die in sudden floods near Kulob", False),
        ("A meeting", True),
        ("塔利班说", True),
    ],
)
def test_a_text_that_does_not_speak_of_its_title_has_no_bands(title: str | None, has_bands: bool) -> None:
    assert bool(fingerprint(numbered(0, 200), title)[1]) is has_bands
