"""Inline XHTML of an Atom entry as HTML text, written as feedparser writes it: ids of entries hang on the result."""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from transforms.feeds.names import XHTML
from transforms.feeds.reading import NotSureError

XHTML_TYPE: Final = "application/xhtml+xml"

_TAG: Final = f"{{{XHTML}}}"
_DIV: Final = f"{_TAG}div"  # the address of the namespace has no capitals
_QUOTE: Final = {'"': "&quot;"}


def markup_of(holder: Any, *, atom_10: bool) -> str:
    """The content of an element as HTML text.

    Args:
        holder: lxml element that holds the markup.
        atom_10: True for Atom 1.0, in which the one `div` around all is no part of the content (RFC 4287, 3.1.1.3).

    Raises:
        NotSureError: It holds elements of other languages, or attributes with a namespace.
    """
    children = list(holder)
    if atom_10 and len(children) == 1 and children[0].tag.lower() == _DIV and not _around(holder, children[0]):
        return _inside(children[0]).strip()
    return _inside(holder).strip()


def _around(holder: Any, child: Any) -> str:
    return ((holder.text or "") + (child.tail or "")).strip()


def _inside(element: Any) -> str:
    pieces = [escape(element.text or "")]
    for child in element:
        tag = child.tag
        if not tag.startswith(_TAG) or tag.lower() == f"{_TAG}body":
            raise NotSureError(tag)
        name = tag.removeprefix(_TAG).lower()
        pieces += ["<", name, *map(_attribute, child.items()), ">", _inside(child), "</", name, ">"]
        pieces.append(escape(child.tail or ""))
    return "".join(pieces)


def _attribute(item: tuple[str, str]) -> str:
    name, value = item[0].lower(), item[1]
    if name[0] == "{" or name in ("base", "lang"):
        raise NotSureError(name)
    return f' {name}="{escape(value.lower() if name in ("rel", "type") else value, _QUOTE)}"'
