"""Which story does an article belong to, and is it new, a revision, or somebody else's text?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.ids import stable_hash
from schemas.outcomes import EntryState
from schemas.records import Article, StoryLink, StoryRecord
from transforms.stories import fingerprint as fp
from transforms.stories.index import BandIndex, OverlayIndex, StoryIndex
from transforms.stories.sign import Signed

# Thresholds, from all pairs of 2,348 real news texts and from simulated edits of 120 of them (exact values):
# unrelated texts reached a Jaccard of 0.18 and a containment of 0.33; a copy that lost 30 % of its sentences, got a
# new lead and 5 % other words had a median of 0.37 and 0.66, one cut to half 0.51 and 1.0.
MIN_JACCARD = 0.35
MIN_CONTAINMENT = 0.6
CONTAINMENT_FLOOR = 0.2
"""Least Jaccard at which containment is trusted: below it the estimate is mostly noise."""
MAX_SIZE_RATIO = 3.0
"""A text over three times as long as another that it contains is a digest of several stories, not a copy of one."""

# One source's own articles share templates and background. Daily communiqués of one body reached 0.58 and 0.77, two
# articles of one paper with the same background paragraphs 0.52 and 0.72, though they tell different things.
SAME_SOURCE_MIN_JACCARD = 0.7
SAME_SOURCE_MIN_CONTAINMENT = 0.9
SAME_SOURCE_CONTAINMENT_FLOOR = 0.4
SAME_SOURCE_MIN_SHINGLES = 100
"""Paywall stubs of one site are one short text under many titles; shorter texts must have the same title too."""

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


@dataclass(frozen=True, slots=True)
class _Match:
    record: StoryRecord
    jaccard: float
    containment: float

    @property
    def evidence(self) -> str:
        return (
            f"{self.record.article_id} of {self.record.source}: "
            f"jaccard {self.jaccard:.2f}, containment {self.containment:.2f}"
        )


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


def place_article(signed: Signed, index: StoryIndex) -> Placement:
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
    if previous is not None and previous.content_hash == article.content_hash:
        return _unchanged(article, previous)
    candidates = list(index.candidates(signed.bands))
    matches = _verified(article, print_, candidates)
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
    return [match.record for match in _verified(record, _print_of(record), candidates)]


def story_among(record: StoryRecord, older: Sequence[StoryRecord]) -> str:
    """The story that a row of a new article belongs to, told by the rows before it."""
    return _story_of_new(record, _verified(record, _print_of(record), older))[0]


def _verified(
    article: Article | StoryRecord, print_: fp.Fingerprint, candidates: Sequence[StoryRecord]
) -> list[_Match]:
    """Candidates of other articles that are near-duplicates, oldest first."""
    matches = []
    for record in candidates:
        if record.article_id != article.article_id:
            other = _print_of(record)
            match = _Match(record, fp.estimate_jaccard(print_, other), fp.estimate_containment(print_, other))
            if _is_copy(article, print_, other, match):
                matches.append(match)
    return sorted(matches, key=lambda match: (match.record.fetched_at, match.record.article_id, match.record.row_id))


def _is_copy(article: Article | StoryRecord, print_: fp.Fingerprint, other: fp.Fingerprint, match: _Match) -> bool:
    shorter, longer = sorted((print_.n_shingles, other.n_shingles))
    if shorter < fp.MIN_SHINGLES or longer > MAX_SIZE_RATIO * shorter:
        return False
    if match.record.source != article.source:
        return match.jaccard >= MIN_JACCARD or (
            match.containment >= MIN_CONTAINMENT and match.jaccard >= CONTAINMENT_FLOOR
        )
    if shorter < SAME_SOURCE_MIN_SHINGLES:
        return match.record.content_hash == article.content_hash
    return match.jaccard >= SAME_SOURCE_MIN_JACCARD or (
        match.containment >= SAME_SOURCE_MIN_CONTAINMENT and match.jaccard >= SAME_SOURCE_CONTAINMENT_FLOOR
    )


def _story_of_new(article: Article | StoryRecord, matches: Sequence[_Match]) -> tuple[str, _Match | None]:
    """Story of the most similar match (the oldest of equals), and the oldest match within that story."""
    if not matches:
        return story_id_of(article.article_id), None
    story_id = max(matches, key=lambda match: match.jaccard).record.story_id
    return story_id, next(match for match in matches if match.record.story_id == story_id)


def _story_of_revision(
    previous: StoryRecord, matches: Sequence[_Match], first_seen: tuple[datetime, str]
) -> tuple[str, _Match | None]:
    """The story stays; only what is older than the article itself can be its original, so that no circle arises."""
    older = (
        match
        for match in matches
        if match.record.story_id == previous.story_id
        and (match.record.fetched_at, match.record.article_id) < first_seen
    )
    return previous.story_id, next(older, None)


def _links(article: Article, story_id: str, matches: Sequence[_Match]) -> tuple[StoryLink, ...]:
    joined: dict[str, _Match] = {}
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
    return StoryRecord(
        article_id=article.article_id,
        row_id=article.row_id,
        story_id=article.story_id or story_id_of(article.article_id),
        content_hash=article.content_hash,
        fetched_at=article.fetched_at,
        source=article.source,
        n_shingles=print_.n_shingles,
        signature=print_.signature,
    )


def _print_of(record: StoryRecord) -> fp.Fingerprint:
    return fp.Fingerprint(record.signature, record.n_shingles)
