"""The part of a page that holds its running text.

An extractor that is given only this part is faster, and has fewer teasers to be mistaken about. The part is found by
weight alone: from the root downwards, the one child that holds nearly all of the page's running text, as long as there
is one. Running text is paragraphs, and long stretches of text outside them that are no link: older pages part their
paragraphs by line breaks.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from lxml.etree import XPath

from transforms.articles.elements import raw_text

MIN_SHARE = 0.9
"""Share of the running text that a child must hold to be gone down into. Measured on 431 pages with gold text: .85 to
.95 give the same within .001 F1."""

MIN_CHARS = 1200
"""Running text below which a page's weights say nothing."""

_STRETCH_CHARS = 80  # a paragraph or a stretch of text shorter than this is as often a label or a teaser
_MARGINS = "ancestor::footer or ancestor::nav or ancestor::aside or ancestor::form or ancestor::noscript"
_PARAGRAPHS = XPath(f"/descendant::p[not({_MARGINS})]")
_STRETCHES = XPath(
    f"/descendant::body/descendant::text()[string-length() >= {_STRETCH_CHARS}]"
    f"[not(ancestor::p or ancestor::a or ancestor::script or ancestor::style or {_MARGINS})]"
)
_MIN_DEPTH = 3  # html, body and something in it: less is the page itself
_PROSE_CHARS = 200  # of a paragraph that is the article's own, and no disclosure or slogan
_MAX_LEADS = 6  # more paragraphs above the part are other stories
_CELLS = ("td", "th")
_PARTS = ("thead", "tbody", "tfoot", "tr", *_CELLS)
_LAYOUT_CHARS = 500  # of running text: no cell of a table of data has so much
_KEPT_ATTRIBUTES = ("class", "id", "role", "itemprop")


@dataclass(frozen=True, slots=True)
class Region:
    """Running text of a page.

    Attributes:
        chars: How much there is on the whole page, in characters.
        paragraph_chars: How much of it stands in paragraphs.
        tree: A copy of the part that holds it, within copies of the elements around it; None where it is not worth a
            part of its own.
    """

    chars: int
    paragraph_chars: int
    tree: Any | None


def find_region(root: Any) -> Region:
    """Find the part of a page that holds its running text; tables that only lay it out become divisions."""
    weights: dict[Any, int] = {}
    total = in_paragraphs = 0
    running = _running_text(root)
    _undo_layout(running)
    for holder, chars in running:
        total += chars
        in_paragraphs += chars if holder.tag == "p" else 0
        for node in (holder, *holder.iterancestors()):
            weights[node] = weights.get(node, 0) + chars
    if total < MIN_CHARS:
        return Region(total, in_paragraphs, None)
    path = [root]
    while path[-1].tag != "p":
        heavy = next((child for child in path[-1] if weights.get(child, 0) >= MIN_SHARE * total), None)
        if heavy is None:
            break
        path.append(heavy)
    path = path[: max(_MIN_DEPTH, _depth_with_lead(root, path, running))]
    return Region(total, in_paragraphs, _copy(path) if len(path) >= _MIN_DEPTH else None)


def _undo_layout(running: list[tuple[Any, int]]) -> None:
    """Make divisions of the cells that hold much running text, and of the tables around them.

    Old pages are laid out by tables; extractors take these for data and put all that is in a row into one line.
    """
    held: dict[Any, int] = {}
    for holder, chars in running:
        cell = next((node for node in (holder, *holder.iterancestors(*_CELLS)) if node.tag in _CELLS), None)
        if cell is not None:
            held[cell] = held.get(cell, 0) + chars
    tables = {table for cell, chars in held.items() if chars >= _LAYOUT_CHARS for table in cell.iterancestors("table")}
    parts = [part for table in tables for part in table.iter(*_PARTS) if next(part.iterancestors("table")) is table]
    for node in (*parts, *tables):
        node.tag = "div"


def _depth_with_lead(root: Any, path: list[Any], running: list[tuple[Any, int]]) -> int:
    """How much of a path may be gone down so that the paragraphs between headline and part stay within.

    Pages set the first paragraphs apart, above a picture or an index of the story.
    """
    order = {node: index for index, node in enumerate(root.iter("h1", "p"))}
    first = next((order[node] for node in path[-1].iter("p") if node in order), 0)
    above = max((index for node, index in order.items() if node.tag == "h1" and index < first), default=None)
    if above is None:
        return len(path)
    leads = {
        node: size for node, size in running if node.tag == "p" and above < order[node] < first and not _is_linked(node)
    }
    if not 0 < len(leads) <= _MAX_LEADS or max(leads.values()) < _PROSE_CHARS:
        return len(path)
    depths = {node: depth for depth, node in enumerate(path)}
    return 1 + min(next(depths[up] for up in lead.iterancestors() if up in depths) for lead in leads)


def _is_linked(paragraph: Any) -> bool:
    """True for a paragraph that is mostly links."""
    return 2 * sum(len(raw_text(link)) for link in paragraph.iter("a")) > len(raw_text(paragraph))


def _running_text(root: Any) -> list[tuple[Any, int]]:
    """Elements that hold running text, with its length in characters."""
    found = [(node, len(" ".join(raw_text(node).split()))) for node in _PARAGRAPHS(root)]
    for text in _STRETCHES(root):
        parent = text.getparent()
        found.append((parent.getparent() if text.is_tail else parent, len(" ".join(text.split()))))
    return [(node, chars) for node, chars in found if chars >= _STRETCH_CHARS]


def _copy(path: list[Any]) -> Any:
    """The last element of a path, copied into bare copies of those before it, which extractors know by their names."""
    top = inner = None
    for node in path[:-1]:
        shell = node.makeelement(node.tag, {name: node.get(name) for name in _KEPT_ATTRIBUTES if node.get(name)})
        if inner is None:
            top = shell
        else:
            inner.append(shell)
        inner = shell
    part = deepcopy(path[-1])
    part.tail = None
    inner.append(part)  # type: ignore[union-attr]
    return top
