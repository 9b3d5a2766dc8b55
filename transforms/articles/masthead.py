"""What stands around the headline of a page: the elements where a byline and a date are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from transforms.articles.elements import raw_text

_NEAR_ELEMENTS = 100
"""Elements below the headline within which bylines and dates stand."""

_ABOVE_ELEMENTS = 25
"""Elements above the headline within which they may stand too."""

_PROSE_CHARS = 200  # a paragraph this long is the article's own: the second one ends the head of the page


@dataclass(frozen=True, slots=True)
class Masthead:
    """Elements around a headline: those below it in document order, then those above it, the nearest first.

    `tail` is the bare text right after the headline, which plain pages put a date or a name into; `holders` are the
    elements that the headline lies in.
    """

    elements: tuple[Any, ...] = ()
    tail: str = ""
    holders: frozenset[Any] = frozenset()

    @classmethod
    def around(cls, heading: Any | None) -> Masthead:
        """The masthead of a page whose headline is this element; an empty one for None."""
        if heading is None:
            return cls()
        elements = (*_below(heading), *islice(_above(heading), _ABOVE_ELEMENTS))
        return cls(elements, " ".join((heading.tail or "").split()), frozenset(heading.iterancestors()))


NO_MASTHEAD = Masthead()
"""That of a page without a headline."""


def names_of(element: Any) -> str:
    """What an element is called: its class, id and itemprop, and "time" where it is a `time` element."""
    called = (element.get("class"), element.get("id"), element.get("itemprop"))
    return " ".join(filter(None, (*called, "time" if element.tag == "time" else None)))


def _below(heading: Any) -> Iterator[Any]:
    prose = 0
    for element in islice(_following(heading), _NEAR_ELEMENTS):
        if element.tag == "p" and len(raw_text(element)) >= _PROSE_CHARS:
            prose += 1
            if prose == 2:
                return
        yield element


def _following(node: Any) -> Iterator[Any]:
    for up in (node, *node.iterancestors()):
        for sibling in up.itersiblings():
            yield from _elements(sibling)


def _above(node: Any) -> Iterator[Any]:
    for up in (node, *node.iterancestors()):
        for sibling in up.itersiblings(preceding=True):
            yield from reversed(list(islice(_elements(sibling), _ABOVE_ELEMENTS)))


def _elements(node: Any) -> Iterator[Any]:
    return (element for element in node.iter() if isinstance(element.tag, str))
