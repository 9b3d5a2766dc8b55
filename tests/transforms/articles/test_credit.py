"""The agency that a page credits outside its text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml.html import document_fromstring

from schemas.records import Extracted, Page
from tests.transforms.articles.conftest import FETCHED_AT
from transforms.articles.agencies import agency_of
from transforms.articles.article import build_article
from transforms.articles.credit import credit_in_notes
from transforms.articles.extract import extract_page
from transforms.articles.metadata import read_metadata

PROSE = "The bridge over the Vess was opened to traffic again on Monday, a month earlier than planned. " * 5


@pytest.mark.parametrize(
    ("statement", "agency"),
    [
        ("Reuters", "Reuters"),
        ("By ASSOCIATED PRESS", "AP"),
        ("By Ida Holm, Associated Press", "AP"),
        ("IDA HOLM and OLAV BERG | The Associated Press", "AP"),
        ("Ida Holm (AFP)", "AFP"),
        ("Source: TASS", "TASS"),
        ("Источник: ТАСС", "TASS"),
        ("© 2026 AFP. All rights reserved.", "AFP"),
        ("Copyright 2026 The Associated Press. All rights reserved.", "AP"),
        ("(c) Reuters", "Reuters"),
        ("Zarafshan News Agency", "Zarafshan News"),
        ("Ida Holm", None),
        ("By Ida Holm, Valley News", None),
        ("AP Photo", None),
        ("The ap of the valley", None),
        ("reuters of the sea", None),
        ("", None),
    ],
)
def test_agency_of_a_statement(statement: str, agency: str | None) -> None:
    assert agency_of(statement) == agency


def ld(author: str) -> str:
    return (
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "B", "author": {author}}}</script>'
    )


@pytest.mark.parametrize(
    ("markup", "agency"),
    [
        (ld('{"@type": "Organization", "name": "Reuters"}'), "Reuters"),
        (ld('[{"@type": "Person", "name": "Ida Holm"}, {"@type": "Organization", "name": "Associated Press"}]'), "AP"),
        (ld('{"name": "Ida Holm"}, "provider": {"@type": "Organization", "name": "AFP"}'), "AFP"),
        (ld('{"name": "Ida Holm"}'), None),
        ('<meta name="author" content="The Associated Press">', "AP"),
        ('<meta name="dc.source" content="Xinhua">', "Xinhua"),
        ("<p>By Ida Holm, Associated Press</p>", "AP"),
        ("<p>By <a href='/x'>Reuters</a></p>", "Reuters"),
        ("<div class='byline'><span>Ida Holm</span> <span>AFP</span></div>", "AFP"),
        ("<div class='tags'><a>Reuters</a></div>", None),
        ("<figure><span class='author'>Reuters</span></figure>", None),
        ("<div class='photo'><span class='author'>Reuters</span></div>", None),
    ],
)
def test_markup_and_byline(markup: str, agency: str | None) -> None:
    tree = document_fromstring(f"<html><body><h1>Bridge reopens</h1>{markup}<p>{PROSE}</p></body></html>")
    assert read_metadata(tree, url="https://valleynews.example.com/a", fetched_at=FETCHED_AT).wire_credit == agency


@pytest.mark.parametrize(
    ("line", "agency"),
    [("Copyright 2026 AFP", "AFP"), ("By Reuters", "Reuters"), ("Photo: Ida Holm, Reuters", None), (PROSE, None)],
)
def test_lines_that_were_cut_off(line: str, agency: str | None) -> None:
    assert credit_in_notes(["Share this", line]) == agency


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (f"<h1>Bridge reopens</h1><p>{PROSE}</p><p>{PROSE}</p><p>© 2026 AFP. All rights reserved.</p>", "text/html"),
        (f"The bridge over the Vess reopens\n{PROSE}\n{PROSE}\nAFP\n", "text/plain"),
    ],
)
def test_a_credit_outlives_the_line_it_stood_in(make_page: Callable[..., Page], body: str, media_type: str) -> None:
    page = make_page(body, media_type=media_type)
    found = extract_page(page)
    assert isinstance(found, Extracted)
    assert "AFP" not in found.text
    assert build_article(page, found, now=FETCHED_AT).wire_origin == "AFP"
