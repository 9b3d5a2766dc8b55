"""Decoded markup to a tree, by libxml2's lenient HTML parser.

The tree is what trafilatura's own loader would give, at two thirds of its cost; and as every element is of one class,
chosen without asking Python, walking it costs less than half.
"""

from __future__ import annotations

import re
from typing import Any

from lxml.etree import ElementDefaultClassLookup, HTMLParser, LxmlError
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction, document_fromstring

_PARSER = HTMLParser(encoding="utf-8", collect_ids=False, default_doctype=False, remove_comments=True, remove_pis=True)
_PARSER.set_element_class_lookup(
    ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment, pi=HtmlProcessingInstruction, entity=HtmlEntity)
)
# What XML allows in no text: libxml2 would stop at some of it.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))
_EACH_CONTROL = tuple(bytes((code,)) for code in _CONTROLS)
_NO_CHARACTERS = ("\ufffe", "\uffff")
_HEAD_BYTES = 4096
# libxml2 takes a stray slash in these for the end of the document.
_DOCTYPE = re.compile(rb"<\s?!\s?doctype[^>]*/[^<>]*>", re.IGNORECASE)
_CLOSED_ROOT = re.compile(rb"(<html[^<>]*?)\s*/>", re.IGNORECASE)
_SAYS_HTML = re.compile(rb"html", re.IGNORECASE)
_OPENING_BYTES = 50
_MIN_ELEMENTS = 4  # html, body and two within: a line of plain text is parsed into three


def parse_html(markup: str) -> Any | None:
    """The root element of a page; None for what is no markup.

    Comments and processing instructions are left out.
    """
    for sign in _NO_CHARACTERS:
        markup = markup.replace(sign, "")
    body = markup.encode("utf-8", "surrogatepass")
    if any(control in body for control in _EACH_CONTROL):  # which few have, and is quicker told than mended
        body = body.translate(None, _CONTROLS)
    head = _CLOSED_ROOT.sub(rb"\1>", _DOCTYPE.sub(b"", body[:_HEAD_BYTES], count=1), count=1)
    try:
        root = document_fromstring(head + body[_HEAD_BYTES:], parser=_PARSER)
    except (ValueError, LxmlError, RecursionError):
        return None
    if not _SAYS_HTML.search(head[:_OPENING_BYTES]) and sum(1 for _ in root.iter()) < _MIN_ELEMENTS:
        return None
    _take_in_what_follows(root)
    return root


def _take_in_what_follows(root: Any) -> None:
    """Put what stands after the end of a page into its body, as browsers do; libxml2 makes further roots of it."""
    body = root.find("body")
    for further in list(root.itersiblings()):
        within = [further, *further.iterchildren("body")]
        (root if body is None else body).append(further)
        for shell in within:
            shell.drop_tag()
