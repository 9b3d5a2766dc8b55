"""Articles in several containers of one name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml.html import document_fromstring

from schemas.records import Extracted, Page
from transforms.articles.extract import extract_page
from transforms.articles.parts import join_parts

SENTENCE = "The bridge over the Vess was opened to traffic again on {} {}, a month before the day that was planned. "
ADVERT = "<div class='advert'><span> Advertisement </span></div>"


def story(day: str) -> str:
    return "".join(f"<p>{''.join(SENTENCE.format(day, 10 * n + i) for i in range(3))}</p>" for n in range(1, 5))


def parted(name: str, *, head: str = "") -> str:
    return "".join(
        f"<div><div class='{name}'>{head}{story(day)}</div>{ADVERT}</div>" for day in ("June", "July", "May")
    )


@pytest.mark.parametrize(
    ("markup", "joined"),
    [
        (parted("article__body"), True),
        (parted("comment-body"), False),
        (
            f"<div class='related'>{parted('text')}</div>".replace("<div><div", "<div").replace("</div></div>", ""),
            False,
        ),
        (parted("body", head="<h1>Another story</h1>"), False),
        (f"<div class='body'>{story('June') * 3}</div>", False),
        (parted("body") + f"<div class='rest'>{story('Sunday') * 9}</div>", False),
        ("".join(f"<div class='body'><p>{SENTENCE * 3}</p></div>" for _ in range(9)), False),
    ],
)
def test_only_parts_of_one_article_are_joined(markup: str, joined: bool) -> None:
    tree = document_fromstring(f"<html><body>{markup}</body></html>")
    words = sorted(tree.text_content().split())
    assert join_parts(tree, 500) is joined
    assert sorted(tree.text_content().split()) == words
    assert len(tree.xpath("//div[@class='article__body'][p]")) == (1 if joined else 0)


def test_parts_are_not_joined_where_most_of_them_was_found() -> None:
    tree = document_fromstring(f"<html><body>{parted('article__body')}</body></html>")
    assert join_parts(tree, 3000) is False


def test_all_parts_of_an_article_are_read(make_page: Callable[..., Page]) -> None:
    body = f"<html><body><main><h1>Bridge reopens</h1>{parted('article__body')}</main></body></html>"
    found = extract_page(make_page(body))
    assert isinstance(found, Extracted)
    assert [found.text.count(day) for day in ("June", "July", "May")] == [12, 12, 12]
