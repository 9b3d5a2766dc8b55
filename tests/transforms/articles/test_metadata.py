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
        ('<meta name="published" content="March 9, 2024">', "", "March 9, 2024"),
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
        ("", '<li itemprop="datePublished"><time>March 9th, 2024</time></li>', "March 9th, 2024"),
        ("", '<time itemprop="dateModified" class="updated" datetime="2024-03-09">x</time>', None),
        (ld("March 9, 2024"), '<div class="post-date">May 2, 2024</div>', "March 9, 2024"),
        (ld("03/04/2024"), '<div class="post-date">May 2, 2024</div>', "May 2, 2024"),
        (meta("article:published_time", "2034-03-09T10:00:00Z"), "", None),
        ("", "", None),
    ],
)
def test_date_of_publication(head: str, body: str, raw: str | None) -> None:
    published = read(head, body).published
    assert (published.raw if published else None) == raw


@pytest.mark.parametrize(
    ("body", "day", "raw"),
    [
        ("<h1>Bridge reopens</h1><div>By Ida Holm</div><p>March 9, 2024</p>", "2024-03-09", "March 9, 2024"),
        ("<div>9 March 2024</div><h1>Bridge reopens</h1>", "2024-03-09", "9 March 2024"),
        ("<h1>Bridge reopens</h1><p>Updated May 2, 2024</p><p>March 9, 2024</p>", "2024-03-09", "March 9, 2024"),
        ("<h1>Bridge reopens</h1><p>Updated May 2, 2024</p>", "2024-05-02", "Updated May 2, 2024"),
        ("<p>x</p><span class='post-date'>09.03.2024</span>", "2024-03-09", "09.03.2024"),
        ("<h1>Bridge reopens</h1>9 March 2024<p>The bridge was closed.</p>", "2024-03-09", "9 March 2024"),
        ("<legend>Bridge reopens</legend>9 March 2024<h1>Blog</h1>", "2024-03-09", "9 March 2024"),
        (
            "<h1>Bridge reopens</h1><p>May 2, 2024</p><p>This article was originally published on March 9, 2024.</p>",
            "2024-03-09",
            "This article was originally published on March 9, 2024.",
        ),
        (
            "<h1>Bridge reopens</h1><p>May 2, 2024</p><p>Originally published by Vess Weekly on March 9, 2024.</p>",
            "2024-05-02",
            "May 2, 2024",
        ),
        (
            "<p>x</p>" + "".join(f"<p class='stamp'>March {n}, 2024</p>" for n in (7, 8, 9)),
            None,
            None,
        ),
        ("<h1>Bridge reopens</h1><div class='elementor-widget'>March 9, 2024</div>", "2024-03-09", "March 9, 2024"),
        ("<h1>Bridge reopens</h1><div class='widget'>March 9, 2024</div>", None, None),
        ("<h1>Bridge reopens</h1><aside><p>March 9, 2024</p></aside>", None, None),
        ("<h1>Bridge reopens</h1><div class='related'><p>March 9, 2024</p></div>", None, None),
        (
            "<script>var page = {'publishedAt': '2024-03-09T10:00:00Z', 'x': 1}</script>",
            "2024-03-09",
            "2024-03-09T10:00:00Z",
        ),
        ("<script>[{'publishedAt': '2024-03-09'}, {'publishedAt': '2024-03-10'}]</script>", None, None),
    ],
)
def test_what_the_page_shows_and_carries_along(body: str, day: str | None, raw: str | None) -> None:
    published = read(meta("og:title", "Bridge reopens"), body).published
    assert (str(published.day) if published else None, published.raw if published else None) == (day, raw)


@pytest.mark.parametrize(
    ("stated", "url", "body", "day", "offset"),
    [
        ("2024-03-09T03:05:00Z", "https://example.com/2024/03/08/a", "", "2024-03-08", None),
        ("2024-03-09T03:05:00Z", "https://example.com/a", "<h1>T</h1><p>March 8, 2024 7:05 pm</p>", "2024-03-08", None),
        ("2024-03-09T20:05:00Z", "https://example.com/2024/03/10/a", "", "2024-03-10", None),
        ("2024-03-09T12:05:00Z", "https://example.com/2024/03/08/a", "", "2024-03-09", 0),
        ("2024-03-09T03:05:00+01:00", "https://example.com/2024/03/08/a", "", "2024-03-09", 60),
        ("2024-03-09T03:05:00Z", "https://example.com/a", "<time datetime='2024-03-08T19:05:00-08:00'>x</time>",
         "2024-03-08", -480),
    ],
)  # fmt: skip
def test_the_publishers_own_day(stated: str, url: str, body: str, day: str, offset: int | None) -> None:
    published = read(ld(stated), body, url=url).published
    assert published is not None
    assert (str(published.day), published.offset_min) == (day, offset)
    assert published.at.isoformat() == datetime.fromisoformat(stated).astimezone(UTC).isoformat()


def test_an_address_tells_the_first_day_from_an_updates() -> None:
    head = ld("2024-05-09T10:00:00Z") + meta("article:published_time", "2024-03-09T10:00:00Z")
    published = read(head, url="https://example.com/2024/03/09/a").published
    assert published is not None
    assert str(published.day) == "2024-03-09"


@pytest.mark.parametrize(
    ("first", "second", "shown", "day"),
    [
        ("2024-05-09", "2024-03-09", "March 9, 2024", "2024-03-09"),
        ("2024-05-09", "2024-03-09", "Updated March 9, 2024", "2024-03-09"),
        ("2024-05-09", "2024-03-09", "March 10, 2024", "2024-05-09"),
        ("2024-05-09", "2024-03-09", "", "2024-05-09"),
        ("2024-03-09", "2024-05-09", "May 9, 2024", "2024-03-09"),
    ],
)
def test_of_two_days_of_the_markup_the_earlier_one_is_believed_where_it_is_shown(
    first: str, second: str, shown: str, day: str
) -> None:
    published = read(ld(first) + ld(second), f"<h1>Bridge reopens</h1><p>{shown}</p>").published
    assert published is not None
    assert (str(published.day), published.source) == (day, "page")


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
