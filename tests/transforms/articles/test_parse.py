"""Markup to a tree: what libxml2 stumbles over is mended, what is no markup is refused."""

from __future__ import annotations

import pytest
from lxml.html import HtmlElement

from transforms.articles.parse import parse_html

BODY = "<body><p>First.</p><p>Second.</p></body>"


@pytest.mark.parametrize(
    "markup",
    [
        f"<!DOCTYPE html><html>{BODY}</html>",
        f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN" "x.dtd"/>\n<html>{BODY}</html>',
        f'<html xmlns="http://www.w3.org/1999/xhtml"/>\n{BODY}',
        f'<?xml version="1.0" encoding="koi8-r"?><html>{BODY}</html>',
        f'<meta charset="koi8-r"><html>{BODY}</html>',
        BODY,
        "<p>Fir\x00st\x0b.</p>\ufffe<p>Sec\uffffond.</p>",
        "<p>First.</p><!-- <p>None.</p> --><p>Second.</p>",
    ],
)
def test_both_paragraphs_are_found(markup: str) -> None:
    root = parse_html(markup)
    assert root is not None
    assert root.tag == "html"
    assert [node.text for node in root.iter("p")] == ["First.", "Second."]


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ("<p>Second.</p>", "First.Second."),
        ("<div>Second.</div> and <p>third.</p></body></html>", "First.Second. and third."),
        ("bare text <b>and</b> bold", "First.bare text and bold"),
        ('<html lang="en"><body>bare text<p>Second.</p></body></html>', "First.bare textSecond."),
        ("<!-- a cache wrote this -->", "First."),
    ],
)
def test_what_stands_after_the_end_of_a_page_belongs_to_its_body(after: str, text: str) -> None:
    root = parse_html(f"<html><head><title>Title</title></head><body><p>First.</p></body></html>\n{after}")
    assert root is not None
    assert list(root.itersiblings()) == []
    assert [node.tag for node in root] == ["head", "body"]
    assert root.find("body").text_content() == text


def test_every_element_is_of_the_class_that_extractors_ask_for() -> None:
    root = parse_html("<html><body><form><input><select></select></form><p>Дӯстӣ</p></body></html>")
    assert root is not None
    assert {type(node) for node in root.iter()} == {HtmlElement}
    assert root.text_content() == "Дӯстӣ"


@pytest.mark.parametrize("markup", ["", "   ", "A line of text.", "{}", "\x00", "\ud800"])
def test_what_is_no_markup_is_none(markup: str) -> None:
    assert parse_html(markup) is None
