"""Stories of a batch of documents: what `newsbeam cluster` runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from schemas.ids import content_hash
from schemas.records import Article
from transforms.stories.assign import place_article
from transforms.stories.index import MemoryIndex
from transforms.stories.sign import sign

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_UNDATED = datetime(9999, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


class Clustered(NamedTuple):
    """One document's story and the document of that story that it is a near-duplicate of, if any."""

    id: str
    story_id: str
    near_duplicate_of: str | None


def cluster(documents: Iterable[tuple[str, str | None, str, str | None, datetime | None]]) -> list[Clustered]:
    """Group documents into stories.

    Documents are placed in the order of publication, undated ones last, equal ones in the order given; so
    near_duplicate_of points to the earliest. A document whose id was seen already is taken for a revision of it.

    Args:
        documents: (id, title, text, source, published). Title, source and published may be None; a document without a
            source is nobody's sibling. A `published` without a zone counts as UTC.

    Returns:
        One entry per document, in the order given.
    """
    given = list(documents)
    order = sorted(range(len(given)), key=lambda position: (_moment(given[position][4]), position))
    index = MemoryIndex()
    placed: dict[int, Clustered] = {}
    for turn, position in enumerate(order):
        placement = place_article(sign(_article(turn, *given[position])), index)
        story = placement.article.story_id or ""
        placed[position] = Clustered(given[position][0], story, placement.article.near_duplicate_of)
    return [placed[position] for position in range(len(given))]


def _moment(published: datetime | None) -> datetime:
    if published is None:
        return _UNDATED
    return published.replace(tzinfo=UTC) if published.tzinfo is None else published


def _article(
    turn: int, identifier: str, title: str | None, text: str, source: str | None, published: datetime | None
) -> Article:
    """The document as an article fetched at its turn, so that "older" means "placed earlier"."""
    fetched_at = _FIRST + turn * _STEP
    return Article(
        row_id=str(turn),
        article_id=identifier,
        url="",
        canonical_url="",
        source=source or f"document {turn}",
        feed_url=None,
        guid=None,
        title=title,
        authors=(),
        language=None,
        section=None,
        lead=None,
        text=text,
        image_url=None,
        published_at=None if published is None else _moment(published),
        published_raw=None,
        published_offset_min=None,
        published_date=None,
        published_precision=None,
        published_from=None,
        fetched_at=fetched_at,
        processed_at=fetched_at,
        word_count=len(text.split()),
        content_hash=content_hash(title, text),
    )
