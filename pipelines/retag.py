"""`replay --stage tag`: tags articles anew from their stored texts. No archive, no network, no Beam.

A row is written again with the same row_id, article_id and fetched_at, hence into the same partition, with other tags
and a later processed_at; the views show the latest. What tagging does not decide (text, story, dates) is copied.
Compaction drops the older row.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines import progress
from pipelines.remake import (
    ROWS_PER_COMMIT,
    StoredDay,
    made_anew,
    opened,
    replay_failure,
    rows_of,
    stored_days,
)
from pipelines.turnover import Changes
from pipelines.work import local_pool, retag_article, tagger_version, warm_up
from schemas.outcomes import Stage
from schemas.records import Article, Failure, Problem
from schemas.tables import ARTICLES, FAILURES
from schemas.versions import pipeline_version
from transforms.clock import Clock, utc_now
from transforms.pool import PoolRules, outcome, shared_pool
from transforms.storage.dataset import Dataset, DatasetError


@dataclass(frozen=True)
class Retag:
    """What is to be tagged anew, and how.

    Attributes:
        since: Only articles fetched at or after this moment.
        packs: Pack files; None for the shipped ones.
        everything: Also articles that this version tagged with these packs.
        dry_run: Say what would change and write nothing.
        rows_per_commit: Most rows of one commit.
        state: Folder of the ledger and the writer's lock; None for the usual one.
    """

    output: str
    since: datetime | None = None
    packs: tuple[Path, ...] | None = None
    everything: bool = False
    dry_run: bool = False
    clock: Clock = utc_now
    pool: PoolRules = field(default_factory=local_pool)
    rows_per_commit: int = ROWS_PER_COMMIT
    state: Path | None = None


@dataclass(frozen=True)
class Retagged:
    """What was done.

    Attributes:
        pack_version: Of the tagger that was used.
    """

    changes: Changes
    pack_version: str


def retag(work: Retag) -> Retagged:
    """Tags articles anew, partition by partition. Whoever was cut off starts it again: what is done is left as it is.

    Raises:
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
        transforms.storage.dataset.DatasetError: There is no dataset, or the tagger cannot be loaded.
        transforms.tags.pack_reader.PackError: A pack cannot be used.
    """
    with opened(work) as (dataset, _):
        return _Run(work, dataset).run()


class _Run:
    """One replay of the tags."""

    def __init__(self, work: Retag, dataset: Dataset) -> None:
        self._work = work
        self._dataset = dataset
        self._changes = Changes()
        self._pool = shared_pool(work.pool)
        warm_up(work.pool, work.packs)
        self._version = self._ask_version()

    def _ask_version(self) -> str:
        """The tagger's version, as a worker tells it: this process has no need to load a tagger."""
        told = outcome(self._pool.submit(tagger_version, self._work.packs), self._work.pool)
        if isinstance(told, Problem):
            raise DatasetError(f"the tagger cannot be loaded: {told.message}")
        return str(told)

    def run(self) -> Retagged:
        days = stored_days(self._dataset, self._work.since)
        with progress.Display(f"tagging the articles of {len(days)} days", rows_of(days)):
            for day in days:
                self._partition(day)
        return Retagged(self._changes, self._version)

    def _partition(self, day: StoredDay) -> None:
        rows: list[Article] = []
        failures: list[Failure] = []
        for before, after in made_anew(self._wanted(day), self._work.pool, self._start):
            if isinstance(after, Problem):
                self._changes.failed += 1
                failures.append(replay_failure(before, Stage.TAG, after, self._work.clock()))
            elif self._changes.compare(before, after) or not self._is_current(before):
                rows.append(after)
            if len(rows) >= self._work.rows_per_commit:
                self._commit(rows, failures)
        self._commit(rows, failures)

    def _start(self, article: Article) -> Future[Any]:
        return self._pool.submit(retag_article, article, self._work.packs, self._work.clock())

    def _commit(self, rows: list[Article], failures: list[Failure]) -> None:
        """Commits what has gathered, and empties the lists."""
        if not self._work.dry_run:
            self._dataset.commit(ARTICLES, rows)
            self._dataset.commit(FAILURES, failures)
        rows.clear()
        failures.clear()

    def _wanted(self, day: StoredDay) -> Iterator[Article]:
        for article in day.articles():
            if self._is_current(article) and not self._work.everything:
                self._changes.current += 1
                progress.tick()
            else:
                yield article

    def _is_current(self, article: Article) -> bool:
        return (article.pack_version, article.pipeline_version) == (self._version, pipeline_version())
