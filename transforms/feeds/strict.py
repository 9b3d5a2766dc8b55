"""The fast reader, for feeds that are well-formed XML of a known format: most of them.

It gives the same facts as feedparser at a quarter of its cost, so that whoever reads on need not know which of the two
it was. A document of which it is not sure that feedparser would read it alike is left to feedparser: broken XML, a DTD,
markup where text belongs, unusual types and dates, names that feedparser takes in a way of its own.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from lxml import etree

from transforms.feeds.mend import mend_ampersands
from transforms.feeds.reading import NotSureError, Reading
from transforms.feeds.walk import Walk

_DECLARATION: Final = re.compile(rb"<\?xml[^>]*>")
_ENCODING: Final = re.compile(rb"<\?.*encoding=['\"](.*?)['\"].*\?>")
_DTD: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_ELEMENT: Final = re.compile(rb"<\w")
_BASE: Final = re.compile(rb"[Bb][Aa][Ss][Ee]\s*=")


def read_strictly(readable: bytes, headers: Mapping[str, str], base_url: str) -> Reading | None:
    """Reads a well-formed feed; None stands for a document that is feedparser's to read.

    Args:
        readable: The body in an encoding whose ASCII letters are single bytes; looked at for bombs and tangles.
        headers: `content-type`, whose charset goes before the document's own, and `content-language` where known.
        base_url: Absolute http or https URL against which links are resolved.
    """
    body = _as_utf8(readable, headers["content-type"])
    if body is None:
        return None
    begin = _ELEMENT.search(body)
    if begin is None or _DTD.search(body, 0, begin.start()):
        return None
    try:
        root, bozo = _root_of(body)
        walk = Walk(root, base_url, headers.get("content-language"), has_bases=_BASE.search(body) is not None)
        return replace(walk.reading(), bozo=bozo)
    except (etree.XMLSyntaxError, NotSureError):
        return None


def _root_of(body: bytes) -> tuple[Any, str | None]:
    """The root element, and how the document breaks XML if only its ampersands do."""
    try:
        return _parsed(body), None
    except etree.XMLSyntaxError as error:
        return _parsed(mend_ampersands(body)), f"{type(error).__name__}: {error}"


def _parsed(body: bytes) -> Any:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(body, parser)
    if parser.error_log:
        raise NotSureError("a fault that lxml forgives, such as a namespace without an address")
    return root


def _as_utf8(readable: bytes, content_type: str) -> bytes | None:
    """The body in UTF-8 without its declaration; None where it is not in the encoding that it is said to be in."""
    stated = _ENCODING.match(readable)
    charset = content_type.partition("charset=")[2] or (stated.group(1).decode("ascii", "replace") if stated else "")
    try:
        name = codecs.lookup({"": "utf-8", "gb2312": "gb18030"}.get(charset.lower(), charset)).name
        body = readable if name in ("utf-8", "ascii") else readable.decode(name).encode("utf-8")
    except (LookupError, ValueError):
        return None
    declaration = _DECLARATION.match(body)
    return body[declaration.end() :] if declaration else body
