"""The gazetteer's names, looked up by what a text says at a token: a sorted block of bytes and offsets into it.

A quarter of a million names in an automaton took 57 MB more at the peak of loading, and were no quicker in news: its
capitalised words repeat, so that most answers are remembered.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from transforms.tags.text import Words

Match = tuple[int, int, int, int, int]
"""Start and negated end offset, name, and tokens [first, last): sorted, the longest of the leftmost comes first."""
REMEMBERED = 16_384
"""Words and pairs of words whose answer is kept ready."""


class NameIndex:
    """Sorted names by number.

    Args:
        block: The names in UTF-8, sorted, parted by line feeds.
        starts: Offset of each name in the block, and one beyond the end of the last name's line.
        small: First words of the names that begin with a small letter ("the Gambia").
    """

    def __init__(self, block: bytes, starts: array[int], small: frozenset[str]) -> None:
        self._block, self._starts = block, starts
        self.small = small
        self.get = lru_cache(maxsize=REMEMBERED)(self._search)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> bytes:
        return self._block[self._starts[number] : self._starts[number + 1] - 1]

    def _search(self, text: str) -> tuple[int, bool]:
        """The number of the name that a text is, -1 where it is none, and whether longer names may begin with it."""
        key = text.encode("utf-8")
        number = bisect_left(self, key)
        if number == len(self):
            return -1, False
        name = self[number]
        exact = name == key
        if exact:
            name = self[number + 1] if number + 1 < len(self) else b""
        # A blank and ASCII's marks sort before all letters, so of the longer names one that goes on with them is first.
        longer = name.startswith(key) and not (text.isascii() and name[len(key) : len(key) + 1].isalnum())
        return number if exact else -1, longer

    def find(self, folded: str, words: Words, tokens: Iterable[int]) -> list[Match]:
        """All names in a folded text that start with one of some tokens and end where a word ends."""
        get, forms, starts, ends = self.get, words.form, words.start, words.end
        size, count = len(folded), len(starts)
        found: list[Match] = []
        for first in tokens:
            name, longer = get(forms[first])
            if name < 0 and not longer:
                continue
            start, last = starts[first], first
            while True:
                end, last = ends[last], last + 1
                if name >= 0 and (end == size or not folded[end].isalnum()):
                    found.append((start, -end, name, first, last))
                if not longer:
                    break
                mark = folded[end : end + 1]
                if mark in _CLOSING:
                    end += 2 if mark == "'" else 1
                    name, _ = get(folded[start:end])
                    if name >= 0 and not folded[end : end + 1].isalnum():
                        found.append((start, -end, name, first, last))
                if last == count:
                    break
                name, longer = get(folded[start : ends[last]])
        return found


_CLOSING = frozenset(".)'")
"""What may close a name and belongs to no token: "Ky.", the s of "St. John's" included."""
