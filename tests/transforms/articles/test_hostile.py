"""Hostile pages: each costs a failure at most, in bounded time, and the worker's next page is none the worse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.outcomes import Reason
from schemas.records import Extracted, FeedEntry, Page, Problem
from tests.transforms.articles.conftest import FETCHED_AT
from transforms.articles.extract import extract_page
from transforms.pool import PoolRules, WorkerPool, outcome

RULES = PoolRules(workers=1, deadline_s=20.0, memory_bytes=2**30, preload=("transforms.articles.extract",))
SENTENCE = "The bridge over the Vess was opened to traffic again on Monday, a month earlier than planned. "
STORY = f"<html><body><h1>Bridge reopens</h1><p>{SENTENCE * 5}</p><p>{SENTENCE * 5}</p></body></html>"

HOSTILE: dict[str, Callable[[], bytes]] = {
    "a million nested elements": lambda: b"<div>" * 1_000_000 + b"text",
    "a million nested, closed": lambda: b"<b>" * 500_000 + b"x" + b"</b>" * 500_000,
    "a huge table": lambda: b"<table>" + b"<tr><td>1<td>2<td>3<td>4" * 100_000 + b"</table>",
    "tables in tables": lambda: b"<table><tr><td>" * 20_000 + b"x",
    "a megabyte in an attribute": lambda: b'<p class="' + b"author date " * 200_000 + b'">x</p>' + STORY.encode(),
    "many bylines": lambda: b"<h1>T</h1>" + b'<p class="byline">By ' + b"A, " * 50_000 + b"</p>",
    "bylines in margins": lambda: b"<h1>T</h1><nav>" + b'<p class="byline">By </p><h2>T</h2>' * 20_000,
    "headings and notes": lambda: b"<h1>T</h1>" + b"<h3>Ida Holm</h3><p>Ida is</p>" * 20_000,
    "containers of one name": lambda: b"".join(
        b'<div><div class="b"><p>%b</p><p>%b</p></div></div>' % (SENTENCE.encode(), b"x" * 90) for _ in range(3_000)
    ),
    "headings in margins": lambda: b"<nav>" + b"<h1>T</h1><h2>U</h2>" * 100_000,
    "dates after the headline": lambda: b"<h1>T</h1>" + b"first published 2024 originally posted on " * 50_000,
    "commas and agencies": lambda: (
        b'<meta name="author" content="' + b"By AP, with (" * 50_000 + b'">' + STORY.encode()
    ),
    "attributes by the hundred thousand": lambda: (
        b"<p " + b" ".join(b"a%d=x" % n for n in range(100_000)) + b">x</p>" + STORY.encode()
    ),
    "rows and columns spanned": lambda: b"<table>" + b'<tr><td rowspan="65534" colspan="1000">1</td></tr>' * 3_000,
    "nineteen megabytes of paragraphs": lambda: b"<p>" + b"</p><p>".join([SENTENCE.encode()] * 190_000),
    "broken UTF-16": lambda: b"\xff\xfe" + b"\x00\xd8<\x00p\x00>" * 50_000,
    "an unknown encoding": lambda: b'<meta charset="utf-7"><p>' + b"+AAA-+2AA-\xff" * 50_000,
    "many dates": lambda: b"<h1>T</h1>" + b"<p>1 1 1 1 2024 2024 2024 1/1/1/1/2024</p>" * 50_000,
    "a title of separators": lambda: b"<title>" + b" | - " * 100_000 + b"</title>" + STORY.encode(),
    "words for every pattern": lambda: b"<p>" + b"share this sign up newsletter by copyright 2024 " * 50_000 + b"</p>",
    "quotes and blanks": lambda: b"<p>" + (b"\"'" * 50_000 + b" " * 50_000) * 10 + b"</p>",
    "nested JSON-LD": lambda: (
        b'<script type="application/ld+json">' + b'{"a":[' * 200_000 + b"</script>" + STORY.encode()
    ),
    "unclosed JSON-LD": lambda: b'<script type="application/ld+json">{"headline": "' + b"\\u0041" * 300_000,
    "entities": lambda: b"<p>" + b"&amp;&#x0;&#xD800;&#1114112;&zwnj;" * 100_000 + b"</p>",
    "NUL bytes": lambda: b"\x00<p>\x00" * 100_000 + STORY.encode(),
    "broken UTF-8": lambda: b"<p>\xc3\x28\xe2\x82\xff\xfe" * 100_000,
    "50 megabytes": lambda: b"<p>" + b"x" * 50_000_000,
}


def page(body: bytes, media_type: str = "text/html") -> Page:
    url = "https://news.example.com/2024/05/17/a"
    entry = FeedEntry(key="k", source="example.com", url=url, feed_url="https://example.com/feed")
    return Page(entry, url, body, media_type, None, 200, FETCHED_AT)


@pytest.fixture(scope="module")
def pool():
    made = WorkerPool(RULES)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_costs_a_failure_at_most(pool: WorkerPool, name: str) -> None:
    bad, good = pool.submit(extract_page, page(HOSTILE[name]())), pool.submit(extract_page, page(STORY.encode()))
    found = outcome(bad, RULES)
    assert isinstance(found, (Extracted, Problem))
    assert getattr(found, "reason", None) is not Reason.STAGE_ERROR, found
    assert outcome(good, RULES).title == "Bridge reopens"


MARKUP = (
    "<p>", "</p>", "<div class='byline date'>", "</div>", "<h1>", "</h1>", "<table><tr><td>", "<a href='/author/x'>",
    "<script type='application/ld+json'>", "</script>", '{"@type": "NewsArticle", "author": ', "}", "<!--", "-->",
    "<![CDATA[", "<time datetime='", "'>", "<meta name='author' content='",
)  # fmt: skip
WORDS = ("By Ida Holm", "9 March 2024", "۱۷ اسد ۱۴۰۳", "\x00", "\u200c", "\ufffe", "&#xD800;", SENTENCE)
PIECES = st.sampled_from([*MARKUP, *WORDS])
SOUP = st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=40).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(SOUP.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=400)))
def test_any_bytes_give_an_article_or_a_reason_and_always_the_same(body: bytes) -> None:
    for media_type in ("text/html", "text/plain"):
        found = extract_page(page(body, media_type))
        assert isinstance(found, (Extracted, Problem))
        assert found == extract_page(page(body, media_type))
