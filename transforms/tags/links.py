"""Pairs of an actor and a place in one sentence."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.records import ActorPlaceLink
from transforms.tags.actors import Mention
from transforms.tags.text import Document

_MOST = 100
"""Pairs of one sentence; a list of fifty actors and fifty places says nothing of any pair."""


def find_links(
    document: Document, mentions: Iterable[Mention], places: Iterable[tuple[int, str]]
) -> tuple[ActorPlaceLink, ...]:
    """Each pair once per sentence, with the sentence's span, in the order of the text.

    Args:
        places: Start and id of each place that is meant literally.
    """
    actors: dict[tuple[int, int], dict[str, None]] = {}
    for mention in mentions:
        actors.setdefault(document.sentence_of(mention.start), {})[mention.actor_id] = None
    found: dict[tuple[int, int], dict[str, None]] = {}
    for start, identifier in places:
        sentence = document.sentence_of(start)
        if sentence in actors:
            found.setdefault(sentence, {})[identifier] = None
    return tuple(
        ActorPlaceLink(actor, place, start, start + len(document.text[start:end].rstrip()))
        for (start, end), ids in sorted(found.items())
        if len(ids) * len(actors[start, end]) <= _MOST
        for actor in actors[start, end]
        for place in ids
    )
