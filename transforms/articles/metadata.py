"""Metadata of one parsed page: title, authors, date, section, lead, image, canonical link, language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from transforms.articles.authors import find_authors
from transforms.articles.credit import find_credit
from transforms.articles.dates import Moment
from transforms.articles.elements import Elements
from transforms.articles.masthead import Masthead
from transforms.articles.paywall import find_paywall
from transforms.articles.published import find_published
from transforms.articles.sites import site_names
from transforms.articles.titles import find_title
from transforms.articles.witnesses import collect, heading_of

_SECTION_METAS = ("article:section", "parsely-section", "section", "category", "sailthru.section")
_LEAD_METAS = ("description", "og:description", "twitter:description", "dc.description")
_IMAGE_METAS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")
_MAX_LEAD_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of its article; None or empty where it says nothing. `page_title` is the bare title element,
    `wire_credit` the news agency that byline or markup credit."""

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
    is_paywalled: bool | None
    wire_credit: str | None


def read_metadata(tree: Any, *, url: str, fetched_at: datetime) -> Metadata:
    """Read all metadata from one parsed page; the tree is not changed.

    Args:
        tree: Any element of the parsed page.
        url: Its address after redirects; relative links are resolved against it.
        fetched_at: No date of publication lies later than this, save for a small allowance.
    """
    page = Elements(tree.getroottree().getroot())
    said = collect(page)
    calls_itself = (said.first("og:site_name"), said.article.publisher, said.first("application-name", "twitter:site"))
    names = site_names(url, (*calls_itself, *said.logos))
    lead = said.first(*_LEAD_METAS) or said.article.description
    image = said.first(*_IMAGE_METAS) or said.article.image
    title = find_title(said, names)
    masthead = Masthead.around(heading_of(page, title))
    return Metadata(
        title=title,
        authors=find_authors(page, said, names, masthead),
        published=find_published(page, said, url=url, masthead=masthead, latest=fetched_at),
        section=said.article.section or said.first(*_SECTION_METAS),
        lead=lead[:_MAX_LEAD_CHARS] if lead else None,
        image_url=_absolute(url, image),
        canonical=_absolute(url, said.canonical) or _absolute(url, said.first("og:url")),
        language=said.language or said.article.language,
        body=said.article.body,
        page_title=said.title,
        is_paywalled=find_paywall(said),
        wire_credit=find_credit(said, masthead),
    )


def _absolute(base: str, link: str | None) -> str | None:
    """A link made absolute; None for none, or for one that leads to no http(s) address."""
    if not link:
        return None
    try:
        absolute = urljoin(base, link.strip())
        return absolute if urlsplit(absolute).scheme in {"http", "https"} else None
    except ValueError:
        return None
