"""Beam wiring of the room stories: tagged articles in, placements out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import apache_beam as beam

from schemas.records import Article
from transforms.stories.assign import Placement, place_article
from transforms.stories.index import OverlayIndex, StoryIndex

_ALL = "all"

OpenIndex = Callable[[], AbstractContextManager[StoryIndex]]
"""Opens the index of what was written before, to read from; called in the worker, so it must pickle."""


class AssignStories(beam.PTransform):
    """Tells new articles, revisions, repeats and near-duplicates apart, in the order of (fetched_at, article_id).

    A bounded slice is placed as one group against the index of what was written before, so that the outcome does not
    depend on the order in which the pages came in. What the slice adds is remembered by the caller, once it is
    committed; a slice that is cut off leaves no trace in the index.
    """

    def __init__(self, open_index: OpenIndex) -> None:
        super().__init__()
        self._open_index = open_index

    def expand(self, articles: beam.PCollection[Article]) -> beam.PCollection[Placement]:
        return (
            articles
            | "KeyAll" >> beam.WithKeys(_ALL)
            | "GroupSlice" >> beam.GroupByKey()
            | "Place" >> beam.ParDo(_PlaceArticles(self._open_index))
        )


class _PlaceArticles(beam.DoFn):
    def __init__(self, open_index: OpenIndex) -> None:
        self._open_index = open_index

    def process(self, keyed: tuple[str, Iterable[Article]]) -> Iterator[Placement]:
        with self._open_index() as written:
            index = OverlayIndex(written)
            for article in sorted(keyed[1], key=lambda a: (a.fetched_at, a.article_id, a.row_id)):
                yield place_article(article, index)
