"""People's names out of bylines."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from transforms.articles.authors import clean_names, find_authors
from transforms.articles.elements import Elements
from transforms.articles.masthead import Masthead
from transforms.articles.sites import site_names
from transforms.articles.witnesses import collect, heading_of

NAMES = site_names("https://valleynews.example.com/a", ["Valley News"])


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("Ida Holm", ("Ida Holm",)),
        ("By Ida Holm", ("Ida Holm",)),
        ("By Ida Holm and Olav Berg", ("Ida Holm", "Olav Berg")),
        ("Ida Holm, Olav Berg & Per Lund", ("Ida Holm", "Olav Berg", "Per Lund")),
        ("IDA HOLM", ("Ida Holm",)),
        ("Dr. Ida Holm, PhD", ("Dr. Ida Holm",)),
        ("Mrs. Ida Holm", ("Ida Holm",)),
        ("IDA HOLM, Valley News Writer", ("Ida Holm",)),
        ("IH Ida Holm", ("Ida Holm",)),
        ("IB Ida Holm", ("IB Ida Holm",)),
        ("April Holm", ("April Holm",)),
        ("CNN Business", ()),
        ("The Weekly Digest", ()),
        ("Ida Holm | Transport correspondent", ("Ida Holm",)),
        ("Ida Holm (Vess)", ("Ida Holm",)),
        ("Jean-Luc O'Hara", ("Jean-Luc O'Hara",)),
        ("Автор: Анна Петрова", ("Анна Петрова",)),
        ("نویسنده: احمد رحیمی", ("احمد رحیمی",)),
        ("Ludwig van der Berg", ("Ludwig van der Berg",)),
        ("Omid", ("Omid",)),
        ("Ida Holm, DVM", ("Ida Holm",)),
        ("Article written by Ida Holm", ("Ida Holm",)),
        ("Valley News", ()),
        ("Staff", ()),
        ("Staff Reporter", ()),
        ("Valley News Staff", ()),
        ("admin", ()),
        ("News Desk", ()),
        ("Reuters", ()),
        ("https://facebook.com/ida", ()),
        ("ida@example.com", ()),
        ("@idaholm", ()),
        ("", ()),
    ],
)
def test_clean_names(byline: str, authors: tuple[str, ...]) -> None:
    assert clean_names([byline], NAMES) == authors


LD = '<script type="application/ld+json">{"@type": "NewsArticle", "author": {"name": "Ida Holm"}}</script>'
PROSE = f"<p>{'The bridge over the Vess was closed for a year and has been open since noon. ' * 4}</p>"


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        ('<meta name="author" content="Ida Holm"><p class="byline">Olav Berg</p>', ("Ida Holm",)),
        ('<meta name="author" content="Valley News"><p class="byline">By Olav Berg</p>', ("Olav Berg",)),
        ('<meta name="author" content="Ida Holm"><p>By Olav Berg</p>', ("Olav Berg",)),
        ('<meta name="author" content="Ida Holm"><p>By Olav Berg and Ida Holm</p>', ("Olav Berg", "Ida Holm")),
        ('<meta name="author" content="Ida Holm"><p>By Ida Holm</p>', ("Ida Holm",)),
        (f"{LD}<p>By Olav Berg</p>", ("Ida Holm",)),
        (f"{LD}<p>By Dr Ida Holm and Olav Berg</p>", ("Dr Ida Holm", "Olav Berg")),
        ('<p>by <a href="/author/omid/">Omid</a> at noon</p>', ("Omid",)),
        ('<p>by <a href="/author/omid/">Bridges</a></p>', ()),
        ("<div>Ida Holm, MD; Olav Berg, BA, DVM &amp; Per Lund, RN</div>", ("Ida Holm", "Olav Berg", "Per Lund")),
        ("<div>Vess, Holm; River Bank</div>", ()),
        (f"{PROSE * 3}<h2>Article by</h2><div>Olav Berg</div>", ("Olav Berg",)),
        (f"{PROSE * 3}<p>Written by <a href='/x'>Olav Berg</a></p>", ("Olav Berg",)),
        (f"{PROSE * 3}<p>By Olav Berg</p>", ()),
        ('<a rel="author" href="/x">Olav Berg</a>', ("Olav Berg",)),
        ('<span itemprop="author"><span itemprop="name">Olav Berg</span> in Vess</span>', ("Olav Berg",)),
        ('<div class="article-author">Olav Berg</div>', ("Olav Berg",)),
        ('<p>By <a href="/x">Olav Berg</a></p>', ("Olav Berg",)),
        ('<a href="/authors/olav-berg">Olav Berg</a>', ("Olav Berg",)),
        ("<p><span>Written by</span> <span>Olav Berg</span> <span>Senior editor</span></p>", ("Olav Berg",)),
        ('<div class="byline"><span>Olav Berg</span><span>Read more</span></div>', ("Olav Berg",)),
        ('<div class="dateAndAuthorContainer__x"><i>9 March 2024</i><i>Olav Berg</i></div>', ("Olav Berg",)),
        ('<div class="authority">Olav Berg</div>', ()),
        (f"{PROSE * 3}<h4>Olav Berg</h4><p>Olav is a writer in Vess.</p>", ("Olav Berg",)),
        (f"{PROSE * 3}<h4>Olav Berg</h4><p>Olav said so.</p>", ()),
        (f"{PROSE}<h4>Olav Berg</h4><p>Olav is a smith.</p><h4>Per Lund</h4><p>Per Lund is a carter.</p>", ()),
        ('<a href="/profile/login">Create an account</a>', ()),
        ('<p class="byline">Former bridge consultant</p>', ()),
        ('<aside><p class="byline">By Olav Berg</p></aside>', ()),
        ('<div class="comments"><span class="author-name">Olav Berg</span></div>', ()),
        (
            '<meta name="twitter:label1" content="Written by"><meta name="twitter:data1" content="Ida Holm">',
            ("Ida Holm",),
        ),
    ],
)
def test_find_authors(markup: str, authors: tuple[str, ...]) -> None:
    text = "<p>By the river, the town was quiet.</p>"
    page = Elements(document_fromstring(f"<html><body><h1>Bridge reopens</h1>{markup}{text}</body></html>"))
    masthead = Masthead.around(heading_of(page, "Bridge reopens"))
    assert find_authors(page, collect(page), NAMES, masthead) == authors


def test_a_margin_that_was_never_closed_holds_the_page() -> None:
    markup = '<body><nav><h1>Bridge reopens</h1><p class="byline">By Olav Berg</p><p>x</p></nav></body>'
    page = Elements(document_fromstring(markup))
    said = collect(page)
    masthead = Masthead.around(heading_of(page, "Bridge reopens"))
    assert (said.headings, find_authors(page, said, NAMES, masthead)) == (("Bridge reopens",), ("Olav Berg",))


def test_what_the_whole_page_is_called_does_not_make_it_a_comment() -> None:
    markup = '<body class="single no-comments"><h1>Bridge reopens</h1><p>By Olav Berg</p></body>'
    page = Elements(document_fromstring(markup))
    masthead = Masthead.around(heading_of(page, "Bridge reopens"))
    assert find_authors(page, collect(page), NAMES, masthead) == ("Olav Berg",)
