"""Date of publication of a page, from what its markup, its address and its visible text say."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from htmldate import find_date
from lxml.etree import LxmlError

from transforms.articles.dates import AHEAD, EARLIEST_YEAR, Moment, date_of_url, parse_date
from transforms.articles.elements import MARGINS, Elements, lies_in
from transforms.articles.masthead import Masthead
from transforms.articles.visible import visible_date
from transforms.articles.witnesses import Witnesses, text_of
from transforms.articles.worded import parse_worded

_DATE_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "publish-date",
    "publish_date", "publishdate", "publication_date", "publicationdate", "pubdate", "parsely-pub-date",
    "published_time", "published-date", "published_at", "article.published", "article:published",
    "article_date_original", "originalpublicationdate", "sailthru.date", "cxenseparse:recs:publishtime",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dcterms.date", "dc.date",
    "citation_publication_date", "date", "displaydate", "datecreated", "bt:pubdate", "rnews:datepublished",
    "article.created", "ptime", "pub_date", "prism.publicationdate", "search.date", "sdate", "timestamp", "published",
)  # fmt: skip
_MAX_TIMES = 30
_PUBLISHED_HINTS = ("publish", "pubdate", "posted", "entry-date", "created", "byline", "dateline")
_OTHER_HINTS = ("updated", "modified", "comment", "related", "expire", "event")
_MAX_DATE_CHARS = 80
# Pages built by scripts carry their data along as JSON in a script, where quotation marks may be escaped.
_IN_SCRIPT = re.compile(
    r"""["'](?:date_?published|published_?(?:at|on|date|time)|publish_?(?:date|time|ed)|publication_?(?:date|time)"""
    r"""|first_?publi(?:shed|cation)_?(?:at|date|time)?|pub_?date)\\?["']\s*[:,]\s*\\?["'](?P<raw>[^"'\\]{8,40})\\?["']""",
    re.IGNORECASE,
)
_MAX_IN_SCRIPTS = 50
_WEST_HOURS = 9
"""Hours of the UTC day in which it is still yesterday somewhere in America."""

_EAST_HOURS = 10
"""Hours of the UTC day in which it is already tomorrow somewhere in East Asia or Australia."""

_CHANGED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")

logging.getLogger("htmldate").setLevel(logging.CRITICAL)  # its complaints about a page are no news to our users


def find_published(page: Elements, said: Witnesses, *, url: str, masthead: Masthead, latest: datetime) -> Moment | None:
    """Date of publication, by the first witness that gives a readable one; None where none does.

    The order: JSON-LD, meta elements (both may give it in words), microdata and `time` elements, data in scripts, what
    the page shows beside its headline, the address. Where the address names a day and a later witness agrees with it,
    that one is believed: the first is then an update's. So is an earlier day of the markup that the page shows. Of two
    spellings of one moment the one with more in it is kept: a clock before a bare day, a local offset before UTC.

    Args:
        page: The page.
        said: Its witnesses.
        url: Its address after redirects.
        masthead: What stands around its headline.
        latest: Bound for dates.
    """
    stated = list(_stated(said, latest))
    marked, plain = _from_elements(page, said.language, latest)
    in_url = date_of_url(url, latest=latest)
    known = [*stated, *marked, *plain]

    def look() -> Moment | None:
        return visible_date(page, masthead, language=said.language, latest=latest, thorough=not known)

    chosen = next(iter(known), None)
    if chosen is not None:
        if in_url is not None and in_url.day != chosen.day:
            chosen = next((moment for moment in known if moment.day == in_url.day), chosen)
        elif any(moment.day < chosen.day for moment in known):
            chosen = _shown_earlier(chosen, known, look())
        return _as_local(_fullest(chosen, known), in_url, look)
    shown = look()
    agreeing = {moment.day for moment in (shown, in_url) if moment is not None}
    return _in_scripts(page, agreeing, latest) or shown or in_url or _searched(page, said, latest)


def _stated(said: Witnesses, latest: datetime) -> Iterator[Moment]:
    raws: Iterable[str | None] = (
        said.article.published,
        *(content for name in _DATE_METAS for content in said.meta.get(name, ())[:1]),
        *said.article.also_published,
    )
    for raw in raws:
        moment = _read(raw, said.language, latest) if raw else None
        if moment is not None:
            yield moment


def _read(raw: str, language: str | None, latest: datetime) -> Moment | None:
    """A date of the markup, written for machines or in words."""
    moment = parse_date(raw, latest=latest)
    if moment is not None or len(raw) > _MAX_DATE_CHARS:
        return moment
    worded = parse_worded(raw, language=language, latest=latest)
    return replace(worded, source="page") if worded is not None else None


