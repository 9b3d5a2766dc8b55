"""The elements of a page, walked once for all who ask for some.

Each question to a tree, by name or by attribute, walks the whole of it; all those of this room together took as long as
parsing does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

MARGINS = ("aside", "footer", "nav")
"""What stands beside the article of a page."""


class Elements:
    """All elements of a page in document order, as they were when this was made.

    Attributes:
        root: The page.
    """

    def __init__(self, root: Any) -> None:
        self.root = root
        self._all: list[Any] = list(root.iter())
        self._names: list[str] = [node.tag for node in self._all]
        self._by_name: defaultdict[str, list[Any]] = defaultdict(list)
        for node, name in zip(self._all, self._names, strict=True):
            self._by_name[name].append(node)
        self._by_attribute: dict[str, list[tuple[Any, str]]] = {}

    def named(self, *names: str) -> Sequence[Any]:
        """Elements of these names, in document order."""
        if len(names) == 1:
            return self._by_name.get(names[0], ())
        wanted = self._by_name.keys() & names
        return [node for node, name in zip(self._all, self._names, strict=True) if name in wanted]

    def with_attribute(self, attribute: str) -> Sequence[tuple[Any, str]]:
        """Elements that have this attribute, and its value, in document order; empty ones are left out."""
        if attribute not in self._by_attribute:
            self._by_attribute[attribute] = [(node, value) for node in self._all if (value := node.get(attribute))]
        return self._by_attribute[attribute]

    def ordered(self, some: Iterable[Any]) -> list[Any]:
        """Some of the elements, each once, in document order."""
        wanted = set(some)
        return [node for node in self._all if node in wanted] if len(wanted) > 1 else list(wanted)


def raw_text(node: Any, *, most: int | None = None) -> str:
    """All text in an element as it stands; empty where it has more characters than `most`."""
    if len(node) == 0:  # as most have
        text = node.text or ""
        return text if most is None or len(text) <= most else ""
    if most is None:
        return "".join(node.itertext())
    chunks, left = [], most
    for chunk in node.itertext():
        left -= len(chunk)
        if left < 0:
            return ""
        chunks.append(chunk)
    return "".join(chunks)


def lies_in(node: Any, *names: str) -> bool:
    """True for an element that has one of these names, or an ancestor that has."""
    return node.tag in names or next(node.iterancestors(*names), None) is not None
