"""Whole pages in, extracted articles out: golden pairs of pages of many shapes, and any bytes at all."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.outcomes import Reason
from schemas.records import Extracted, FeedEntry, Page, Problem
from transforms.articles import extract
from transforms.articles.extract import extract_page
from transforms.articles.html import betters

ENGLISH = (
    "The ferry company said on Monday that two of its older vessels would be taken out of service before the winter.",
    "Islanders have complained for years about cancelled crossings, and the regional council has asked for a review.",
    "“We were told in spring that the boats had passed their inspection,” said Marta Ilves, who runs the harbour shop.",
)
RUSSIAN = (
    "Паводок в ночь на среду затопил три села в долине, жителей пришлось вывозить на лодках, сообщили спасатели.",
    "Уровень воды продолжает расти, и дамба выше по течению может не выдержать, предупредил начальник гидропоста.",
    "Пострадавших разместили в школе районного центра, им раздают горячую еду и тёплые вещи, рассказали волонтёры.",
)
PERSIAN = (
    "بارندگی شدید در شب گذشته راه‌های اصلی را در شمال کشور بست و ده‌ها خودرو در برف گیر ماندند، مقامات محلی گفتند.",
    "نیروهای امدادی از بامداد امروز کار پاک‌کاری راه‌ها را آغاز کرده‌اند و انتظار می‌رود تا شام راه باز شود.",
    "رییس شورای ولایتی گفت که دولت باید برای زمستان آمادگی بیشتری داشته باشد و ماشین‌آلات تازه فراهم کند.",
)


def paragraphs(lines: tuple[str, ...]) -> str:
    return "".join(f"<p>{line}</p>\n" for line in lines)


def html(head: str, body: str, lang: str = "en") -> str:
    return f'<!DOCTYPE html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>'


LD = json.dumps(
    {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Island ferries out of service",
        "datePublished": "2024-05-18T07:30:00+03:00",
        "author": [{"@type": "Person", "name": "Ida Holm"}],
        "articleSection": "Transport",
        "publisher": {"@type": "Organization", "name": "Valley News"},
    }
)
FURNITURE = (
    '<nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>'
    + '<div class="share">Share this article</div>'
    + '<aside class="related"><h3>Related</h3>'
    + "".join(f'<a href="/s{i}">Another story of the day, number {i}</a>' for i in range(30))
    + "</aside>"
    + "<footer>"
    + "".join(f'<p><a href="/f{i}">Imprint and terms number {i}, all rights reserved</a></p>' for i in range(40))
    + "</footer>"
)


@dataclass(frozen=True)
class Golden:
    """A page and what must be found in it; the fields not named here are None or empty."""

    body: str | bytes
    lines: tuple[str, ...]
    charset: str | None = None
    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str = "en"
    published: tuple[str, int | None, str, str] | None = None
    section: str | None = None
    lead: str | None = None
    image_url: str | None = None
    canonical_url: str | None = None
    final_url: str = "https://news.example.com/a/story-of-the-day"
    dropped: tuple[str, ...] = field(default=("Imprint", "Another story", "Share this", "Home"))


GOLDEN = {
    "JSON-LD article": Golden(
        html(
            "<title>Island ferries out of service | Valley News</title>"
            f'<script type="application/ld+json">{LD}</script>'
            '<meta name="description" content="Two ships will not sail."><meta property="og:image" content="/i/a.jpg">'
            '<link rel="canonical" href="/a/ferries">',
            f"{FURNITURE}<article><h1>Island ferries out of service</h1>{paragraphs(ENGLISH)}</article>",
        ),
        ENGLISH,
        title="Island ferries out of service",
        authors=("Ida Holm",),
        published=("2024-05-18T04:30:00", 180, "2024-05-18", "second"),
        section="Transport",
        lead="Two ships will not sail.",
        image_url="https://news.example.com/i/a.jpg",
        canonical_url="https://news.example.com/a/ferries",
    ),
    "no metadata at all": Golden(f"<html><body><div>{paragraphs(ENGLISH)}</div></body></html>", ENGLISH),
    "meta and a byline": Golden(
        html(
            '<title>Ferries stop - Valley News</title><meta property="og:site_name" content="Valley News">'
            '<meta property="article:published_time" content="2024-05-18"><meta name="author" content="Valley News">',
            f'<main><h1>Ferries stop</h1><p class="byline">By Olav Berg</p>{paragraphs(ENGLISH)}</main>{FURNITURE}',
        ),
        ENGLISH,
        title="Ferries stop",
        authors=("Olav Berg",),
        published=("2024-05-18T00:00:00", None, "2024-05-18", "day"),
    ),
    "time element": Golden(
        html(
            "<title>Ferries stop</title>",
            '<aside><time datetime="2024-05-20T01:00Z">now</time></aside><article><h1>Ferries stop</h1>'
            '<time class="updated" datetime="2024-05-19T10:00Z">19 May</time>'
            f'<time class="published" datetime="2024-05-18T10:00Z">18 May</time>{paragraphs(ENGLISH)}</article>',
        ),
        ENGLISH,
        title="Ferries stop",
        published=("2024-05-18T10:00:00", 0, "2024-05-18", "minute"),
    ),
    "Russian, windows-1251, wrong header": Golden(
        html(
            "<title>Паводок в долине</title>",
            f"<article><h1>Паводок в долине</h1>{paragraphs(RUSSIAN)}</article>",
            "en",
        ).encode("cp1251"),
        RUSSIAN,
        charset="iso-8859-1",
        title="Паводок в долине",
        language="ru",
    ),
    "Persian, utf-16": Golden(
        html(
            "<title>برف راه‌ها را بست</title>",
            f"<article><h1>برف راه‌ها را بست</h1>{paragraphs(PERSIAN)}</article>",
            "fa-AF",
        ).encode("utf-16"),
        PERSIAN,
        title="برف راه‌ها را بست",
        language="fa",
    ),
    "huge boilerplate": Golden(
        html(
            "<title>Ferries stop</title>",
            f"{FURNITURE * 20}<article><h1>Ferries stop</h1>{paragraphs(ENGLISH)}</article>{FURNITURE * 20}",
        ),
        ENGLISH,
        title="Ferries stop",
    ),
    "prompts among the paragraphs": Golden(
        html(
            "<title>Ferries stop</title>",
            f"<article><h1>Ferries stop</h1><p>{ENGLISH[0]}</p><p>Advertisement</p><p>READ MORE: Storm closes port</p>"
            f"<p>{ENGLISH[1]}</p><p>Sign up for our newsletter</p><p>{ENGLISH[2]}</p></article>",
        ),
        ENGLISH,
        title="Ferries stop",
        dropped=("Advertisement", "Storm closes", "newsletter"),
    ),
    "text in JSON-LD only": Golden(
        html(
            '<title>Ferries stop</title><script type="application/ld+json">'
            + json.dumps({"@type": "NewsArticle", "headline": "Ferries stop", "articleBody": "\n".join(ENGLISH * 4)})
            + "</script>",
            '<div id="app"></div><p>Loading</p>',
        ),
        ENGLISH * 4,
        title="Ferries stop",
        dropped=("Loading",),
    ),
    "date in the address": Golden(
        html("<title>Ferries stop</title>", f"<article><h1>Ferries stop</h1>{paragraphs(ENGLISH)}</article>"),
        ENGLISH,
        title="Ferries stop",
        published=("2024-05-18T00:00:00", None, "2024-05-18", "day"),
        final_url="https://news.example.com/2024/05/18/ferries-stop",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_pages(make_page: Callable[..., Page], name: str) -> None:
    golden = GOLDEN[name]
    found = extract_page(make_page(golden.body, charset=golden.charset, final_url=golden.final_url))
    assert isinstance(found, Extracted)
    assert found.text.split("\n") == list(golden.lines)
    assert not any(word in found.text for word in golden.dropped)
    assert (found.title, found.authors, found.language) == (golden.title, golden.authors, golden.language)
    assert (found.section, found.lead, found.image_url) == (golden.section, golden.lead, golden.image_url)
    assert found.canonical_url == golden.canonical_url
    if golden.published is None:
        assert found.published_at is found.published_date is found.published_from is None
    else:
        at, offset, day, precision = golden.published
        assert found.published_at == datetime.fromisoformat(at).replace(tzinfo=UTC)
        assert (found.published_offset_min, found.published_precision) == (offset, precision)
        assert found.published_date == date.fromisoformat(day)
        assert found.published_from == ("url" if "address" in name else "page")


def test_the_path_that_won_is_named(make_page: Callable[..., Page]) -> None:
    names = {}
    for name in ("JSON-LD article", "text in JSON-LD only"):
        found = extract_page(make_page(GOLDEN[name].body))
        assert isinstance(found, Extracted)
        names[name] = found.extractor
    assert names["JSON-LD article"].startswith("trafilatura-")
    assert names["text in JSON-LD only"] == "jsonld-articlebody"


def test_plain_text(make_page: Callable[..., Page]) -> None:
    body = "\n\n".join(["Ferries stop for the winter", *ENGLISH, "Leave a comment"])
    found = extract_page(make_page(body, media_type="text/plain"))
    assert isinstance(found, Extracted)
    assert (found.title, found.text, found.language) == ("Ferries stop for the winter", "\n".join(ENGLISH), "en")
    assert found.published_at is None


@pytest.mark.parametrize(
    ("body", "media_type", "reason"),
    [
        (b"", "text/html", Reason.EMPTY),
        (b" \n\t ", "text/plain", Reason.EMPTY),
        (b"%PDF-1.4 ...", "text/html", Reason.BINARY),
        (b"\x89PNG\r\n\x1a\n....", "text/plain", Reason.BINARY),
        (b"text\x00text", "text/plain", Reason.BINARY),
        (b"\xef\xbb\xbf" + b"A\xff\xfe\x81" * 100, "text/html", Reason.BAD_ENCODING),
        (b"<html><body></body></html>", "text/html", Reason.NO_TEXT),
        (b"12345 67", "text/plain", Reason.NO_TEXT),
        (b"body", "application/pdf", Reason.UNSUPPORTED_TYPE),
        (b"body", "image/jpeg", Reason.UNSUPPORTED_TYPE),
        (
            html(
                "<title>Just a moment...</title>", "<p>Verify you are human by completing the action below.</p>"
            ).encode(),
            "text/html",
            Reason.BLOCK_PAGE,
        ),
    ],
)
def test_problems_are_values(make_page: Callable[..., Page], body: bytes, media_type: str, reason: Reason) -> None:
    found = extract_page(make_page(body, media_type=media_type))
    assert isinstance(found, Problem)
    assert found.reason is reason
    assert len(found.message) > 20


def test_a_body_over_the_cap_is_not_read(make_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "MAX_HTML_BYTES", 100)
    found = extract_page(make_page(html("", paragraphs(ENGLISH))))
    assert isinstance(found, Problem)
    assert found.reason is Reason.TOO_LARGE
    assert "100" in found.message


def test_same_page_same_result(make_page: Callable[..., Page]) -> None:
    pages = [make_page(golden.body) for golden in GOLDEN.values()]
    assert [extract_page(page) for page in pages] == [extract_page(page) for page in reversed(pages)][::-1]


TAGS = [
    "p",
    "div",
    "article",
    "h1",
    "table",
    "td",
    "li",
    "ul",
    "time",
    "a",
    "script",
    "nav",
    "title",
    "meta",
    "html",
    "br",
]
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from([*ENGLISH, "<!--", "-->", "<![CDATA[", "&#0;", "&bogus;", "<", ">", '<a href="', "\x0b", "\ud7ff"]),
    st.sampled_from(['<meta property="article:published_time" content="x">', '<script type="application/ld+json">{']),
    st.text(max_size=10),
)


def bare_page(body: bytes, media_type: str, charset: str | None) -> Page:
    entry = FeedEntry(key="k", source="s", url="https://example.com/a", feed_url="https://example.com/feed")
    return Page(entry, "https://example.com/a", body, media_type, charset, 200, datetime(2024, 5, 20, tzinfo=UTC))


@pytest.mark.parametrize(
    ("full", "text", "is_better"),
    [
        ("b" * 101, "a" * 100, True),
        ("b" * 50 + "\n" + "b" * 49, "a" * 100, False),  # short, and so no heap
        ("b" * 1000 + "\n" + "b" * 499, "a" * 2000, True),
        ("b" * 700 + "\n" + "b" * 499, "a" * 2000, False),  # much is missing
        ("b" * 1500, "a" * 2000, False),
        ("b" * 1000 + "\n" + "b" * 499, "a" * 1000 + "\n" + "a" * 999, False),
    ],
)
def test_a_later_text_betters_an_earlier_one_by_length_or_by_lines(full: str, text: str, is_better: bool) -> None:
    assert betters(full, text) is is_better


def test_what_folds_out_is_part_of_the_text() -> None:
    question = "Why were the ferries taken out of service so early?"
    fold = f"<details class='expandable'><summary>{question}</summary>{paragraphs(ENGLISH)}</details>"
    body = f"<article><h1>Ferries</h1>{paragraphs(ENGLISH * 2)}{fold}</article>"
    found = extract_page(bare_page(html("", body).encode(), "text/html", None))
    assert isinstance(found, Extracted)
    assert found.text.splitlines()[-4:] == [question, *ENGLISH]


def test_the_lines_of_a_page_that_is_laid_out_by_tables_stay_apart() -> None:
    cell = "<br><br>".join(4 * ENGLISH)
    body = f"<table><tr><td><a href='/'>Home</a></td><td><b>Ferries</b><br>{cell}</td></tr></table>"
    found = extract_page(bare_page(html("<title>Ferries</title>", body).encode(), "text/html", None))
    assert isinstance(found, Extracted)
    assert found.text.splitlines()[-len(ENGLISH) :] == list(ENGLISH)


@pytest.mark.parametrize("on", [True, False])
def test_the_search_for_garbage_waits_for_a_page_that_makes_none(on: bool) -> None:
    page = bare_page(html("", f"<h1>Ferries</h1>{paragraphs(ENGLISH)}").encode(), "text/html", None)
    extract_page(page)  # whatever is made once, is made now
    was = gc.isenabled()
    gc.collect()
    try:
        (gc.enable if on else gc.disable)()
        assert isinstance(extract_page(page), Extracted)
        assert gc.isenabled() is on
        assert gc.collect() == 0
    finally:
        (gc.enable if was else gc.disable)()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=300),
    st.sampled_from(["text/html", "text/plain", "", "application/octet-stream", "application/xhtml+xml"]),
    st.sampled_from([None, "utf-8", "utf-16", "windows-1256", "x-nonsense"]),
)
def test_never_raises_on_any_bytes(body: bytes, media_type: str, charset: str | None) -> None:
    assert isinstance(extract_page(bare_page(body, media_type, charset)), (Extracted, Problem))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES, max_size=30).map("".join))
def test_never_raises_on_any_markup(markup: str) -> None:
    found = extract_page(bare_page(markup.encode("utf-8", "replace"), "text/html", None))
    assert isinstance(found, (Extracted, Problem))
    if isinstance(found, Extracted):
        assert all(line.strip() == line != "" for line in found.text.split("\n"))
