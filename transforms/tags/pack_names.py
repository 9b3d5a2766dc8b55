"""The names of packs in a text, in any script: looked up by their first word, then compared as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from transforms.tags.text import Document
from transforms.tags.word_kinds import BROKEN, mark

_RUN = re.compile(r"[^\W_]+")
_POSSESSIVE = "s"
"""No key, as `'s` is no token; the next run stands for a name such as "'s-Hertogenbosch"."""


class PackNames:
    """Folded names by number.

    Args:
        names: The names; one without a letter or digit is never found.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._by_run: dict[str, list[tuple[int, str, int]]] = {}
        for number, name in enumerate(names):
            key = next((run for run in _RUN.finditer(name) if run.group() != _POSSESSIVE), None)
            if key is not None:
                self._by_run.setdefault(key.group(), []).append((key.start(), name, number))
        self._mark = mark(self._by_run)

    def find(self, document: Document) -> list[tuple[int, int, int]]:
        """All (start, end, name) that begin and end where letters and digits do: the longest of the leftmost first."""
        folded, size, by_run = document.folded, len(document.folded), self._by_run
        found = []
        for at, run in self._runs(document):
            for lead, name, number in by_run[run]:
                start = at - lead
                end = start + len(name)
                if start < 0 or not folded.startswith(name, start) or (end < size and folded[end].isalnum()):
                    continue
                if not lead or start == 0 or not folded[start - 1].isalnum():
                    found.append((start, -end, number))
        found.sort()
        return [(start, -end, number) for start, end, number in found]

    def _runs(self, document: Document) -> Iterable[tuple[int, str]]:
        """The runs of letters and digits with which a name may begin, and their offsets."""
        by_run, starts = self._by_run, document.words.start
        forms = document.words.form
        runs = [(starts[index], forms[index]) for index in document.marked(self._mark)]
        for index in document.marked(BROKEN):
            runs += [
                (starts[index] + run.start(), run.group())
                for run in _RUN.finditer(forms[index])
                if run.group() in by_run
            ]
        return runs
