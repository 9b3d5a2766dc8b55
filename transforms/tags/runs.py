"""Runs of capitalised words: what may be a name, before anybody says whose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.tags.actors import Found, Mention
from transforms.tags.lexicon import ABBREVIATIONS, ORGANISATION_HEADS, PARTICLES
from transforms.tags.text import Document
from transforms.tags.word_kinds import CAPITAL, JOINING, ROLE, SMALL, STOP

_PORTFOLIOS = frozenset(("Interior", "Foreign", "Defence", "Defense"))
_LONGEST = 8
_JOINTS = frozenset((" ", "-", " & ", ". "))
_NAMING = CAPITAL | STOP | ROLE


@dataclass(slots=True)
class Run:
    """Tokens [first, last) that may be one name; `role` tells whether a role or title stands before them."""

    first: int
    last: int
    role: bool


def find_runs(document: Document, blocked: Sequence[bool]) -> Iterator[Run]:
    """Runs of capitalised words between blocked tokens, cut at roles; words that only open a sentence are dropped."""
    kinds = [*document.kinds, SMALL]
    reached = 0
    for index in document.capitals:
        kind = kinds[index]
        if kind & STOP or index < reached or blocked[index]:
            continue
        if kind & ROLE and not _names_a_body(document, index):
            continue
        reached = index + 1 if kinds[index + 1] == SMALL else _run_end(document, index, blocked)
        role = index > 0 and kinds[index - 1] & ROLE and not blocked[index - 1]
        yield Run(index, reached, bool(role) and document.gap(index).strip(" .,") == "")


def has_head(words: Sequence[str]) -> bool:
    """Whether a noun such as Agency is among the words."""
    return not ORGANISATION_HEADS.isdisjoint(words)


def before(document: Document, index: int) -> str:
    """The word before a token with nothing but a blank between, else an empty string."""
    return document.words.form[index - 1] if index > 0 and document.gap(index) == " " else ""


def has_article(document: Document, index: int) -> bool:
    """Whether "the" stands before a token with nothing but a blank between."""
    return index > 0 and document.words.form[index - 1] in ("the", "The") and document.gap(index) == " "


def span_of(document: Document, run: Run) -> tuple[int, int]:
    """Start and end offset of a run."""
    return document.words.start[run.first], document.words.end[run.last - 1]


def text_of(document: Document, start: int, end: int) -> str:
    """The text of a span on one line."""
    return " ".join(document.text[start:end].split())


def add_mention(document: Document, run: Run, identifier: str, match: str, found: Found) -> None:
    """Adds a run as a mention."""
    words = document.words
    found.mentions.append(Mention(words.start[run.first], words.end[run.last - 1], identifier, match))


def _names_a_body(document: Document, index: int) -> bool:
    """Whether a word that may belong to a role belongs to a body: "Interior" in "the Interior Ministry"."""
    words = document.words.form
    if words[index] not in _PORTFOLIOS or index + 1 >= document.size or document.gap(index + 1) != " ":
        return False
    return words[index + 1] in ORGANISATION_HEADS and not (index > 0 and words[index - 1] in ("of", "for"))


def _run_end(document: Document, first: int, blocked: Sequence[bool]) -> int:
    words, kinds = document.words.form, document.kinds
    last = first + 1
    end = min(document.size, first + _LONGEST)
    while last < end and not blocked[last]:
        gap = document.gap(last)
        if gap not in _JOINTS or (gap == ". " and not _abbreviated(words[last - 1])):
            break
        if kinds[last] & _NAMING == CAPITAL:
            last += 1
            continue
        if gap != " " or not kinds[last] & JOINING or not _goes_on(document, last + 1, blocked):
            break
        if words[last] not in PARTICLES and not has_head(words[first:last]):
            break
        last += 2
    return last


def _goes_on(document: Document, index: int, blocked: Sequence[bool]) -> bool:
    """Whether a capitalised word that may belong to a name follows a word such as "of"."""
    if index >= document.size or document.kinds[index] & (CAPITAL | STOP) != CAPITAL or blocked[index]:
        return False
    return document.gap(index) in (" ", "-")


def _abbreviated(word: str) -> bool:
    return word in ABBREVIATIONS or len(word) == 1
