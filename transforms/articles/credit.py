"""The news agency that a page credits outside its text: in the byline, in its markup, or in a note below the article.

Authors are people, and an article's text is cut clean of bylines and notes, so the credit would be lost with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from transforms.articles.agencies import agency_of
from transforms.articles.masthead import Masthead, names_of
from transforms.articles.witnesses import Witnesses

_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline",
    "dc.source", "dcterms.source", "source", "article:author_name",
)  # fmt: skip
_MAX_CHARS = 120
_BY = re.compile(r"(?i)^\W*(?:by|from|source|via|with|agency|источник|منبع)\b\s*[:：]?\s*")
_NAMED = re.compile(r"(?i)author|by-?line|agency|provider|news-?source|article-?source|story-?source")
_PICTURED = re.compile(r"(?i)figure|caption|photo|image|picture|video|media")
_PICTURE = re.compile(r"(?i)\b(?:photo|image|picture|video|illustration|getty|фото|عکس)")


def find_credit(said: Witnesses, masthead: Masthead) -> str | None:
    """Agency that the markup or the byline of a page names; None where neither names one.

    Args:
        said: The page's witnesses.
        masthead: What stands around its headline.
    """
    metas = (content for name in _METAS for content in said.meta.get(name, ()))
    for statement in (*said.article.credits, *metas):
        if len(statement) <= _MAX_CHARS and (agency := agency_of(statement)) is not None:
            return agency
    return next((agency for element in masthead.elements if (agency := _shown(element)) is not None), None)


def credit_in_notes(lines: Iterable[str]) -> str | None:
    """Agency that lines name which were cut off a text: bylines, sources, copyright; notes on pictures are left out."""
    for line in lines:
        if len(line) <= _MAX_CHARS and not _PICTURE.search(line) and (agency := agency_of(line)) is not None:
            return agency
    return None


def _shown(element: Any) -> str | None:
    """Agency in a text around the headline that begins like a byline or stands in what is named after one."""
    text = element.text or ""
    agency = agency_of(text) if 2 <= len(text) <= _MAX_CHARS else None
    if agency is None:
        return None
    above = element.getparent()
    called = names_of(element) + " " + (names_of(above) if above is not None else "")
    labelled = _BY.match(text) or (above is not None and above.text and _BY.match(above.text))
    return agency if (labelled or _NAMED.search(called)) and not _is_pictured(element) else None


def _is_pictured(element: Any) -> bool:
    near = [element, *element.iterancestors()][:4]
    return any(node.tag in {"figure", "figcaption", "picture"} or _PICTURED.search(names_of(node)) for node in near)
