"""Articles that are laid out in several containers of one name, between which advertisements stand.

An extractor that looks for the container of the article takes the first of them and leaves the rest.
"""

from __future__ import annotations

import re
from typing import Any

from transforms.articles.elements import raw_text
from transforms.articles.masthead import names_of

MIN_SHARE = 0.6
"""Share of the paragraphs' characters that the containers of one name must hold together."""

_MIN_PARAGRAPHS = 2  # a container of the article holds several; cards of other stories hold one
_PARAGRAPH_CHARS = 80
_OTHERS = re.compile(r"(?i)comment|repl(?:y|ies)|review|related|teaser|card|excerpt|summary|promo|recommend")
_HOLDERS = frozenset({"div", "section"})


def join_parts(tree: Any, found_chars: int) -> bool:
    """Put the contents of like-named containers into the first of them, where they are an article's parts.

    Args:
        tree: A part of a page; it is changed.
        found_chars: Length of the text that an extractor found in it. Only containers that hold clearly more are an
            article of which it found a part.

    Returns:
        True where there were such containers.
    """
    held: dict[Any, list[int]] = {}
    total = 0
    for paragraph in tree.iter("p"):
        chars = len(" ".join(raw_text(paragraph).split()))
        if chars >= _PARAGRAPH_CHARS:
            total += chars
            held.setdefault(paragraph.getparent(), []).append(chars)
    alike: dict[tuple[str, str], list[Any]] = {}
    for holder, each in held.items():
        if len(each) >= _MIN_PARAGRAPHS and holder.tag in _HOLDERS and holder.get("class"):
            alike.setdefault((holder.tag, holder.get("class")), []).append(holder)
    for parts in alike.values():
        chars = sum(sum(held[part]) for part in parts)
        if len(parts) > 1 and chars >= MIN_SHARE * total and found_chars < MIN_SHARE * chars and _are_parts(parts):
            first = parts[0]
            for part in parts[1:]:
                first.extend(list(part))
            return True
    return False


def _are_parts(parts: list[Any]) -> bool:
    """False for comments, cards and whole stories, which are named alike too."""
    if any(part.find(".//h1") is not None for part in parts):
        return False
    near = [node for node in (parts[0], *parts[0].iterancestors())][:3]
    return not any(_OTHERS.search(names_of(node)) for node in near)
