"""Beam wiring of the room articles: pages in, articles out."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam

from schemas.outcomes import Reason, Stage
from schemas.records import Page, Problem
from transforms.articles.article import build_article
from transforms.articles.extract import extract_page
from transforms.clock import Clock
from transforms.failures import failure_of

FAILED = "failed"


class ExtractArticles(beam.PTransform):
    """Extracts text and metadata of each page. Outputs `articles` (Article) and `failed` (Failure)."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def expand(self, pages: beam.PCollection[Page]) -> beam.pvalue.DoOutputsTuple:
        return pages | "Extract" >> beam.ParDo(_ExtractArticle(self._clock)).with_outputs(FAILED, main="articles")


class _ExtractArticle(beam.DoFn):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def process(self, page: Page) -> Iterator[object]:
        now = self._clock()
        try:
            found = extract_page(page)
            article = found if isinstance(found, Problem) else build_article(page, found, now=now)
        except Exception as error:  # one page must not end the run, whatever a parser makes of it
            article = Problem(Reason.STAGE_ERROR, f"extraction raised {type(error).__name__}: {error}"[:500])
        if isinstance(article, Problem):
            yield beam.pvalue.TaggedOutput(FAILED, failure_of(page.entry, Stage.EXTRACT, article, now))
        else:
            yield article
