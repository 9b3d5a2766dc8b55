"""What a text states: names, numbers, and who is quoted with which words; as small sets of hashes.

Wording alone errs twice. A template (a daily bulletin, a report of a match) repeats its wording with other names and
numbers; a rewritten or back-translated report keeps names, numbers and some quoted words while its wording changes.
Names are read off capital letters within sentences, so scripts without them have none, and nothing is concluded there.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple
from zlib import crc32

import numpy as np

from transforms.stories.hashing import Hashes, Words, distinct, has_unspaced

NAMES_KEPT, NUMBERS_KEPT = 32, 16
QUOTED_WORDS = 8
"""Shorter quotations are titles, nicknames and scare quotes, which unrelated texts share."""
QUOTED_RUN = 4
QUOTE_KEYS = 8

_TITLE_BYTES = 6
_LONGER_WORD = re.compile(r"\w{5,}")
_STEM = 4
_TELLING = 3
"""Letters of a longer word of the title that must stand in the text: the rest may be inflected. A title of fewer than
_TELLING such words may have none of them in its text."""

# A capital after a letter, or a comma, and a blank: not the first word of a sentence, a line or a quotation.
_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞĞİŞŁŚŻŽŠČĆĐΑ-ΩЀ-Я](?:(?<=[^\W\d_] .)|(?<=, .))[^\W\d_]{2,}")
_NUMBER = re.compile(r"\d(?:[\d.,]*\d)?")
_QUOTED = re.compile(r'“([^“”]{30,1200})[”“]|«([^«»]{30,1200})»|„([^„“”]{30,1200})[“”]|"([^"\n]{30,1200})"')


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text states: a sketch of each kind, two bytes a member.

    Attributes:
        names: Words with a capital within a sentence.
        numbers: Without the marks between their digits.
        quotes: Keys of quoted runs of words.
        title: Hash of the title's words; empty where there is none.
    """

    names: bytes = b""
    numbers: bytes = b""
    quotes: bytes = b""
    title: bytes = b""

    def pack(self) -> bytes:
        """All of it as one value, each part behind its length."""
        return b"".join(bytes([len(part)]) + part for part in (self.names, self.numbers, self.quotes, self.title))

    @classmethod
    def unpack(cls, packed: bytes) -> Facts:
        """What was packed; nothing of nothing."""
        parts, place = [], 0
        while place < len(packed):
            end = place + 1 + packed[place]
            parts.append(packed[place + 1 : end])
            place = end
        return cls(*parts)


def facts_of(text: str, title: Words | None, quoted: Sequence[int]) -> Facts:
    """The facts of a text, given its title's words and the keys of what it quotes."""
    return Facts(
        names=_kept((name.casefold() for name in _NAME.findall(text)), NAMES_KEPT),
        numbers=_kept((n.replace(",", "").replace(".", "") for n in _NUMBER.findall(text)), NUMBERS_KEPT),
        quotes=_packed([key & 0xFFFF for key in quoted]),
        title=b"" if title is None else blake2b(title.hashes.tobytes(), digest_size=_TITLE_BYTES).digest(),
    )


def tells_title(title: Words, folded: str) -> bool:
    """Whether a folded text says at least one longer word of its title.

    True also where the title has too few of them to tell, or stands in a script without blanks.
    """
    stems = {word[:_STEM] for word in _LONGER_WORD.findall(title.folded)}
    return len(stems) < _TELLING or has_unspaced(title.folded) or any(stem in folded for stem in stems)


def quoted_keys(words: Words, runs: Hashes) -> list[int]:
    """Hashes of quoted runs: of each quotation the least one, then each one's second, QUOTE_KEYS at most.

    Args:
        runs: Hash of the run of QUOTED_RUN words that begins at each word.
    """
    found = []
    for quoted in _QUOTED.finditer(words.folded):
        first, last = np.searchsorted(words.starts, quoted.span(quoted.lastindex or 0))
        if last - first >= QUOTED_WORDS:
            found.append(distinct(runs[first : last - QUOTED_RUN + 1])[:QUOTE_KEYS].tolist())
    turns = [quotation[turn] for turn in range(QUOTE_KEYS) for quotation in found if turn < len(quotation)]
    return list(dict.fromkeys(turns))[:QUOTE_KEYS]


def _kept(found: Iterable[str], most: int) -> bytes:
    """The least hashes of a set, in order (bottom-k sketch: E. Cohen, H. Kaplan, PODC 2007)."""
    return _packed(sorted({crc32(member.encode("utf-8", "surrogatepass")) >> 16 for member in found})[:most])


def _packed(members: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(members)}H", *members)


def quotations_shared(a: Facts, b: Facts) -> int:
    """How many keys of quoted runs two texts have in common."""
    return len(set(_members(a.quotes)).intersection(_members(b.quotes)))


class Agreement(NamedTuple):
    """How far two sketches agree.

    Attributes:
        shared: Members that both have.
        of: Members that could be compared, of the poorer one.
    """

    shared: int
    of: int

    @property
    def share(self) -> float:
        """Share of the poorer one's members that the other has too; 0 where there are none."""
        return self.shared / self.of if self.of else 0.0


def agreement(a: bytes, b: bytes, most: int) -> Agreement:
    """Compares two sketches of at most `most` members.

    Members count up to the least hash at which one of the two breaks off: beyond it a member may only be cut off.
    """
    ours, theirs = _members(a), _members(b)
    if len(ours) == most or len(theirs) == most:
        end = min(part[-1] for part in (ours, theirs) if len(part) == most)
        ours, theirs = tuple(m for m in ours if m <= end), tuple(m for m in theirs if m <= end)
    return Agreement(len(set(ours).intersection(theirs)), min(len(ours), len(theirs)))


def _members(sketch: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sketch) // 2}H", sketch)
