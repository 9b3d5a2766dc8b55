"""Agreement of the witnesses to a title."""

from __future__ import annotations

import pytest

from transforms.articles.jsonld import ArticleNode
from transforms.articles.sites import is_site_name, site_names
from transforms.articles.titles import find_title, strip_site
from transforms.articles.witnesses import Witnesses

NAMES = site_names("https://www.valleynews.example.com/a", ["The Valley News"])


def said(
    headings: tuple[str, ...] = (),
    title: str | None = None,
    og: str | None = None,
    headline: str | None = None,
    subheadings: tuple[str, ...] = (),
) -> Witnesses:
    meta = {"og:title": [og]} if og else {}
    return Witnesses(meta, headings, title, None, None, ArticleNode(headline=headline), subheadings=subheadings)


@pytest.mark.parametrize(
    ("witnesses", "title"),
    [
        pytest.param(said(), None, id="none"),
        pytest.param(said(("Bridge reopens",), "Bridge reopens | The Valley News"), "Bridge reopens", id="agreement"),
        pytest.param(
            said(("Valley News", "Bridge reopens"), "Bridge reopens - Valley News"),
            "Bridge reopens",
            id="site name as h1",
        ),
        pytest.param(
            said(("Local",), "Bridge reopens", "Bridge reopens", "Bridge reopens"), "Bridge reopens", id="section as h1"
        ),
        pytest.param(
            said(("Bridge over the Vess reopens after two years",), "Vess bridge reopens | Valley News"),
            "Bridge over the Vess reopens after two years",
            id="other wording for search engines",
        ),
        pytest.param(said((), "Bridge reopens — The Valley News"), "Bridge reopens", id="title element alone"),
        pytest.param(said((), None, "Bridge reopens | Valley News"), "Bridge reopens", id="Open Graph alone"),
        pytest.param(said(("Bridge reopens",)), "Bridge reopens", id="heading alone"),
        pytest.param(said((), "The Valley News"), None, id="only the site's name"),
        pytest.param(
            said(("Vess",), "Bridge over the Vess reopens after two years"),
            "Bridge over the Vess reopens after two years",
            id="a word of the title as h1",
        ),
        pytest.param(said(("Pulse!",), "The bridge reopens"), "The bridge reopens", id="a lone section as h1"),
        pytest.param(
            said(("BRIDGE OVER THE VESS IS OPEN",), None, "Bridge Over the Vess Open"),
            "Bridge Over the Vess Open",
            id="capitals",
        ),
        pytest.param(
            said((), "Vess bridge reopens | Valley News", subheadings=("Related", "Vess bridge reopens to traffic")),
            "Vess bridge reopens to traffic",
            id="h2 where there is no h1",
        ),
        pytest.param(
            said((), "Vess bridge reopens | Valley News", subheadings=("Related", "More of the Vess")),
            "Vess bridge reopens",
            id="other h2",
        ),
        pytest.param(
            said(("Bridge | tunnel: which is it?",), "Bridge | tunnel: which is it? | Valley News"),
            "Bridge | tunnel: which is it?",
            id="separator inside the title",
        ),
    ],
)
def test_find_title(witnesses: Witnesses, title: str | None) -> None:
    assert find_title(witnesses, NAMES) == title


@pytest.mark.parametrize(
    ("title", "stripped"),
    [
        ("Bridge reopens - The Valley News", "Bridge reopens"),
        ("Valley News: Bridge reopens", "Valley News: Bridge reopens"),
        ("Valley News | Bridge reopens", "Bridge reopens"),
        ("Bridge reopens | Local | Valley News", "Bridge reopens | Local"),
        ("Bridge reopens - mayor speaks", "Bridge reopens - mayor speaks"),
        ("Well-known bridge reopens", "Well-known bridge reopens"),
    ],
)
def test_strip_site(title: str, stripped: str) -> None:
    assert strip_site(title, NAMES) == stripped


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The Valley News", True),
        ("ValleyNews.example.com", True),
        ("valley news online", True),
        ("Valley of the kings", False),
    ],
)
def test_is_site_name(text: str, named: bool) -> None:
    assert is_site_name(text, NAMES) is named
