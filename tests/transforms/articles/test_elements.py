"""The one walk over a page, against the tree that it walked."""

from __future__ import annotations

import pytest
from lxml.html import HtmlElement, document_fromstring

from transforms.articles.elements import Elements, lies_in, raw_text

MARKUP = """<html><body><nav><p id="menu">Menu</p></nav><h1 itemprop="headline">Bridge <b>reopens</b></h1>
<p id="first" itemprop="">One</p><h2>Below</h2>
<p id="second" rel="tag author">Two <i>and</i> <i>more</i></p></body></html>"""


@pytest.fixture
def page() -> Elements:
    return Elements(document_fromstring(MARKUP))


def by_id(page: Elements, name: str) -> HtmlElement:
    return next(node for node, value in page.with_attribute("id") if value == name)


def test_elements_come_by_name_in_their_order(page: Elements) -> None:
    assert [node.tag for node in page.named("h2", "h1", "i", "time")] == ["h1", "h2", "i", "i"]
    assert [node.get("id") for node in page.named("p")] == ["menu", "first", "second"]
    assert list(page.named("time")) == []


def test_elements_come_by_attribute_without_those_that_leave_it_empty(page: Elements) -> None:
    assert [value for _, value in page.with_attribute("itemprop")] == ["headline"]
    assert [value for _, value in page.with_attribute("rel")] == ["tag author"]


def test_some_elements_are_put_in_order_each_once(page: Elements) -> None:
    first, second = by_id(page, "first"), by_id(page, "second")
    assert page.ordered([second, first, second]) == [first, second]
    assert page.ordered([second]) == [second]
    assert page.ordered([]) == []


def test_an_element_lies_in_itself_and_in_those_around_it(page: Elements) -> None:
    menu = by_id(page, "menu")
    assert lies_in(menu, "aside", "nav")
    assert lies_in(menu, "p")
    assert not lies_in(menu, "h1")


@pytest.mark.parametrize(
    ("name", "most", "text"),
    [("second", None, "Two and more"), ("second", 12, "Two and more"), ("second", 11, ""), ("first", 2, ""),
     ("first", 3, "One")],
)  # fmt: skip
def test_the_text_of_an_element_up_to_a_length(page: Elements, name: str, most: int | None, text: str) -> None:
    assert raw_text(by_id(page, name), most=most) == text
