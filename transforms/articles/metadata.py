"""Metadata of one parsed page: title, authors, date, section, lead, image, canonical link, language."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from htmldate import find_date
from lxml.etree import LxmlError, XPath

from transforms.articles.authors import find_authors
from transforms.articles.dates import AHEAD, EARLIEST_YEAR, Moment, date_of_url, parse_date
from transforms.articles.sites import site_names
from transforms.articles.titles import find_title
from transforms.articles.witnesses import Witnesses, collect, text_of

_DATE_METAS = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "publish-date",
    "publish_date", "publishdate", "publication_date", "publicationdate", "pubdate", "parsely-pub-date",
    "published_time", "published-date", "published_at", "article.published", "article:published",
    "article_date_original", "originalpublicationdate", "sailthru.date", "cxenseparse:recs:publishtime",
    "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date.created", "dcterms.date", "dc.date",
    "citation_publication_date", "date", "displaydate", "datecreated", "bt:pubdate", "rnews:datepublished",
)  # fmt: skip
_TIMES = XPath(
    "//*[@itemprop][contains(concat(' ', @itemprop, ' '), ' datePublished ')]"
    "|//time[@datetime][not(ancestor::aside or ancestor::footer or ancestor::nav)]"
    "|//abbr[contains(@class, 'published')][@title]"
)
_CHANGED_METAS = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")
_MAX_TIMES = 30
_PUBLISHED_HINTS = ("publish", "pubdate", "posted", "entry-date", "created", "byline", "dateline")
_OTHER_HINTS = ("updated", "modified", "comment", "related", "expire", "event")
_SECTION_METAS = ("article:section", "parsely-section", "section", "category", "sailthru.section")
_LEAD_METAS = ("description", "og:description", "twitter:description", "dc.description")
_IMAGE_METAS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")
_MAX_LEAD_CHARS = 2000

logging.getLogger("htmldate").setLevel(logging.CRITICAL)  # its complaints about a page are no news to our users


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of its article; None or empty where it says nothing. `page_title` is the bare title element."""

    title: str | None
    authors: tuple[str, ...]
    published: Moment | None
    section: str | None
    lead: str | None
    image_url: str | None
    canonical: str | None
    language: str | None
    body: str | None
    page_title: str | None


def read_metadata(tree: Any, *, url: str, fetched_at: datetime) -> Metadata:
    """Read all metadata from one parsed page; the tree is not changed.

    Args:
        tree: Any element of the parsed page.
        url: Its address after redirects; relative links are resolved against it.
        fetched_at: No date of publication lies later than this, save for a small allowance.
    """
    said = collect(tree)
    names = site_names(
        url, (said.first("og:site_name"), said.article.publisher, said.first("application-name", "twitter:site"))
    )
    lead = said.first(*_LEAD_METAS) or said.article.description
    image = said.first(*_IMAGE_METAS) or said.article.image
    return Metadata(
        title=find_title(said, names),
        authors=find_authors(tree, said, names),
        published=find_published(tree, said, url=url, latest=fetched_at),
        section=said.article.section or said.first(*_SECTION_METAS),
        lead=lead[:_MAX_LEAD_CHARS] if lead else None,
        image_url=_absolute(url, image),
        canonical=_absolute(url, said.canonical) or _absolute(url, said.first("og:url")),
        language=said.language or said.article.language,
        body=said.article.body,
        page_title=said.title,
    )


def find_published(tree: Any, said: Witnesses, *, url: str, latest: datetime) -> Moment | None:
    """Date of publication, by the first witness that gives a readable one.

    The order: JSON-LD, meta elements, microdata and `time` elements, the address, and at last htmldate's search of the
    markup (without its search of the running text, which guesses). A witness that knows the minute of the day that an
    earlier one gave only as a day is preferred.
    """
    given = [said.article.published, *(content for name in _DATE_METAS for content in said.meta.get(name, ())[:1])]
    moments = [moment for raw in given if raw and (moment := parse_date(raw, latest=latest)) is not None]
    if not moments:
        moments = _from_elements(tree, latest)
    if moments:
        same_day = [
            moment for moment in moments if moment.day == moments[0].day and moment.precision in {"minute", "second"}
        ]
        return moments[0] if moments[0].precision in {"minute", "second"} or not same_day else same_day[0]
    searched = date_of_url(url, latest=latest) or _by_htmldate(tree, latest)
    # htmldate falls back on the day of the last change, which is no date of publication.
    return None if searched is not None and searched.day in _changed(tree, said, latest) else searched


def _changed(tree: Any, said: Witnesses, latest: datetime) -> set[date]:
    """Days that the page calls those of a change."""
    raws = [said.first(name) for name in _CHANGED_METAS]
    raws += [node.get("datetime") for node in _TIMES(tree.getroottree().getroot()) if _names_other(node)]
    moments = (parse_date(raw, latest=latest) for raw in raws if raw)
    return {moment.day for moment in moments if moment is not None}


def _from_elements(tree: Any, latest: datetime) -> list[Moment]:
    """Dates of microdata and `time` elements: those marked as publication first, then the others that are not marked
    as something else, in document order."""
    marked, plain = [], []
    for element in _TIMES(tree.getroottree().getroot())[:_MAX_TIMES]:
        raw = element.get("datetime") or element.get("content") or element.get("title") or text_of(element)
        moment = parse_date(raw, latest=latest) if len(raw) <= 80 else None
        if moment is None:
            continue
        if _names_publication(element):
            marked.append(moment)
        elif not _names_other(element):
            plain.append(moment)
    return marked or plain[:1]


def _names_publication(element: Any) -> bool:
    hints = _hints(element)
    return any(hint in hints for hint in _PUBLISHED_HINTS)


def _names_other(element: Any) -> bool:
    hints = _hints(element)
    return any(hint in hints for hint in _OTHER_HINTS)


def _hints(element: Any) -> str:
    """What an element and its parent are called, and whether it carries HTML's old `pubdate` mark."""
    around = [node for node in (element, element.getparent()) if node is not None]
    names = [node.get(name) or "" for node in around for name in ("itemprop", "class", "id")]
    return " ".join([*names, "pubdate"] if element.get("pubdate") is not None else names).lower()


def _by_htmldate(tree: Any, latest: datetime) -> Moment | None:
    try:
        found = find_date(
            tree,
            extensive_search=False,
            original_date=True,
            min_date=f"{EARLIEST_YEAR}-01-01",
            max_date=(latest + AHEAD + timedelta(days=1)).strftime("%Y-%m-%d"),
        )
    except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError, LxmlError):
        return None  # a page that its heuristics trip over has no date as far as we can tell
    return parse_date(found, latest=latest) if found else None


def _absolute(base: str, link: str | None) -> str | None:
    """A link made absolute; None for none, or for one that leads to no http(s) address."""
    if not link:
        return None
    try:
        absolute = urljoin(base, link.strip())
        return absolute if urlsplit(absolute).scheme in {"http", "https"} else None
    except ValueError:
        return None
