"""`replay --stage tag`: tags articles anew from their stored texts. No archive, no network, no Beam.

A row is written again with the same row_id, article_id and fetched_at, hence into the same partition, with other tags
and a later processed_at; the views show the latest. What tagging does not decide (text, story, dates) is copied.
Compaction drops the older row.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines import progress
from pipelines.config import LEDGER, usual_state_dir
from pipelines.ledger import Ledger
from pipelines.lock import only_writer
from pipelines.recover import recover
from pipelines.turnover import Changes
from pipelines.work import local_pool, retag_article, tagger_version, warm_up
from schemas.outcomes import Stage
from schemas.records import Article, Failure, Problem
from schemas.tables import ARTICLES, FAILURES, from_plain
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.clock import Clock, utc_now
from transforms.pool import PoolRules, outcome, shared_pool
from transforms.storage.dataset import Dataset, DatasetError
from transforms.storage.log import LiveFile, live_files
from transforms.storage.standing import standing_batches
from transforms.tags.packs import load_packs

_ROWS_PER_COMMIT = 500
"""Rows held at most. A partition with more is committed in several parts."""

_ROWS_READ = 200


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
    rows_per_commit: int = _ROWS_PER_COMMIT
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
    if work.packs:
        load_packs(work.packs)
    dataset = Dataset(work.output)
    dataset.log(ARTICLES)  # a folder that is no dataset is found before anything is made
    state = work.state or usual_state_dir(work.output)
    with nullcontext() if work.dry_run else only_writer(work.output, state):
        if not work.dry_run:
            _mend(dataset, state / LEDGER, work.clock())
            dataset.create(work.clock())  # one that an earlier version wrote gains the columns that it lacks
        return _Run(work, dataset).run()


def _mend(dataset: Dataset, ledger_path: Path, now: datetime) -> None:
    """Settles what a run that was cut off left behind, before rows of its time are written again."""
    if ledger_path.exists():
        with closing(Ledger(ledger_path)) as ledger:
            recover(ledger, dataset, now)


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
        by_day = self._partitions()
        rows = sum(file.rows for files in by_day.values() for file in files)
        with progress.Display(f"tagging the articles of {len(by_day)} days", rows):
            for files in by_day.values():
                self._partition(files)
        return Retagged(self._changes, self._version)

    def _partitions(self) -> dict[date, list[LiveFile]]:
        since = self._work.since
        first = ARTICLES.partition_at(since) if since else date.min
        found: dict[date, list[LiveFile]] = {}
        for file in live_files(self._dataset.log(ARTICLES)):
            if file.rows and file.partition >= first:
                found.setdefault(file.partition, []).append(file)
        return dict(sorted(found.items()))

    def _partition(self, files: list[LiveFile]) -> None:
        rows: list[Article] = []
        failures: list[Failure] = []
        for before, after in self._tagged(files):
            if isinstance(after, Problem):
                self._changes.failed += 1
                failures.append(_failure(before, after, self._work.clock()))
            elif self._changes.compare(before, after) or not self._is_current(before):
                rows.append(after)
            if len(rows) >= self._work.rows_per_commit:
                self._commit(rows, failures)
        self._commit(rows, failures)

    def _commit(self, rows: list[Article], failures: list[Failure]) -> None:
        """Commits what has gathered, and empties the lists."""
        if not self._work.dry_run:
            self._dataset.commit(ARTICLES, rows)
            self._dataset.commit(FAILURES, failures)
        rows.clear()
        failures.clear()

    def _tagged(self, files: list[LiveFile]) -> Iterator[tuple[Article, Article | Problem]]:
        """Each article with what the workers made of it; as many are under way as keep them busy."""
        started: deque[tuple[Article, Future[Any]]] = deque()
        for article in self._wanted(files):
            future = self._pool.submit(retag_article, article, self._work.packs, self._work.clock())
            started.append((article, future))
            if len(started) >= self._pool.in_flight:
                yield self._next(started)
        while started:
            yield self._next(started)

    def _next(self, started: deque[tuple[Article, Future[Any]]]) -> tuple[Article, Article | Problem]:
        article, future = started.popleft()
        made = outcome(future, self._work.pool)
        progress.tick()
        return article, made

    def _wanted(self, files: list[LiveFile]) -> Iterator[Article]:
        since = self._work.since or datetime.min.replace(tzinfo=UTC)
        for batch in standing_batches(self._dataset, ARTICLES, files, _ROWS_READ):
            for row in batch.to_pylist():
                if row["fetched_at"] < since:
                    continue
                article: Article = from_plain(Article, row)
                if self._is_current(article) and not self._work.everything:
                    self._changes.current += 1
                    progress.tick()
                else:
                    yield article

    def _is_current(self, article: Article) -> bool:
        return (article.pack_version, article.pipeline_version) == (self._version, pipeline_version())


def _failure(article: Article, problem: Problem, now: datetime) -> Failure:
    return Failure(
        stage=Stage.TAG,
        reason=problem.reason,
        key=article.row_id,
        url=article.url,
        message=f"{problem.message}; the article keeps the tags that it has",
        failed_at=now,
        feed_url=article.feed_url,
        source=article.source,
        archive_ref=article.archive_ref,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )
