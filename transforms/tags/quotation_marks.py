"""Spans of a text between quotation marks, straight ones and those that curve."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKS = re.compile('["“”„«»‘’](?<!\\w‘)(?<!’(?=\\w))')
_STRAIGHT = re.compile('"')
_OPENING = frozenset("“„«‘")


class QuotedSpan(NamedTuple):
    """Words between quotation marks: [start, end) without the marks, [left, right) with them."""

    start: int
    end: int
    left: int
    right: int


def quoted_spans(text: str) -> Iterator[QuotedSpan]:
    """Spans between quotation marks that do not lie in one another.

    Straight marks open and close in turn; a mark left open closes with its paragraph, as the first paragraphs of a long
    quote do. Single marks count only where they curve.
    """
    opened, mark = -1, ""
    if text.isascii() and '"' not in text:
        return
    for match in (_STRAIGHT if text.isascii() else _MARKS).finditer(text):
        char, at = match.group(), match.start()
        line_end = text.find("\n", opened, at) if opened >= 0 else -1
        if line_end >= 0:
            if mark not in ("‘", '"') and line_end - opened > 2:
                yield QuotedSpan(opened + 1, line_end, opened, line_end)
            opened = -1
        if opened < 0:
            if char == '"' or (char in _OPENING and not (char == "‘" and text[at - 1 : at].isalnum())):
                opened, mark = at, char
        elif _closes(mark, char, text[at + 1 : at + 2]):
            yield QuotedSpan(opened + 1, at, opened, at + 1)
            opened = -1
    line_end = text.find("\n", opened) if opened >= 0 else -1
    if mark not in ("‘", '"') and line_end - opened > 2:
        yield QuotedSpan(opened + 1, line_end, opened, line_end)


def _closes(mark: str, char: str, after: str) -> bool:
    """Whether a mark closes the one that is open; an apostrophe inside a word does not."""
    if mark == "‘":
        return char == "’" and not after.isalnum()
    return char in "”»" or (char == '"' and mark in ('"', "“"))
