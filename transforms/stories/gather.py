"""Stories in an unbounded graph: what the keys of bands and of articles remember, and how their answers are joined.

A row asks each of its bands for near-duplicates; the answers meet again at the row's article, which decides with
`place_article` as a local run does. The graph has no way back from the decision to the bands, so a band knows an
older row's text, not which story it ended in. Hence the deciding row places the older copies anew, oldest first, and
what it cannot see from there (a copy of a copy, a copy that came by another way at the same moment) is told by a row
of `story_links`: links taken together, the stories are those of a local run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.records import Article, StoryLink, StoryRecord
from transforms.stories.assign import MEMORY, Memory, Placement, copies_of, place_article, story_among, story_id_of
from transforms.stories.index import MAX_PER_BAND
from transforms.stories.sign import Signed


@dataclass(frozen=True, slots=True)
class Clue:
    """What comes to an article's key: the row itself, or one band's answer about it.

    Attributes:
        row_id: Of the row that is to be placed.
        signed: The row.
        copies: Near-duplicates that a band knew.
    """

    row_id: str
    signed: Signed | None = None
    copies: tuple[StoryRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathering:
    """The answers about a row between its coming and its placement, some seconds later.

    Attributes:
        asked: How many bands were asked; None until the row itself is here.
    """

    asked: int | None = None
    answered: int = 0
    copies: tuple[StoryRecord, ...] = ()

    @property
    def complete(self) -> bool:
        """True once the row is here and all its bands have answered, in whatever order."""
        return self.answered == self.asked


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What is remembered of an article's rows: hashes, never text.

    Attributes:
        first: The row that was placed first.
        latest: The row of the latest fetch.
        expires_at: A row that is fetched from then on does not know them.
    """

    first: StoryRecord
    latest: StoryRecord
    expires_at: datetime


def match_band(
    known: Sequence[StoryRecord], record: StoryRecord, keep: timedelta
) -> tuple[tuple[StoryRecord, ...], tuple[StoryRecord, ...]]:
    """A band's answer to a row, and what the band remembers from now on.

    Args:
        known: Rows of the band, in the order of their coming.
        keep: How long after its fetch a row finds near-duplicates.

    Returns:
        Copies of the row among the known ones; then the band's rows with this one, the first `MAX_PER_BAND` of them.
        An article stands in a band once per content, so that a row that is seen again costs no room.
    """
    alive = tuple(old for old in known if old.fetched_at + keep > record.fetched_at)
    copies = tuple(copies_of(record, alive))
    same = any(old.article_id == record.article_id and old.content_hash == record.content_hash for old in alive)
    return copies, alive if same else (*alive, record)[:MAX_PER_BAND]


def gather(gathering: Gathering, clue: Clue) -> Gathering:
    """A row's gathering after one more clue."""
    if clue.signed is not None:
        return replace(gathering, asked=len(clue.signed.bands))
    copies = {record.row_id: record for record in (*gathering.copies, *clue.copies)}
    return replace(gathering, answered=gathering.answered + 1, copies=tuple(copies.values()))


def place_gathered(
    signed: Signed, known: KnownArticle | None, copies: Sequence[StoryRecord], memory: Memory = MEMORY
) -> Placement:
    """Places a row among what its article's key and its bands know, as `place_article` does with an index.

    Only older rows can be the original, so that two that saw each other agree on which it is; for a newer one, which
    may not have seen this row, a link says that its story is this row's.
    """
    article = signed.article
    age = (known.first.fetched_at if known else article.fetched_at, article.article_id)
    older = [copy for copy in copies if (copy.fetched_at, copy.article_id) < age]
    own = (known.first, known.latest) if known else ()
    found = _Gathered(known.latest if known else None, (*own, *_placed_anew(older)))
    placement = place_article(signed, found, memory)
    if placement.record is None:
        return placement
    return replace(placement, links=_all_links(placement, [copy for copy in copies if copy not in older]))


def remembered(known: KnownArticle | None, record: StoryRecord, keep: timedelta) -> KnownArticle:
    """What an article's key knows after a row was placed."""
    if known is None:
        return KnownArticle(record, record, record.fetched_at + keep)
    later = max(record, known.latest, key=lambda row: (row.fetched_at, row.row_id))
    return KnownArticle(known.first, later, later.fetched_at + keep)


class _Gathered:
    """The index that `place_article` reads: what was gathered for one row."""

    def __init__(self, latest: StoryRecord | None, candidates: Sequence[StoryRecord]) -> None:
        self._latest = latest
        self._candidates = candidates

    def latest(self, article_id: str) -> StoryRecord | None:
        return self._latest

    def candidates(self, bands: Sequence[str], since: datetime) -> Sequence[StoryRecord]:
        return self._candidates

    def add(self, record: StoryRecord, bands: Sequence[str]) -> None:
        """The keys' cells remember, not the index."""


def _placed_anew(copies: Sequence[StoryRecord]) -> list[StoryRecord]:
    """Rows with the stories that they have among themselves, by the rule for new articles, oldest first."""
    placed: list[StoryRecord] = []
    for copy in sorted(copies, key=lambda row: (row.fetched_at, row.article_id, row.row_id)):
        same = next((row.story_id for row in placed if row.article_id == copy.article_id), None)
        placed.append(replace(copy, story_id=same or story_among(copy, placed)))
    return placed


def _all_links(placement: Placement, newer: Sequence[StoryRecord]) -> tuple[StoryLink, ...]:
    article = placement.article
    story_id = article.story_id or story_id_of(article.article_id)
    own = story_id_of(article.article_id)
    joined = {link.joined_story_id: link for link in placement.links}
    if own != story_id and article.supersedes is None:
        joined[own] = _link(article, story_id, own, placement.evidence)
    for copy in newer:
        other = story_id_of(copy.article_id)
        if other != story_id:
            joined.setdefault(other, _link(article, story_id, other, f"{copy.article_id} came at the same time"))
    return tuple(joined.values())


def _link(article: Article, story_id: str, joined: str, evidence: str) -> StoryLink:
    return StoryLink(
        story_id=story_id,
        joined_story_id=joined,
        evidence=evidence,
        linked_at=article.processed_at,
        pipeline_version=article.pipeline_version,
        schema_version=article.schema_version,
    )
