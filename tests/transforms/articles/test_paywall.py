"""Whether all of an article may be read, as its page states it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from lxml.html import document_fromstring

from schemas.records import Extracted, Page
from transforms.articles.elements import Elements
from transforms.articles.extract import extract_page
from transforms.articles.jsonld import as_flag
from transforms.articles.paywall import find_paywall
from transforms.articles.witnesses import collect


def ld(**said: Any) -> str:
    node = {"@type": "NewsArticle", "headline": "Bridge reopens"} | said
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def tier(name: str) -> str:
    return f'<meta property="article:content_tier" content="{name}">'


SHUT, OPEN = {"isAccessibleForFree": False}, {"isAccessibleForFree": True}


@pytest.mark.parametrize(
    ("markup", "paywalled"),
    [
        ("", None),
        (ld(), None),
        (ld(**SHUT), True),
        (ld(**OPEN), False),
        (ld(isAccessibleForFree="False"), True),
        (ld(isAccessibleForFree="http://schema.org/True"), False),
        (ld(isAccessibleForFree="perhaps"), None),
        (ld(hasPart=SHUT), True),
        (ld(**OPEN, hasPart=[OPEN, SHUT]), True),
        (ld(hasPart=["x", None]), None),
        (ld() + ld(**{"@type": "WebPage"}, **SHUT), True),
        (ld(isPartOf=SHUT), None),
        (tier("locked"), True),
        (tier("Metered"), True),
        (tier("free"), False),
        (tier("other"), None),
        (ld(**OPEN) + tier("locked"), False),
        ('<meta itemprop="isAccessibleForFree" content="false">', True),
        ('<div class="paywall">Subscribe to read on.</div>', None),
    ],
)
def test_find_paywall(markup: str, paywalled: bool | None) -> None:
    tree = document_fromstring(f"<html><head></head><body>{markup}<h1>Bridge reopens</h1></body></html>")
    assert find_paywall(collect(Elements(tree))) is paywalled


@pytest.mark.parametrize("value", [None, "", [], {}, 2, "none"])
def test_what_is_no_flag(value: object) -> None:
    assert as_flag(value) is None


def test_the_flag_comes_with_the_article(make_page: Callable[..., Page]) -> None:
    told = "On day {} of the works the bridge over the Vess stayed closed to lorries, and the ferry ran twice an hour."
    prose = "".join(f"<p>{told.format(day)}</p>" for day in range(1, 31))
    found = extract_page(
        make_page(f"<html><head>{ld(**SHUT)}</head><body><h1>Bridge reopens</h1>{prose}</body></html>")
    )
    assert isinstance(found, Extracted)
    assert found.is_paywalled is True
