"""Stories in an unbounded graph: what the keys of bands, texts and articles remember, and how their answers are joined.

A row asks each of its bands which texts it has met; the answers meet again at the row's key, which asks each of those
texts once whether the row is its copy; these answers meet at the row's article, which decides with `place_article` as a
local run does. So a band remembers some tens of bytes of a text, and what texts are compared by is kept once for each.

The graph has no way back from the decision to the bands, so an answer tells an older row's text, not which story it
ended in. Hence the deciding row places the older copies anew, oldest first, and what it cannot see from there (a copy
of a copy, a copy that came by another way at the same moment) is told by a row of `story_links`: links taken together,
the stories are those of a local run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from schemas.ids import stable_hash
from schemas.records import Article, StoryLink, StoryRecord
from transforms.stories.assign import MEMORY, Memory, Placement, copies_of, place_article, story_among, story_id_of
from transforms.stories.index import MAX_PER_BAND
from transforms.stories.sign import Signed

_T = TypeVar("_T")


class Filed(NamedTuple):
    """A text in a band.

    Attributes:
        text: Its key (`text_key`).
        fetched_at: Of the row that brought it to the band.
    """

    text: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """What comes to a band's key: a row that has it."""

    row_id: str
    filed: Filed


@dataclass(frozen=True, slots=True)
class Heard:
    """What comes to a row's key: the row itself, or the answer of one of its bands.

    Attributes:
        signed: The row.
        filed: Other texts that a band knew.
    """

    signed: Signed | None = None
    filed: tuple[Filed, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What comes to a text's key: a row that has this text, or one that asks whether it is a copy of it.

    Attributes:
        filed_at: Of an asking row, the fetch under which a band knew this text.
    """

    record: StoryRecord
    filed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clue:
    """What comes to an article's key: the row itself, or one text's answer about it.

    Attributes:
        row_id: Of the row that is to be placed.
        signed: The row.
        asked: With the row: how many texts were asked about it.
        copies: The row that has the asked text, where the row that is to be placed is a near-duplicate of it.
    """

    row_id: str
    signed: Signed | None = None
    asked: int | None = None
    copies: tuple[StoryRecord, ...] = ()


@dataclass(frozen=True)  # not slots: a generic class notes its parameter on its instances
class Gathering(Generic[_T]):
    """The answers about a row while some of them are on their way.

    Attributes:
        asked: How many were asked; None until the row itself is here.
        found: What the answers tell, each once.
    """

    asked: int | None = None
    answered: int = 0
    found: tuple[_T, ...] = ()

    @property
    def complete(self) -> bool:
        """True once the row is here and all have answered, in whatever order."""
        return self.answered == self.asked


@dataclass(frozen=True, slots=True)
class KnownText:
    """What is remembered of a text, or who waits for it.

    Attributes:
        expires_at: From then on no row can ask for it.
        record: Of the row that has it; None while that is on its way, which a band's answer may overtake.
        waiting: Questions until then.
    """

    expires_at: datetime
    record: StoryRecord | None = None
    waiting: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What is remembered of an article's rows: ids, no sketches.

    Attributes:
        latest: The row of the latest fetch, without what texts are compared by.
        expires_at: A row that is fetched from then on does not know it.
        first_seen: Fetch of the row that was placed first, where that is another one.
    """

    latest: StoryRecord
    expires_at: datetime
    first_seen: datetime | None = None


def text_key(record: StoryRecord) -> str:
    """Key of a row's text: rows of one article with the same content share it."""
    return stable_hash("text", record.article_id, record.content_hash)[:16]


def match_band(known: Sequence[Filed], row: Filed, keep: timedelta) -> tuple[tuple[Filed, ...], tuple[Filed, ...]]:
    """A band's answer to a row, and what the band remembers from now on.

    Args:
        known: Texts of the band, in the order of their coming.
        keep: How long after its fetch a row finds near-duplicates.

    Returns:
        The other texts that it knows; then the band's texts with this one, the first `MAX_PER_BAND` of them. A text
        stands in a band once, so that a row that is seen again costs no room.
    """
    alive = tuple(old for old in known if old.fetched_at + keep > row.fetched_at)
    others = tuple(old for old in alive if old.text != row.text)
    return others, alive if len(others) < len(alive) else (*alive, row)[:MAX_PER_BAND]


def gather(gathering: Gathering[_T], asked: int | None, found: Sequence[_T] = ()) -> Gathering[_T]:
    """A row's gathering after the row came, which says how many were asked, or after one more answer."""
    if asked is not None:
        return replace(gathering, asked=asked)
    return replace(gathering, answered=gathering.answered + 1, found=tuple(dict.fromkeys((*gathering.found, *found))))


def answer_question(
    known: KnownText | None, question: Question, keep: timedelta, now: datetime
) -> tuple[KnownText | None, list[tuple[StoryRecord, tuple[StoryRecord, ...]]]]:
    """What a text's key knows after a question, and its answers: each an asking row and what that is a copy of.

    A row that has the text takes the place of one whose time is over for it. A question for a text whose time is over
    by the clock is answered at once: its row is not on its way, it was forgotten.
    """
    if question.filed_at is None:
        row, old = question.record, known.record if known else None
        kept = old if old is not None and old.fetched_at + keep > row.fetched_at else row
        expires_at = max(row.fetched_at + keep, known.expires_at if known else row.fetched_at)
        waiting = known.waiting if known else ()
        return KnownText(expires_at, kept), [(asking.record, _copies(asking, kept)) for asking in waiting]
    if known is not None and known.record is not None:
        return known, [(question.record, _copies(question, known.record))]
    expires_at = question.filed_at + keep
    if expires_at <= now:
        return known, [(question.record, ())]
    if known is None:
        return KnownText(expires_at, waiting=(question,)), []
    return KnownText(max(expires_at, known.expires_at), waiting=(*known.waiting, question)), []


def _copies(question: Question, row: StoryRecord) -> tuple[StoryRecord, ...]:
    return tuple(copies_of(question.record, [row]))


def place_gathered(
    signed: Signed, known: KnownArticle | None, copies: Sequence[StoryRecord], memory: Memory = MEMORY
) -> Placement:
    """Places a row among what its article's key and its bands know, as `place_article` does with an index.

    Only older rows can be the original, so that two that saw each other agree on which it is; for a newer one, which
    may not have seen this row, a link says that its story is this row's.
    """
    article = signed.article
    own = () if known is None else (known.latest, replace(known.latest, fetched_at=_first_seen(known)))
    age = (own[1].fetched_at if own else article.fetched_at, article.article_id)
    older = [copy for copy in copies if (copy.fetched_at, copy.article_id) < age]
    found = _Gathered(known.latest if known else None, (*own, *_placed_anew(older)))
    placement = place_article(signed, found, memory)
    if placement.record is None:
        return placement
    return replace(placement, links=_all_links(placement, [copy for copy in copies if copy not in older]))


def remembered(known: KnownArticle | None, record: StoryRecord, keep: timedelta) -> KnownArticle:
    """What an article's key knows after a row was placed."""
    bare = replace(record, signature=b"", facts=b"", published_at=None)
    if known is None:
        return KnownArticle(bare, record.fetched_at + keep)
    later = max(bare, known.latest, key=lambda row: (row.fetched_at, row.row_id))
    return KnownArticle(later, later.fetched_at + keep, _first_seen(known))


def _first_seen(known: KnownArticle) -> datetime:
    return known.first_seen or known.latest.fetched_at


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
