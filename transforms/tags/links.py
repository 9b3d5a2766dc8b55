"""Pairs of an actor and a place in one sentence."""

from __future__ import annotations

from bisect import bisect_right
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
    sentences = document.sentence_starts
    actors: dict[int, dict[str, None]] = {}
    for mention in mentions:
        actors.setdefault(bisect_right(sentences, mention.start), {})[mention.actor_id] = None
    found: dict[int, dict[str, None]] = {}
    for start, identifier in places:
        number = bisect_right(sentences, start)
        if number in actors:
            found.setdefault(number, {})[identifier] = None
    links: list[ActorPlaceLink] = []
    for number, ids in sorted(found.items()):
        if len(ids) * len(actors[number]) <= _MOST:
            start, end = document.sentence(number)
            end = start + len(document.text[start:end].rstrip())
            links += (ActorPlaceLink(actor, place, start, end) for actor in actors[number] for place in ids)
    return tuple(links)
