"""People's names out of bylines."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from transforms.articles.authors import clean_names, find_authors
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
        ("CNN Business", ()),
        ("The Weekly Digest", ()),
        ("Ida Holm | Transport correspondent", ("Ida Holm",)),
        ("Ida Holm (Vess)", ("Ida Holm",)),
        ("Jean-Luc O'Hara", ("Jean-Luc O'Hara",)),
        ("Автор: Анна Петрова", ("Анна Петрова",)),
        ("نویسنده: احمد رحیمی", ("احمد رحیمی",)),
        ("Ludwig van der Berg", ("Ludwig van der Berg",)),
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


@pytest.mark.parametrize(
    ("markup", "authors"),
    [
        ('<meta name="author" content="Ida Holm"><p class="byline">By Olav Berg</p>', ("Ida Holm",)),
        ('<meta name="author" content="Valley News"><p class="byline">By Olav Berg</p>', ("Olav Berg",)),
        ('<a rel="author" href="/x">Olav Berg</a>', ("Olav Berg",)),
        ('<span itemprop="author"><span itemprop="name">Olav Berg</span> in Vess</span>', ("Olav Berg",)),
        ('<div class="article-author">Olav Berg</div>', ("Olav Berg",)),
        ('<p>By <a href="/x">Olav Berg</a></p>', ("Olav Berg",)),
        ('<a href="/authors/olav-berg">Olav Berg</a>', ("Olav Berg",)),
        ("<p><span>Written by</span> <span>Olav Berg</span> <span>Senior editor</span></p>", ("Olav Berg",)),
        ('<div class="byline"><span>Olav Berg</span><span>Read more</span></div>', ("Olav Berg",)),
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
    tree = document_fromstring(f"<html><body><h1>Bridge reopens</h1>{markup}{text}</body></html>")
    masthead = Masthead.around(heading_of(tree, "Bridge reopens"))
    assert find_authors(tree, collect(tree), NAMES, masthead) == authors