def _shown_earlier(chosen: Moment, known: list[Moment], shown: Moment | None) -> Moment:
    """The earlier of two dates of the markup, where it is the one that the page shows: the other is an update's."""
    if shown is None or shown.day >= chosen.day:
        return chosen
    return next((moment for moment in known if moment.day == shown.day), chosen)


def _fullest(chosen: Moment, known: list[Moment]) -> Moment:
    """The same moment as the witness tells it that says most of it."""
    if chosen.precision not in {"minute", "second"}:
        chosen = next(
            (other for other in known if other.day == chosen.day and other.precision in {"minute", "second"}), chosen
        )
    if not chosen.offset_min and chosen.precision != "day":
        chosen = next((other for other in known if other.at == chosen.at and other.offset_min), chosen)
    return chosen


def _as_local(moment: Moment, in_url: Moment | None, look: Callable[[], Moment | None]) -> Moment:
    """The moment with the publisher's own day, where the markup gives UTC and the address or the page another day.

    The instant stays as stated. Only a clock from which a zone on Earth can lead to that day is corrected.
    """
    if moment.offset_min or moment.precision not in {"minute", "second"}:
        return moment
    step = -1 if moment.at.hour < _WEST_HOURS else 1 if moment.at.hour >= 24 - _EAST_HOURS else 0
    if step == 0:
        return moment
    near = moment.day + timedelta(days=step)
    for witness in (in_url, None):
        told = witness if witness is not None else look()
        if told is not None:
            return replace(moment, day=near, offset_min=None) if told.day == near else moment
    return moment


def _from_elements(page: Elements, language: str | None, latest: datetime) -> tuple[list[Moment], list[Moment]]:
    """Dates of microdata and `time` elements: those marked as publication, and the first that is not marked as
    something else."""
    marked, plain = [], []
    for element in _times(page)[:_MAX_TIMES]:
        raw = element.get("datetime") or element.get("content") or element.get("title") or text_of(element)
        moment = _read(raw, language, latest) if len(raw) <= _MAX_DATE_CHARS else None
        if moment is None:
            continue
        if any(hint in _hints(element) for hint in _PUBLISHED_HINTS):
            marked.append(moment)
        elif not _is_other(element):
            plain.append(moment)
    return marked, plain[:1]


def _times(page: Elements) -> list[Any]:
    """Elements that carry a date for machines."""
    return page.ordered(
        (
            *(node for node, value in page.with_attribute("itemprop") if "datePublished" in value.split()),
            *(node for node in page.named("time") if node.get("datetime") is not None and not lies_in(node, *MARGINS)),
            *(node for node in page.named("abbr") if "published" in (node.get("class") or "") and node.get("title")),
        )
    )


def _is_other(element: Any) -> bool:
    hints = _hints(element)
    return any(hint in hints for hint in _OTHER_HINTS)


def _hints(element: Any) -> str:
    """What an element and its parent are called, and whether it carries HTML's old `pubdate` mark."""
    around = [node for node in (element, element.getparent()) if node is not None]
    names = [node.get(name) or "" for node in around for name in ("itemprop", "class", "id")]
    return " ".join([*names, "pubdate"] if element.get("pubdate") is not None else names).lower()


def _in_scripts(page: Elements, agreeing: set[Any], latest: datetime) -> Moment | None:
    """Date in the data of scripts: the one day that they name, or the one that another witness names too.

    They may describe other stories as well; several days with no other witness say nothing.
    """
    found: list[Moment] = []
    scripts = (node for node in page.named("script") if node.get("src") is None)
    for script in (node.text for node in scripts if node.text and "ld+json" not in (node.get("type") or "")):
        for match in _IN_SCRIPT.finditer(script):
            moment = parse_date(match["raw"], latest=latest)
            if moment is not None:
                found.append(moment)
            if len(found) >= _MAX_IN_SCRIPTS:
                break
    days = {moment.day for moment in found}
    wanted = days & agreeing if agreeing else days
    return next((moment for moment in found if moment.day in wanted), None) if len(wanted) == 1 else None


def _searched(page: Elements, said: Witnesses, latest: datetime) -> Moment | None:
    """Day that htmldate finds in the markup, without its search of the running text, which guesses.

    It falls back on the day of the last change, which is no date of publication.
    """
    try:
        found = find_date(
            page.root,
            extensive_search=False,
            original_date=True,
            min_date=f"{EARLIEST_YEAR}-01-01",
            max_date=(latest + AHEAD + timedelta(days=1)).strftime("%Y-%m-%d"),
        )
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError, LxmlError):
        return None  # a page that its heuristics trip over has no date as far as we can tell
    moment = parse_date(found, latest=latest) if found else None
    raws = [*map(said.first, _CHANGED_METAS), *(node.get("datetime") for node in _times(page) if _is_other(node))]
    changed = {each.day for raw in raws if raw and (each := parse_date(raw, latest=latest))}
    return None if moment is None or moment.day in changed else replace(moment, source="text")
