"""Signatures: equal everywhere, and near the truth."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.stories.fingerprint import (
    BANDS,
    MIN_SHINGLES,
    SLOTS,
    Fingerprint,
    estimate_containment,
    estimate_jaccard,
    fingerprint,
    shingles,
    words,
)

GOLDEN_SIGNATURE = bytes(slot % 256 for slot in (3241744847, 1021315207, 1531414100, 3227528013))
GOLDEN_BANDS = ("f2-00-4ce287525e8a", "f2-01-da0cdb8c5965")


def numbered(start: int, stop: int) -> str:
    """A text whose shingles are all different: its overlaps with others can be counted on paper."""
    return " ".join(f"word{n}" for n in range(start, stop))


def print_of(text: str) -> Fingerprint:
    return fingerprint(text)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Taliban forces, said the “ministry” — on Sunday.", "taliban forces said the ministry on sunday"),
        ("The of\ufb01ce", "the office"),
        ("Ещё раз", "еще раз"),
        ("می\u200cشود كابل علي", "میشود کابل علی"),
        ("O\u02bbzbekiston", "O'zbekiston"),
        ("co\u00adoperation", "cooperation"),
        ("cafe\u0301", "café"),
    ],
)
def test_spellings_of_one_word_are_one(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("हिन्दी समाचार", ["हिन्दी", "समाचार"]),
        ("塔利班说2人", ["塔", "利", "班", "说", "2", "人"]),
        ("don't", ["don", "t"]),
        ("", []),
        ("…!", []),
    ],
)
def test_words_of_other_scripts(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_shingles_are_distinct_runs_of_three_words() -> None:
    assert shingles("a b c d") == {"a b c", "b c d"}
    assert shingles("a b c a b c") == {"a b c", "b c a", "c a b"}
    assert shingles("a b") == set()


def test_the_signature_of_a_text_is_pinned() -> None:
    """A change here means that every stored signature is worthless: raise FINGERPRINT_VERSION with it."""
    made, bands = fingerprint(numbered(0, 60))
    assert made.n_shingles == 58
    assert made.signature[:4] == GOLDEN_SIGNATURE
    assert bands[:2] == GOLDEN_BANDS


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
    assert len(set(fingerprint(numbered(0, MIN_SHINGLES + 2))[1])) == BANDS


@given(st.text(max_size=300), st.text(max_size=300))
def test_estimates_are_bounded_symmetric_and_blind_to_white_space(one: str, other: str) -> None:
    a, b = print_of(one), print_of(other)
    assert 0.0 <= estimate_jaccard(a, b) == estimate_jaccard(b, a) <= 1.0
    assert 0.0 <= estimate_containment(a, b) == estimate_containment(b, a) <= 1.0
    assert fingerprint(f"\n {one} \t") == fingerprint(one)
    assert len(a.signature) == (SLOTS if a.n_shingles else 0)
    assert len(fingerprint(one)[1]) in (0, BANDS)


def test_nothing_is_like_nothing() -> None:
    empty = Fingerprint(b"", 0)
    assert estimate_jaccard(empty, empty) == estimate_containment(empty, empty) == 0.0
