"""The date that a page shows its reader: near the headline, or in an element that is named after dates.

For pages whose markup names no date. A date in running prose is anybody's and never looked at; one that the page calls
an update is taken only where it shows no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from transforms.articles.dates import Moment
from transforms.articles.masthead import Masthead, names_of
from transforms.articles.worded import HAS_YEAR, MAX_CHARS, parse_worded

_MAX_OTHER_WORDS = 12  # words beside the date in its line
_MAX_CLASSED = 40
_DATE_TAGS = ("time", "span", "div", "p", "li", "abbr", "small", "em")
_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "option", "button", "textarea", "title"})
_MARGINS = frozenset({"footer", "aside", "nav", "form", "select", "blockquote"})
_ELSEWHERE = re.compile(
    r"(?i)related|comment|sidebar|footer|copyright|archive|widget|popular|recent|latest|trending|calendar|event|teaser"
    r"|recommend|read-?more|promo|carousel|ticker"
)
_NAMED = re.compile(r"(?i)publi(?:sh|c)|post(?:ed|-?date|-?meta|-?time)|date|time|stamp|byline|meta|fecha|datum|дата")
_CHANGED = re.compile(
    r"(?i)\b(?:updated?|modified|last|reviewed|revised|actuali[sz]\w+|aktuali\w+|mis\sà\sjour|обновл\w+|изменен\w*)\b"
    r"|به‌?روز"
)
_WORD = re.compile(r"[^\W\d_]+")


def visible_date(root: Any, masthead: Masthead, *, language: str | None, latest: datetime) -> Moment | None:
    """The date of publication that a page shows.

    Args:
        root: The page.
        masthead: What stands around its headline.
        language: BCP 47 tag of the page, or None.
        latest: Bound for dates.

    Returns:
        A moment from "text"; one that the page calls an update comes last. None where nothing is shown.
    """
    changed: Moment | None = None
    for element in _candidates(root, masthead):
        line = _line(element)
        moment = parse_worded(line, language=language, latest=latest) if line is not None else None
        if moment is None or _words_beside(line or "") > _MAX_OTHER_WORDS:
            continue
        if not _CHANGED.search(line or "") and not _CHANGED.search(names_of(element)):
            return moment
        changed = changed or moment
    return changed


def _candidates(root: Any, masthead: Masthead) -> Iterator[Any]:
    """Elements whose own text holds a year: below the headline, above it, and those named after dates."""
    yield from _dated(masthead.elements)
    named = (
        e for e in root.iter("time", "span", "div", "p", "li", "abbr", "small", "em") if _NAMED.search(names_of(e))
    )
    yield from islice(_dated(named), _MAX_CLASSED)


def _dated(elements: Iterable[Any]) -> Iterator[Any]:
    for element in elements:
        if _own_text_has_year(element) and not _lies_elsewhere(element):
            yield element


def _own_text_has_year(element: Any) -> bool:
    if element.tag in _SKIPPED:
        return False
    own = [element.text, *(child.tail for child in element)] if len(element) < 20 else [element.text]
    return any(text and len(text) <= 4 * MAX_CHARS and HAS_YEAR.search(text) for text in own)


def _lies_elsewhere(element: Any) -> bool:
    """True within the page's margins, or inside what is named after other stories."""
    for depth, node in enumerate((element, *element.iterancestors())):
        if node.tag in {"article", "main", "body"}:
            return False
        if node.tag in _MARGINS or (depth < 5 and _ELSEWHERE.search(names_of(node))):
            return True
    return False


def _line(element: Any) -> str | None:
    """The text that a date stands in; None for prose."""
    text = " ".join(" ".join(element.itertext()).split())
    return text if len(text) <= MAX_CHARS else None


def _words_beside(line: str) -> int:
    return len(_WORD.findall(line))
