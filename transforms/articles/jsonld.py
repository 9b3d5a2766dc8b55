"""JSON-LD of a page: read leniently, since much of it is broken, and reduced to the node that describes the article."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 12
MAX_NODES = 2000

# schema.org types that describe the article of a page, best first.
_ARTICLE_TYPES = (
    "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "backgroundnewsarticle",
    "reviewnewsarticle", "liveblogposting", "report", "article", "blogposting", "socialmediaposting", "techarticle",
    "scholarlyarticle", "medicalwebpage",
)  # fmt: skip
_PAGE_TYPES = ("webpage", "itempage", "videoobject", "recipe", "review", "howto")
_TRAILING_COMMA = re.compile(r",\s*([}\]])")
_WRAPPERS = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$"
)


@dataclass(frozen=True, slots=True)
class ArticleNode:
    """What JSON-LD says of the article. Strings are unescaped and trimmed; empty ones are None.

    `free` is False where the article, or a part of it, is said not to be accessible for free; `also_published` are the
    dates by which other descriptions of it on the page differ; `credits` are all whom it names as author, provider or
    source, organisations too.
    """

    headline: str | None = None
    authors: tuple[str, ...] = ()
    published: str | None = None
    section: str | None = None
    description: str | None = None
    image: str | None = None
    language: str | None = None
    body: str | None = None
    publisher: str | None = None
    free: bool | None = None
    also_published: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()


def article_node(blocks: list[str]) -> ArticleNode:
    """The article described by the page's JSON-LD blocks; an empty node where none describes one."""
    nodes = [node for block in blocks for node in _nodes(_load(block), MAX_DEPTH)][:MAX_NODES]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    ranked = sorted(
        ((rank, -len(node), index) for index, node in enumerate(nodes) if (rank := _rank(node)) is not None)
    )
    chosen = [nodes[index] for _, _, index in ranked]
    if not chosen:
        return ArticleNode(publisher=_publisher(nodes, by_id))
    best = chosen[0]
    # A second node may fill what the first leaves open, if it speaks of an article too and not of another page part.
    fill = [node for node in chosen[1:3] if _types(node) & set(_ARTICLE_TYPES + _PAGE_TYPES[:2])]
    return ArticleNode(
        headline=_first_text([best, *fill[:1]], "headline") or _text(best.get("name")),
        authors=_authors(best, fill, by_id),
        published=_first_text([best, *fill], "datePublished") or _first_text([best], "dateCreated", "uploadDate"),
        section=_first_text([best], "articleSection"),
        description=_first_text([best, *fill], "description"),
        image=_image(best.get("image"), by_id) or _image(best.get("thumbnailUrl"), by_id),
        language=_first_text([best, *fill], "inLanguage"),
        body=_first_text([best], "articleBody"),
        publisher=_publisher([best, *nodes], by_id),
        free=_free([best, *fill]),
        credits=_credits([best, *fill], by_id),
        also_published=tuple(filter(None, (_text(node.get("datePublished")) for node in fill))),
    )


