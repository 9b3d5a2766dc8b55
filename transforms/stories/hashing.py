"""Words of a text as 64-bit hashes, whole texts at a time: what all sketches of a text are made of.

The words are hashed by numpy over the text's code points: a string per word and per run of words, and a call for each,
cost several times as much. The hashes are the same on every machine and in every process.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

# Spellings that differ between outlets while the word is the same: invisible joiners and stretching (Persian, Arabic),
# the two codings of Persian yeh and kaf, the Russian yo that most papers print as ye, the Uzbek turned comma.
# Replaced one by one: a translation table costs as much as all the rest together.
_SAME_LETTER = (
    ("\u00ad", ""),
    ("\u0640", ""),
    ("\u200b", ""),
    ("\u200c", ""),
    ("\u200d", ""),
    ("\u064a", "\u06cc"),
    ("\u0649", "\u06cc"),
    ("\u0643", "\u06a9"),
    ("\u0451", "\u0435"),
    ("\u02bb", "'"),
    ("\u02bc", "'"),
)
# Scripts written without blanks: each letter counts as a word, else a sentence would be one.
_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Myanmar, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # kana, Han
)
# Vowel signs and accents that Python's \w leaves out and that would cut a word in pieces.
_MARKS = "\u0300-\u036f\u05b0-\u05bd\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0963\u0966-\u0dff\u0f71-\u0fbc"
_LETTER = re.compile(rf"[\w{_MARKS}{_UNSPACED}]")
_UNSPACED_LETTER = re.compile(rf"([{_UNSPACED}])")

_WORD, _SPECIAL = 1, 3
"""A code point belongs to a word; to a word, after a replacement."""
_BASE = 0x9E3779B97F4A7C15
_FACTOR = np.uint64(0x632BE59BD9B4E019)
_30, _27, _31 = np.uint64(30), np.uint64(27), np.uint64(31)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text.

    Attributes:
        folded: The text as it is compared: NFKC, case folded, spellings of one letter made one.
        hashes: One per word, in order. A word is an unbroken run of letters, digits and marks.
        starts: Where each word begins in `folded`.
    """

    folded: str
    hashes: Hashes
    starts: npt.NDArray[np.intp]


def hash_words(text: str) -> Words:
    """The words of a text, hashed.

    The hash is a polynomial over the code points. All words' sums come from one running sum over the text: what a word
    adds to it, divided by the power of the place where the word starts (the base is odd, so its powers have inverses).
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    points = _points(folded)
    kinds = _kinds()[points]
    if kinds.size and kinds.max() == _SPECIAL:
        folded = _replaced(folded)
        points = _points(folded)
        kinds = _kinds()[points] & _WORD
    within = np.zeros(points.size + 2, np.int8)
    within[1:-1] = kinds
    edges = np.flatnonzero(within[1:] != within[:-1])
    starts, ends = edges[::2], edges[1::2]
    powers, inverse = _powers(1 << points.size.bit_length())
    sums = np.zeros(points.size + 1, np.uint64)
    np.cumsum((points + 1) * powers[: points.size], out=sums[1:])
    return Words(folded, mixed((sums[ends] - sums[starts]) * inverse[starts]), starts)


def has_unspaced(text: str) -> bool:
    """Whether a text has letters of a script that is written without blanks."""
    return _UNSPACED_LETTER.search(text) is not None


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _replaced(folded: str) -> str:
    for variant, letter in _SAME_LETTER:
        folded = folded.replace(variant, letter)
    return _UNSPACED_LETTER.sub(r" \1 ", folded)


def join_runs(first: Hashes, after: int, second: Hashes) -> Hashes:
    """Hash of each run together with the one that begins `after` words later; empty where there are too few."""
    count = min(first.size, second.size - after)
    if count <= 0:
        return np.zeros(0, np.uint64)
    return mixed(first[:count] * _FACTOR + second[after : after + count])


def distinct(hashes: Hashes) -> Hashes:
    """Hashes in order, each once."""
    ordered = np.sort(hashes)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if ordered.size else ordered


def mixed(values: Hashes) -> Hashes:
    """The finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014): every bit depends on every bit."""
    values = values ^ (values >> _30)
    values *= _FIRST
    values ^= values >> _27
    values *= _SECOND
    values ^= values >> _31
    return values


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.int8]:
    """By code point, what it is to a word; made at first use, in some tens of milliseconds."""
    low = "".join(map(chr, range(0x20000)))
    table = np.zeros(0x110000, np.int8)
    table[[ord(letter) for letter in _LETTER.findall(low)]] = _WORD
    table[[ord(letter) for letter in _UNSPACED_LETTER.findall(low)]] = _SPECIAL
    table[0x20000:0x3FFFE] = _SPECIAL
    table[[ord(variant) for variant, _ in _SAME_LETTER]] = _SPECIAL
    return table


@lru_cache(maxsize=32)
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """The first powers of the base, and of its inverse, modulo 2^64; for texts of up to `count` letters."""
    inverse = pow(_BASE, -1, 1 << 64)
    made = (np.multiply.accumulate(np.full(count + 1, base, np.uint64)) for base in (_BASE, inverse))
    powers, inverses = made
    return powers, inverses
