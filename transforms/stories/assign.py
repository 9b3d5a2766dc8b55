"""Which story does an article belong to, and is it new, a revision, or somebody else's text?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from schemas.ids import stable_hash
from schemas.outcomes import EntryState
from schemas.records import Article, StoryLink, StoryRecord
from transforms.stories import fingerprint as fp
from transforms.stories.compare import Match, compare
from transforms.stories.index import BandIndex, OverlayIndex, StoryIndex
from transforms.stories.sign import Signed


@dataclass(frozen=True, slots=True)
class Memory:
    """For how long rows are known, counted from fetch to fetch and never by the clock.

    So a replay of an archive remembers what the live run did.

    Attributes:
        articles: After its last row an article is known for so long; a later edit begins a new chain of revisions.
        bands: After its fetch a row finds near-duplicates for so long: syndicated copies come within days.
    """

    articles: timedelta = timedelta(days=180)
    bands: timedelta = timedelta(days=7)


MEMORY = Memory()

JOIN_MIN_JACCARD = 0.5
"""Least Jaccard at which an article that is like two stories joins them: a digest must not chain what it mentions."""


@dataclass(frozen=True)
class Placement:
    """Where an article stands among what was seen before.

    Attributes:
        state: WRITTEN, or UNCHANGED for a row that is there already with this content (which the caller counts as
            DUPLICATE where it came through another entry).
        article: With story_id, near_duplicate_of and supersedes filled.
        record: What to remember of the row; None where nothing is written.
        bands: Keys under which to remember it.
        evidence: One line on why.
        links: Other stories that this article shows to be the same one.
    """

    state: EntryState
    article: Article
    record: StoryRecord | None
    bands: tuple[str, ...]
    evidence: str
    links: tuple[StoryLink, ...] = ()


def story_id_of(article_id: str) -> str:
    """Id of the story that begins with an article."""
    return f"s1-{stable_hash('story', article_id)}"


def place_slice(arrived: Iterable[Signed], written: BandIndex) -> Iterator[Placement]:
    """Place articles among those of `written` and among themselves, in the order of (fetched_at, article_id, row_id).

    The outcome does not depend on the order in which the articles are given. Nothing is added to `written`: that is for
    the caller, once the rows are committed.
    """
    index = OverlayIndex(written)
    for signed in sorted(arrived, key=lambda s: (s.article.fetched_at, s.article.article_id, s.article.row_id)):
        yield place_article(signed, index)


def place_article(signed: Signed, index: StoryIndex, memory: Memory = MEMORY) -> Placement:
    """Place one article among those of `index`, and add it there if it is to be written.

    The result depends on the article and on what was added before, hence on the order of arrival alone.

    - Same article_id and content_hash as its latest row: UNCHANGED.
    - Same article_id, other content: a revision; it supersedes that row and stays in its story. A row fetched before
      the latest one (an archive read late) supersedes nothing.
    - A near-duplicate of another article: the story of the most similar one, and near_duplicate_of its oldest match.
    - Else a story of its own.
    """
    article, print_ = signed.article, signed.fingerprint
    previous = index.latest(article.article_id)
    if previous is not None and previous.fetched_at + memory.articles <= article.fetched_at:
        previous = None
    if previous is not None and previous.content_hash == article.content_hash:
        return _unchanged(article, previous)
    candidates = list(index.candidates(signed.bands, article.fetched_at - memory.bands))
    matches = _verified(_record_of(article, print_), candidates)
    if previous is not None:
        first_seen = min(r.fetched_at for r in [previous, *candidates] if r.article_id == article.article_id)
        story_id, copy_of = _story_of_revision(previous, matches, (first_seen, article.article_id))
        is_newer = article.fetched_at >= previous.fetched_at
        supersedes = previous.row_id if is_newer else None
        evidence = f"{'revision of' if is_newer else 'fetched before'} row {previous.row_id}"
    else:
        story_id, copy_of = _story_of_new(article, matches)
        supersedes = None
        evidence = f"near-duplicate of {copy_of.evidence}" if copy_of else _why_new(print_, len(candidates))
    placed = replace(
        article,
        story_id=story_id,
        near_duplicate_of=copy_of.record.article_id if copy_of else None,
        supersedes=supersedes,
    )
    record = _record_of(placed, print_)
    index.add(record, signed.bands)
    return Placement(EntryState.WRITTEN, placed, record, signed.bands, evidence, _links(placed, story_id, matches))


def _unchanged(article: Article, previous: StoryRecord) -> Placement:
    placed = replace(article, story_id=previous.story_id)
    return Placement(EntryState.UNCHANGED, placed, None, (), f"same content as row {previous.row_id}")


def _why_new(print_: fp.Fingerprint, compared: int) -> str:
    if print_.n_shingles < fp.MIN_SHINGLES:
        return f"new story: {print_.n_shingles} shingles are under {fp.MIN_SHINGLES}, too few to compare"
    return f"new story: none of {compared} candidates is near enough"


def copies_of(record: StoryRecord, candidates: Sequence[StoryRecord]) -> list[StoryRecord]:
    """Those of the candidates that are near-duplicates of a row of another article, oldest first."""
    return [match.record for match in _verified(record, candidates)]


def story_among(record: StoryRecord, older: Sequence[StoryRecord]) -> str:
    """The story that a row of a new article belongs to, told by the rows before it."""
    return _story_of_new(record, _verified(record, older))[0]


def _verified(record: StoryRecord, candidates: Sequence[StoryRecord]) -> list[Match]:
    """Candidates of other articles that are near-duplicates, oldest first."""
    compared = (compare(record, other) for other in candidates if other.article_id != record.article_id)
    matches = [match for match in compared if match is not None]
    return sorted(matches, key=lambda match: (match.record.fetched_at, match.record.article_id, match.record.row_id))


def _story_of_new(article: Article | StoryRecord, matches: Sequence[Match]) -> tuple[str, Match | None]:
    """Story of the most similar match (the oldest of equals), and the oldest match within that story."""
    if not matches:
        return story_id_of(article.article_id), None
    story_id = max(matches, key=lambda match: match.jaccard).record.story_id
    return story_id, next(match for match in matches if match.record.story_id == story_id)


def _story_of_revision(
    previous: StoryRecord, matches: Sequence[Match], first_seen: tuple[datetime, str]
) -> tuple[str, Match | None]:
    """The story stays; only what is older than the article itself can be its original, so that no circle arises."""
    older = (
        match
        for match in matches
        if match.record.story_id == previous.story_id
        and (match.record.fetched_at, match.record.article_id) < first_seen
    )
    return previous.story_id, next(older, None)


def _links(article: Article, story_id: str, matches: Sequence[Match]) -> tuple[StoryLink, ...]:
    joined: dict[str, Match] = {}
    for match in matches:
        if match.record.story_id != story_id and match.jaccard >= JOIN_MIN_JACCARD:
            joined.setdefault(match.record.story_id, match)
    return tuple(
        StoryLink(
            story_id=story_id,
            joined_story_id=other,
            evidence=f"{article.article_id} is a near-duplicate of {match.evidence}",
            linked_at=article.processed_at,
            pipeline_version=article.pipeline_version,
            schema_version=article.schema_version,
        )
        for other, match in joined.items()
    )


def remember(signed: Signed) -> tuple[StoryRecord, tuple[str, ...]]:
    """What an index keeps of a row that is written already, for an index that is made anew from the tables."""
    return _record_of(signed.article, signed.fingerprint), signed.bands


def _record_of(article: Article, print_: fp.Fingerprint) -> StoryRecord:
    # All bare documents have the source `local`, which is nobody's: their publishers are not known to be one.
    return StoryRecord(
        article_id=article.article_id,
        row_id=article.row_id,
        story_id=article.story_id or story_id_of(article.article_id),
        content_hash=article.content_hash,
        fetched_at=article.fetched_at,
        source=article.url if article.url.startswith("file:") else article.source,
        n_shingles=print_.n_shingles,
        signature=print_.signature,
        facts=print_.facts,
        published_at=article.published_at,
    )