def _load(block: str) -> Any:
    """Parse one block; repair comment wrappers, raw line breaks in strings, trailing commas and cut ends."""
    block = block.strip()
    if not (block.startswith(("{", "[")) and block.endswith(("}", "]"))):
        block = _WRAPPERS.sub("", _WRAPPERS.sub("", block)).strip().rstrip(";")
    for attempt in (block, _TRAILING_COMMA.sub(r"\1", block), html.unescape(block)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    try:
        return json.JSONDecoder(strict=False).raw_decode(block)[0]  # rubbish after a whole object
    except (ValueError, RecursionError):
        return None


def _nodes(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Every object with a type or an id, outermost first."""
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth - 1)
    elif isinstance(value, dict):
        if "@type" in value or "@id" in value:
            yield value
        for key, item in value.items():
            # What an article cites, lists or shows besides itself is another article.
            if isinstance(item, (dict, list)) and key not in {"itemListElement", "citation", "isPartOf", "comment"}:
                yield from _nodes(item, depth - 1)


def _types(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type")
    return {str(kind).rsplit("/", 1)[-1].lower() for kind in (kinds if isinstance(kinds, list) else [kinds])}


def _rank(node: dict[str, Any]) -> int | None:
    kinds = _types(node)
    if kinds & set(_ARTICLE_TYPES):
        return 0 if _text(node.get("headline")) else 1
    if kinds & set(_PAGE_TYPES) and ("datePublished" in node or "headline" in node or "author" in node):
        return 2 + next(rank for rank, kind in enumerate(_PAGE_TYPES) if kind in kinds)
    return None


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return next((found for item in value if (found := _text(item)) is not None), None)
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@value"))
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        return None
    return " ".join(html.unescape(html.unescape(str(value))).split()) or None


def _first_text(nodes: list[dict[str, Any]], *keys: str) -> str | None:
    for node in nodes:
        for key in keys:
            if key == "articleBody" and isinstance(node.get(key), str):
                return html.unescape(node[key]).strip() or None
            found = _text(node.get(key))
            if found is not None:
                return found
    return None


def _free(nodes: list[dict[str, Any]]) -> bool | None:
    """schema.org's isAccessibleForFree, of an article and of the parts that publishers mark so for search engines."""
    parts = [node.get("hasPart") for node in nodes]
    parts = [part for each in parts for part in (each if isinstance(each, list) else [each])]
    said = [as_flag(node.get("isAccessibleForFree")) for node in (*nodes, *parts) if isinstance(node, dict)]
    return False if False in said else True if True in said else None


def as_flag(value: Any) -> bool | None:
    """A truth value as pages write it: true, "True", "https://schema.org/False", …; None for anything else."""
    word = str(_text(value) if not isinstance(value, bool) else value).rsplit("/", 1)[-1].lower()
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(word)


def _authors(best: dict[str, Any], fill: list[dict[str, Any]], by_id: dict[str, Any]) -> tuple[str, ...]:
    for node in (best, *fill):
        for key in ("author", "creator"):
            names = tuple(dict.fromkeys(_people(node.get(key), by_id, MAX_DEPTH)))
            if names:
                return names
    return ()


def _credits(nodes: list[dict[str, Any]], by_id: dict[str, Any]) -> tuple[str, ...]:
    keys = ("author", "creator", "provider", "sourceOrganization", "copyrightHolder")
    named = (name for node in nodes for key in keys for name in _named(node.get(key), by_id, MAX_DEPTH))
    return tuple(dict.fromkeys(named))


def _people(value: Any, by_id: dict[str, Any], depth: int) -> Iterator[str]:
    """Names of persons in a value of `author`."""
    return _named(value, by_id, depth, besides={"organization", "newsmediaorganization", "corporation", "website"})


def _named(value: Any, by_id: dict[str, Any], depth: int, besides: Set[str] = frozenset()) -> Iterator[str]:
    """Names in a value, save those of nodes of some types."""
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _named(item, by_id, depth - 1, besides)
    elif isinstance(value, dict):
        if "name" not in value and isinstance(value.get("@id"), str):
            value = by_id.get(value["@id"], {})
        if not _types(value) & besides:
            names = value.get("name")
            for name in names if isinstance(names, list) else [names]:
                if isinstance(name, dict):
                    yield from _named(name, by_id, depth - 1, besides)
                elif (text := _text(name)) is not None:
                    yield text
    elif (text := _text(value)) is not None and not text.startswith(("http://", "https://", "#")):
        yield text


def _image(value: Any, by_id: dict[str, Any]) -> str | None:
    if isinstance(value, list):
        return next((found for item in value if (found := _image(item, by_id)) is not None), None)
    if isinstance(value, dict):
        if "url" not in value and "contentUrl" not in value and isinstance(value.get("@id"), str):
            value = by_id.get(value["@id"], value)
        return _text(value.get("url") or value.get("contentUrl"))
    return _text(value)


def _publisher(nodes: list[dict[str, Any]], by_id: dict[str, Any]) -> str | None:
    for node in nodes:
        value = node.get("publisher")
        if isinstance(value, dict) and "name" not in value and isinstance(value.get("@id"), str):
            value = by_id.get(value["@id"])
        name = _text(value)
        if name is not None:
            return name
    return next(
        (_text(node.get("name")) for node in nodes if _types(node) & {"website", "newsmediaorganization"}), None
    )
