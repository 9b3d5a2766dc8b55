"""Which date, section, language and image of a page are taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml.html import document_fromstring

from transforms.articles.metadata import Metadata, read_metadata

LATEST = datetime(2024, 5, 20, 12, tzinfo=UTC)


def read(head: str = "", body: str = "", url: str = "https://example.com/a", lang: str = "") -> Metadata:
    tree = document_fromstring(f"<html{lang}><head>{head}</head><body>{body}<p>Text.</p></body></html>")
    return read_metadata(tree, url=url, fetched_at=LATEST)


def ld(published: str) -> str:
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{published}"}}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("head", "body", "raw"),
    [
        (
            ld("2024-03-09T10:00:00Z") + meta("article:published_time", "2024-03-08T10:00:00Z"),
            "",
            "2024-03-09T10:00:00Z",
        ),
        (ld("soon") + meta("article:published_time", "2024-03-08T10:00:00Z"), "", "2024-03-08T10:00:00Z"),
        (ld("2024-03-09") + meta("article:published_time", "2024-03-09T10:00+05:00"), "", "2024-03-09T10:00+05:00"),
        (ld("2024-03-09") + meta("article:published_time", "2024-03-10T10:00+05:00"), "", "2024-03-09"),
        (
            meta("article:modified_time", "2024-03-09T10:00:00Z"),
            '<time datetime="2024-03-07">7 March</time>',
            "2024-03-07",
        ),
        ("", '<span itemprop="datePublished" content="2024-03-09">x</span>', "2024-03-09"),
        ("", '<div class="post-meta published"><time datetime="2024-03-09T08:00Z">x</time></div>', "2024-03-09T08:00Z"),
        ("", '<time itemprop="dateModified" class="updated" datetime="2024-03-09">x</time>', None),
        (meta("article:published_time", "2034-03-09T10:00:00Z"), "", None),
        ("", "", None),
    ],
)
def test_date_of_publication(head: str, body: str, raw: str | None) -> None:
    published = read(head, body).published
    assert (published.raw if published else None) == raw


def test_the_page_is_believed_before_its_address() -> None:
    url = "https://example.com/2024/03/01/flood"
    on_page = read(ld("2024-03-02"), url=url).published
    in_url = read(url=url).published
    assert on_page is not None
    assert in_url is not None
    assert (on_page.source, on_page.day.day, in_url.source, in_url.day.day) == ("page", 2, "url", 1)


def test_links_are_absolute_web_addresses() -> None:
    found = read('<link rel="canonical" href="/b"><meta property="og:image" content="//cdn.example.com/i.jpg">')
    assert (found.canonical, found.image_url) == ("https://example.com/b", "https://cdn.example.com/i.jpg")
    found = read('<link rel="canonical" href="http://[x"><meta property="og:image" content="data:image/png;base64,AA">')
    assert (found.canonical, found.image_url) == (None, None)


@pytest.mark.parametrize(
    ("head", "lang", "language"),
    [
        ("", ' lang="ps-AF"', "ps-AF"),
        (meta("og:locale", "ru_RU"), "", "ru_RU"),
        ('<meta http-equiv="content-language" content="tg">', "", "tg"),
        ("", "", None),
    ],
)
def test_language_as_declared(head: str, lang: str, language: str | None) -> None:
    assert read(head, lang=lang).language == language


def test_section_and_lead() -> None:
    found = read(meta("article:section", "Transport") + '<meta name="Description" content=" Two  ships. ">')
    assert (found.section, found.lead) == ("Transport", "Two ships.")
