"""The date that a page shows its reader: near the headline, or in an element that is named after dates.

For pages whose markup names no date. A date in running prose is anybody's and never looked at; one that the page calls
an update is taken only where it shows no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from transforms.articles.dates import Moment
from transforms.articles.elements import Elements
from transforms.articles.masthead import Masthead, names_of
from transforms.articles.worded import HAS_YEAR, MAX_CHARS, parse_worded

_MAX_OTHER_WORDS = 12  # words beside the date in its line
_MAX_CLASSED = 40
_DATE_TAGS = ("time", "span", "div", "p", "li", "abbr", "small", "em")
_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "option", "button", "textarea", "title"})
_MARGINS = frozenset({"footer", "aside", "nav", "form", "select", "blockquote"})
_ELSEWHERE = re.compile(
    r"(?i)related|comment|sidebar|footer|copyright|archive|(?<![\w-])widget|popular|recent|latest|trending|calendar|event|teaser"
    r"|recommend|read-?more|promo|carousel|ticker"
)
_NAMED = re.compile(r"(?i)publi(?:sh|c)|post(?:ed|-?date|-?meta|-?time)|date|time|stamp|byline|meta|fecha|datum|дата")
_CHANGED = re.compile(
    r"(?i)\b(?:updated?|modified|last|reviewed|revised|actuali[sz]\w+|aktuali\w+|mis\sà\sjour|обновл\w+|изменен\w*)\b"
    r"|به‌?روز"
)
_FIRST = re.compile(
    r"(?i)\b(?:(?:originally|first)\s+(?:published|posted)|erstmals\s+veröffentlicht|(?:впервые|первоначально)\s+опубликован\w*"
    r"|publicado\s+originalmente|publié\s+initialement)\s*(?:on|at|am|el|le|em)?\s*:?\s*"
    r"(?!(?:in|by)\b)(?=(?:[^\W\d_]{3,12}[,.]?\s){0,2}\d)"  # the date comes next, not another publisher
)
_MAX_FIRST_CHARS = 40  # of a date after the words "originally published"
_WORD = re.compile(r"[^\W\d_]+")
_LIST_LINES = 3
"""Different lines with a date, in elements that are named alike, that are a list of other stories."""


def visible_date(
    page: Elements, masthead: Masthead, *, language: str | None, latest: datetime, thorough: bool = True
) -> Moment | None:
    """The date of publication that a page shows.

    Args:
        page: The page.
        masthead: What stands around its headline.
        language: BCP 47 tag of the page, or None.
        latest: Bound for dates.
        thorough: Look below a date that is shown for one that the page calls the first, which takes time.

    Returns:
        A moment from "text": one that the page calls the first, else the first that it shows; one that it calls an
        update comes last. None where nothing is shown.
    """
    shown: Moment | None = None
    changed: Moment | None = None
    for line, names in _candidates(page, masthead):
        first = _FIRST.search(line)
        if first is not None:
            stated = line[first.end() : first.end() + _MAX_FIRST_CHARS]
            if (moment := parse_worded(stated, language=language, latest=latest)) is not None:
                return replace(moment, raw=line)
        if shown is not None or len(_WORD.findall(line)) > _MAX_OTHER_WORDS:
            continue
        moment = parse_worded(line, language=language, latest=latest)
        if moment is not None and (_CHANGED.search(line) or _CHANGED.search(names)):
            changed = changed or moment
        else:
            shown = moment
        if shown is not None and not thorough:
            return shown
    return shown or changed


def _candidates(page: Elements, masthead: Masthead) -> Iterator[tuple[str, str]]:
    """Lines that hold a year, and what their elements are called: the text after the headline, what stands below and
    above it, and elements named after dates, save lists of them."""
    if HAS_YEAR.search(masthead.tail) and len(masthead.tail) <= MAX_CHARS:
        yield masthead.tail, ""
    yield from _dated(masthead.elements)
    named = list(islice(_dated(e for e in page.named(*_DATE_TAGS) if _is_named(names_of(e))), _MAX_CLASSED))
    alike: dict[str, set[str]] = {}
    for line, names in named:
        alike.setdefault(names, set()).add(line)
    yield from ((line, names) for line, names in named if len(alike[names]) < _LIST_LINES)


@lru_cache(maxsize=4096)
def _is_named(names: str) -> bool:
    """True for what is named after dates; a page calls many elements alike."""
    return _NAMED.search(names) is not None


def _dated(elements: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if _own_text_has_year(element) and not _lies_elsewhere(element):
            line = " ".join(" ".join(element.itertext()).split())
            if len(line) <= MAX_CHARS:  # else it is prose
                yield line, names_of(element)


def _own_text_has_year(element: Any) -> bool:
    if element.tag in _SKIPPED:
        return False
    own = [element.text, *(child.tail for child in element)] if len(element) < 20 else [element.text]
    return any(text and len(text) <= 4 * MAX_CHARS and not text.isspace() and HAS_YEAR.search(text) for text in own)


def _lies_elsewhere(element: Any) -> bool:
    """True within the page's margins, or inside what is named after other stories."""
    for depth, node in enumerate((element, *element.iterancestors())):
        if node.tag in {"article", "main", "body"}:
            return False
        if node.tag in _MARGINS or (depth < 5 and _ELSEWHERE.search(names_of(node))):
            return True
    return False
