"""What a page says of itself, collected from one parsed tree in one place: meta elements, headings, links, JSON-LD."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from transforms.articles.elements import MARGINS, Elements, lies_in
from transforms.articles.jsonld import ArticleNode, article_node
from transforms.articles.sites import bare

_MAX_HEADINGS = 8
_MAX_BLANKS = 200  # around a title in an element's text
_BODY_TAGS = ("legend", "div", "td", "span", "p", "b", "strong", "font", "a", "h4", "h5")


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Raw statements of a page.

    Attributes:
        meta: Content of meta elements by lower-case name, property or itemprop, in document order.
        headings: Texts of the first `h1` elements.
        subheadings: Texts of the first `h2` elements, where there is no `h1`.
        logos: Texts of those among them that link to the front page: names of the site.
        title: Text of the title element.
        canonical: Address in link rel=canonical.
        language: The lang attribute of html, else of meta.
    """

    meta: dict[str, list[str]]
    headings: tuple[str, ...]
    title: str | None
    canonical: str | None
    language: str | None
    article: ArticleNode = field(default_factory=ArticleNode)
    logos: tuple[str, ...] = ()
    subheadings: tuple[str, ...] = ()

    def first(self, *names: str) -> str | None:
        """First content of the first of these meta names that has any."""
        return next((self.meta[name][0] for name in names if name in self.meta), None)


def collect(page: Elements) -> Witnesses:
    """Collect the witnesses of a page; the tree is not changed."""
    meta = _metas(page)
    title = next(iter(page.named("title")), None)
    headings = _headings(page)
    logos = [node for node in headings if _leads_home(node)]
    seconds = _outside_margins(page.named("h2")) if len(logos) == len(headings) else []
    return Witnesses(
        meta=meta,
        headings=tuple(text for node in headings if node not in logos and (text := text_of(node))),
        logos=tuple(text for node in logos if (text := text_of(node))),
        subheadings=tuple(text for node in seconds if not _leads_home(node) and (text := text_of(node))),
        title=text_of(title) if title is not None else None,
        canonical=_canonical(page),
        language=_language(page.root, meta),
        article=article_node(
            [node.text for node in page.named("script") if node.text and "ld+json" in (node.get("type") or "")]
        ),
    )


def heading_of(page: Elements, title: str | None) -> Any | None:
    """The element that bears the title; the page's first `h1` where none says it, None where it has none.

    Old pages set their headlines in whatever looked large: where no heading bears the title, any element does whose
    own text it is.
    """
    headings = _headings(page)
    wanted = bare(title or "")
    if not wanted:
        return headings[0] if headings else None
    for node in (*headings, *page.named("h2", "h3")[:_MAX_HEADINGS]):
        text = bare(text_of(node))
        shorter, longer = sorted((text, wanted), key=len)
        if shorter and shorter in longer and 2 * len(shorter) >= len(longer):
            return node
    lengths = range(len(wanted), 2 * len(wanted) + _MAX_BLANKS)
    bearing = next(
        (node for node in page.named(*_BODY_TAGS) if len(node.text or "") in lengths and bare(node.text) == wanted),
        None,
    )
    return bearing if bearing is not None or not headings else headings[0]


def text_of(node: Any) -> str:
    """All text in an element, white space folded; script and style inside it left out."""
    return " ".join(
        " ".join(node.xpath("descendant-or-self::*[not(self::script or self::style or self::noscript)]/text()")).split()
    )


def _headings(page: Elements) -> Sequence[Any]:
    """The first `h1` elements outside the margins of a page; those within, where a margin was never closed."""
    headings = page.named("h1")
    return _outside_margins(headings) or headings[:_MAX_HEADINGS]


def _outside_margins(headings: Iterable[Any]) -> list[Any]:
    return list(islice((node for node in headings if not lies_in(node, *MARGINS)), _MAX_HEADINGS))


def _leads_home(heading: Any) -> bool:
    """True for a heading that is a link to the front page."""
    for link in (heading.getparent(), *heading.iter("a")):
        if link is not None and link.tag == "a" and link.get("href"):
            try:
                address = urlsplit(link.get("href").strip())
            except ValueError:
                return False
            bare_path = address.path in {"", "/"} and not (address.query or address.fragment)
            return bare_path and bool(address.netloc or address.path)
    return False


def _metas(page: Elements) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for node in page.named("meta"):
        content = " ".join((node.get("content") or "").split())
        if not content:
            continue
        for attribute in ("name", "property", "itemprop", "http-equiv"):
            for name in (node.get(attribute) or "").lower().split():
                meta.setdefault(name, []).append(content)
    return meta


def _canonical(page: Elements) -> str | None:
    for link in page.named("link"):
        if "canonical" in (link.get("rel") or "").lower().split() and (link.get("href") or "").strip():
            return str(link.get("href")).strip()
    return None


def _language(root: Any, meta: dict[str, list[str]]) -> str | None:
    declared = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    if declared:
        return str(declared)
    for name in ("og:locale", "content-language", "language", "dc.language"):
        if name in meta:
            return meta[name][0]
    return None
