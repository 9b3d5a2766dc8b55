"""Runs of capitalised words: what may be a name, before anybody says whose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from transforms.tags.actors import Found, Mention
from transforms.tags.lexicon import ABBREVIATIONS, ORGANISATION_HEADS, PARTICLES, ROLE_WORDS, STOP_CAPITALS, TITLES
from transforms.tags.text import Document

HONORIFICS = frozenset(
    ("Mr", "Mrs", "Ms", "Miss", "Dr", "Sir", "Lord", "Lady", "Sheikh", "Mullah", "Gen", "Col", "Sen")
)
_PORTFOLIOS = frozenset(("Interior", "Foreign", "Defence", "Defense"))
_LONGEST = 8


class Run(NamedTuple):
    """Tokens [first, last) that may be one name; `role` tells whether a role or title stands before them."""

    first: int
    last: int
    role: bool


def find_runs(document: Document, blocked: Sequence[bool]) -> Iterator[Run]:
    """Runs of capitalised words between blocked tokens, cut at roles; words that only open a sentence are dropped."""
    words = document.words.form
    reached = 0
    for index in document.capitals:
        word = words[index]
        if index < reached or blocked[index] or word in STOP_CAPITALS:
            continue
        if is_role(word) and not _names_a_body(document, index):
            continue
        reached = _run_end(document, index, blocked)
        role = index > 0 and not blocked[index - 1] and is_role(words[index - 1])
        yield Run(index, reached, role and document.gap(index).strip(" .,") == "")


@lru_cache(maxsize=4096)
def is_role(word: str) -> bool:
    """Whether a word is a role or a title, in any case."""
    return word.lower() in ROLE_WORDS or word in TITLES or word in HONORIFICS


def has_head(words: Sequence[str]) -> bool:
    """Whether a noun such as Agency is among the words."""
    return not ORGANISATION_HEADS.isdisjoint(words)


def written_small(document: Document, word: str) -> bool:
    """Whether a capitalised word stands without its capital elsewhere in the text: then it is a common word."""
    return word.lower() in document.lower_words


def before(document: Document, index: int) -> str:
    """The word before a token with nothing but a blank between, else an empty string."""
    return document.words.form[index - 1] if index > 0 and document.gap(index) == " " else ""


def span_of(document: Document, run: Run) -> tuple[int, int]:
    """Start and end offset of a run."""
    return document.words.start[run.first], document.words.end[run.last - 1]


def text_of(document: Document, start: int, end: int) -> str:
    """The text of a span on one line."""
    return " ".join(document.text[start:end].split())


def add_mention(document: Document, run: Run, identifier: str, match: str, found: Found) -> None:
    """Adds a run as a mention."""
    found.mentions.append(Mention(*span_of(document, run), identifier, match))


def _names_a_body(document: Document, index: int) -> bool:
    """Whether a word that may belong to a role belongs to a body: "Interior" in "the Interior Ministry"."""
    words = document.words.form
    if words[index] not in _PORTFOLIOS or index + 1 >= document.size or document.gap(index + 1) != " ":
        return False
    return words[index + 1] in ORGANISATION_HEADS and not (index > 0 and words[index - 1] in ("of", "for"))


def _run_end(document: Document, first: int, blocked: Sequence[bool]) -> int:
    words = document.words.form
    last = first + 1
    while last < document.size and not blocked[last] and last - first < _LONGEST:
        gap, word = document.gap(last), words[last]
        if gap not in (" ", "-", " & ", ". ") or (gap == ". " and not _abbreviated(words[last - 1])):
            break
        if word[0].isupper() and word not in STOP_CAPITALS and not is_role(word):
            last += 1
            continue
        joins = word in PARTICLES or (word in ("of", "for", "and") and has_head(words[first:last]))
        follower = words[last + 1] if last + 1 < document.size else ""
        capital = follower[:1].isupper() and follower not in STOP_CAPITALS and not blocked[last + 1]
        if joins and gap == " " and capital and document.gap(last + 1) in (" ", "-"):
            last += 2
            continue
        break
    return last


def _abbreviated(word: str) -> bool:
    return word in ABBREVIATIONS or len(word) == 1
