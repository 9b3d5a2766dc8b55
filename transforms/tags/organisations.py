"""Organisations that no pack knows: by a noun such as Agency, by an acronym, by "the" or a town before the name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from schemas.records import Actor
from transforms.tags.actors import Found, Mention, abbreviates
from transforms.tags.lexicon import (
    COMMON_WORDS,
    FEATURES,
    GIVEN_NAMES,
    NAME_OPENERS,
    ORGANISATION_HEADS,
    PLAIN_ACRONYMS,
    SHORT_HEADS,
    STOP_CAPITALS,
    STREETS,
    THINGS,
)
from transforms.tags.runs import Run, add_mention, before, has_article, span_of, text_of
from transforms.tags.text import Document, fold
from transforms.tags.word_kinds import is_role

_SOURCE_BEFORE = frozenset(("told", "by", "to", "with", "the", "on"))
_ACRONYM = re.compile(r" \(([A-Z][A-Za-z.&/-]{1,9})\)")
_SINGLE = re.compile(r" (?:[a-z]|\d{1,2})(?!\w)")
_ROMAN = re.compile(r"[IVXLC]+")
_SHOUTED = COMMON_WORDS | STOP_CAPITALS | THINGS
"""Words that a writer sets in capitals to stress them."""
_NO_HEAD = THINGS | FEATURES | STREETS


class Organisations:
    """The organisations that a text names in full, and the short forms under which it names them again."""

    def __init__(self) -> None:
        self._short: dict[str, str] = {}

    def add(self, identifier: str, words: Sequence[str]) -> None:
        """Adds one full mention; the latest owner of a short form wins."""
        if len(words) > 1:
            self._short[words[-1]] = identifier
            self._short.setdefault(words[0], identifier)
            if "of" in words[1:]:
                self._short[words[words.index("of", 1) - 1]] = identifier

    def short(self, word: str) -> str | None:
        """The organisation that a single word stands for."""
        return self._short.get(word)


@lru_cache(maxsize=4096)
def slug(name: str) -> str:
    """Lower-case words of a name joined by hyphens; letters of any script stay."""
    return "-".join(re.findall(r"[^\W_]+", fold(name).lower()))


def take_headed(
    document: Document, run: Run, beside: tuple[int | None, int | None], found: Found, known: Organisations
) -> bool:
    """A name with a noun such as Agency in it, and the place name that belongs to it.

    Args:
        beside: Start of a place name that ends where the run starts, and end of one that starts a word behind it.
    """
    place_before, place_after = beside
    start, end = span_of(document, run)
    if place_before is not None and document.gap(run.first) == " ":  # "Tokyo University"
        start = place_before
    elif (
        place_after is not None
        and document.folded[end : end + 4] == " of "
        and not is_role(document.words.form[run.first])
    ):
        end = place_after  # "University of Tokyo"
    elif run.last - run.first == 1:
        single = _SINGLE.match(document.folded, end)  # "Channel 5"
        if single is None or run.first == 0 or document.words.form[run.first - 1] not in _SOURCE_BEFORE:
            return False
        end = single.end()
    identifier = _add(document, start, end, "name", 0.7, found)
    known.add(identifier, document.folded[start:end].split())
    bracket = _ACRONYM.match(document.folded, end)
    if bracket and abbreviates(bracket[1], fold(text_of(document, start, end))):
        found.acronyms.setdefault(bracket[1], identifier)
    return True


def take_source(document: Document, run: Run, found: Found) -> bool:
    """An outlet named as a source: in capitals after "according to", "told", "reported by"."""
    word = document.words.form[run.first]
    if not (word.isupper() and len(word) >= 3 and run.first > 0):
        return False
    last = document.words.form[run.first - 1]
    further = document.words.form[run.first - 2] if run.first > 1 else ""
    if not (last == "told" or (last in ("to", "by") and further in ("according", "reported", "published"))):
        return False
    _add(document, *span_of(document, run), "source", 0.5, found)
    return True


def take_loose(
    document: Document, run: Run, beside: tuple[int | None, int | None], found: Found, known: Organisations
) -> bool:
    """What is left: an acronym, a name after "the", a name after a town, "Radio" before one.

    Args:
        beside: Start of a place name that ends where the run starts, and end of one that starts where it ends.
    """
    place_before, place_after = beside
    words = document.words.form[run.first : run.last]
    if place_after is not None and words[-1] in NAME_OPENERS and document.gap(run.last) == " ":
        _add(document, document.words.start[run.first], place_after, "name", 0.4, found)
        return True
    if len(words) == 1 and words[0].isupper():
        if words[0] in found.acronyms or not _is_acronym(document, run, words[0]):
            return False
        _add(document, *span_of(document, run), "acronym", 0.5, found)
        return True
    town_before = place_before is not None and document.gap(run.first) == " "
    article = not town_before and has_article(document, run.first)
    if len(words) == 1 and not (town_before or article):
        return False
    if words[-1] in _NO_HEAD or words[0] in THINGS or any(len(word) < 2 for word in words):
        return False
    (start, end), score = span_of(document, run), 0.4
    if place_before is not None and town_before:  # "the Oslo Eagles"
        start = place_before
    elif not article:
        if document.opens(run.first) or not _stands_out(document, run):
            return False
        score = 0.3
    elif len(words) == 1 and not _is_group(document, run, words[0]):
        return False
    identifier = _add(document, start, end, "name", score, found)
    known.add(identifier, document.folded[start:end].split())
    return True


def take_short(document: Document, run: Run, found: Found, known: Organisations) -> bool:
    """A short form of an organisation named in full elsewhere, or its head alone: "the Commission"."""
    if run.last - run.first != 1 or run.role:
        return False
    word = document.words.form[run.first]
    identifier, head = known.short(word), word in SHORT_HEADS
    if identifier is None and not head:
        return False
    article = before(document, run.first).lower() == "the"
    if identifier is not None and (article or not (word in ORGANISATION_HEADS or document.writes_small(word))):
        add_mention(document, run, identifier, "coref", found)
        return True
    if not head or not (article or not document.opens(run.first)):
        return False
    _add(document, *span_of(document, run), "head", 0.3, found)
    return True


def add_acronyms(document: Document, found: Found) -> None:
    """Mentions of the acronyms that the text itself defined."""
    if not found.acronyms:
        return
    starts = {mention.start for mention in found.mentions}
    for index in document.capitals:
        identifier = found.acronyms.get(document.words.form[index])
        start = document.words.start[index]
        if identifier is not None and start not in starts:
            found.mentions.append(Mention(start, document.words.end[index], identifier, "acronym"))


def _is_acronym(document: Document, run: Run, word: str) -> bool:
    """Capitals that are no common abbreviation, no number, and no part of a line in capitals."""
    if not 2 <= len(word) <= 6 or word in PLAIN_ACRONYMS or _ROMAN.fullmatch(word) or not word.isalpha():
        return False
    if word.capitalize() in _SHOUTED or document.writes_small(word):
        return False
    forms = document.words.form
    if (run.first and len(forms[run.first - 1]) > 2 and forms[run.first - 1].isupper()) or (
        run.last < document.size
        and (document.gap(run.last) == "-" or (len(forms[run.last]) > 2 and forms[run.last].isupper()))
    ):
        return False
    return len(word) > 2 or has_article(document, run.first)


def _stands_out(document: Document, run: Run) -> bool:
    """Whether small words stand around: in headlines with Every Word Like This capitals mean nothing."""
    forms = document.words.form
    around = forms[max(0, run.first - 4) : run.first] + forms[run.last : run.last + 4]
    small = sum(word.islower() and len(word) > 3 for word in around)
    capital = sum(word[0].isupper() for word in around)
    return small > 0 and small >= capital and not all(word.isupper() for word in forms[run.first : run.last])


def _is_group(document: Document, run: Run, word: str) -> bool:
    """A plural after "the" inside a sentence: the members stand for the whole."""
    opens = run.first > 1 and document.opens(run.first - 1)
    return word.endswith("s") and not word.endswith("ss") and not opens and word not in GIVEN_NAMES


def _add(document: Document, start: int, end: int, match: str, score: float, found: Found) -> str:
    name = text_of(document, start, end)
    identifier = f"org:{slug(name)}"
    if identifier not in found.described:
        found.described[identifier] = Actor(identifier, name, "organisation", provisional=True, score=score)
    found.mentions.append(Mention(start, end, identifier, match))
    return identifier
