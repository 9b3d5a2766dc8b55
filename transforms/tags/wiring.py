"""Beam wiring of the room tags: articles in, tagged articles out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import apache_beam as beam

from schemas.ids import key_of_article
from schemas.outcomes import Reason, Stage
from schemas.records import Article, Failure
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.clock import Clock
from transforms.tags.tagger import Tagger

FAILED = "failed"


@lru_cache(maxsize=4)
def shared_tagger(packs: tuple[Path, ...] | None) -> Tagger:
    """The process's tagger for these packs (None: the shipped ones); it is large and loaded once."""
    return Tagger.load(packs)


class TagArticles(beam.PTransform):
    """Tags each article with places, actors and regions. Outputs `articles` (Article) and `failed` (Failure)."""

    def __init__(self, clock: Clock, packs: tuple[Path, ...] | None = None) -> None:
        super().__init__()
        self._clock = clock
        self._packs = packs

    def expand(self, articles: beam.PCollection[Article]) -> beam.pvalue.DoOutputsTuple:
        return articles | "Tag" >> beam.ParDo(_TagArticle(self._clock, self._packs)).with_outputs(
            FAILED, main="articles"
        )


def tag_article(article: Article, tagger: Tagger) -> Article:
    """The article with its tags."""
    tags = tagger.tag(
        article.title,
        article.text,
        language=article.language,
        published=article.published_date,
        source=article.source,
    )
    return replace(
        article,
        places=tags.places,
        actors=tags.actors,
        quotes=tags.quotes,
        links=tags.links,
        countries=tags.countries,
        regions=tags.regions,
        region=tags.region,
        pack_version=tags.pack_version,
    )


class _TagArticle(beam.DoFn):
    def __init__(self, clock: Clock, packs: tuple[Path, ...] | None) -> None:
        self._clock = clock
        self._packs = packs

    def setup(self) -> None:
        self._tagger = shared_tagger(self._packs)

    def process(self, article: Article) -> Iterator[object]:
        try:
            tagged = tag_article(article, self._tagger)
        except Exception as error:  # one text must not end the run
            yield beam.pvalue.TaggedOutput(FAILED, self._failure(article, error))
        else:
            yield tagged

    def _failure(self, article: Article, error: Exception) -> Failure:
        return Failure(
            stage=Stage.TAG,
            reason=Reason.STAGE_ERROR,
            key=key_of_article(article),
            url=article.url,
            message=f"tagging raised {type(error).__name__}: {error}"[:500],
            failed_at=self._clock(),
            feed_url=article.feed_url,
            source=article.source,
            archive_ref=article.archive_ref,
            pipeline_version=pipeline_version(),
            schema_version=SCHEMA_VERSION,
        )
