"""Makes rows of the table `failures` of the problems that stages meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from schemas.outcomes import Stage
from schemas.records import Article, Failure, FeedEntry, Lost, Problem
from schemas.versions import SCHEMA_VERSION, pipeline_version


def failure_of(
    entry: FeedEntry, stage: Stage, problem: Problem, now: datetime, archive_ref: str | None = None
) -> Failure:
    """The row that tells what went wrong with an entry, at which stage and when.

    Args:
        archive_ref: The WARC record that holds the bytes, where some came.
    """
    return Failure(
        stage=stage,
        reason=problem.reason,
        key=entry.key,
        url=entry.url,
        message=problem.message,
        failed_at=now,
        feed_url=entry.feed_url,
        source=entry.source,
        attempt=entry.attempt,
        archive_ref=archive_ref,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )


def covered_failure(article: Article, entry: FeedEntry, lost: Lost, at: datetime) -> Failure:
    """The row that tells why an article has a feed's words in place of its page's text. Its key is the article's row:
    the entry itself did not fail."""
    told = Problem(lost.problem.reason, f"{lost.problem.message}; the text is the feed's own ({article.extractor})")
    return replace(failure_of(entry, lost.stage, told, at, lost.archive_ref), key=article.row_id)
