"""What replays of stored articles share: the articles that stand, day by day, and work on them that is under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

from pipelines import progress
from pipelines.config import LEDGER, usual_state_dir
from pipelines.ledger import Ledger
from pipelines.lock import only_writer
from pipelines.recover import recover
from schemas.outcomes import Stage
from schemas.records import Article, Failure, Problem
from schemas.tables import ARTICLES, from_plain
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.clock import Clock
from transforms.pool import PoolRules, outcome, shared_pool
from transforms.storage.dataset import Dataset
from transforms.storage.log import LiveFile, live_files
from transforms.storage.standing import standing_batches
from transforms.tags.packs import load_packs

ROWS_PER_COMMIT = 500
"""Rows held at most. A partition with more is committed in several parts."""

_ROWS_READ = 200


@dataclass(frozen=True)
class StoredDay:
    """The articles of one partition.

    Attributes:
        files: Those that the log holds.
        since: Articles fetched before are left out.
    """

    dataset: Dataset
    files: list[LiveFile]
    since: datetime

    def articles(self) -> Iterator[Article]:
        """The rows that the view shows, a few at a time."""
        for batch in standing_batches(self.dataset, ARTICLES, self.files, _ROWS_READ):
            for row in batch.to_pylist():
                if row["fetched_at"] >= self.since:
                    article: Article = from_plain(Article, row)
                    yield article


def stored_days(dataset: Dataset, since: datetime | None) -> list[StoredDay]:
    """The partitions that hold articles fetched at or after a moment, in order."""
    first = ARTICLES.partition_at(since) if since else date.min
    found: dict[date, list[LiveFile]] = {}
    for file in live_files(dataset.log(ARTICLES)):
        if file.rows and file.partition >= first:
            found.setdefault(file.partition, []).append(file)
    begin = since or datetime.min.replace(tzinfo=UTC)
    return [StoredDay(dataset, files, begin) for _, files in sorted(found.items())]


def rows_of(days: Iterable[StoredDay]) -> int:
    """Rows of some partitions, repeats included."""
    return sum(file.rows for day in days for file in day.files)


def made_anew(
    articles: Iterable[Article], rules: PoolRules, start: Callable[[Article], Future[Any] | Problem]
) -> Iterator[tuple[Article, Any]]:
    """Each article with what the workers made of it, in order; as many are under way as keep them busy.

    Args:
        start: Begins the work on an article, or says why it cannot.
    """
    started: deque[tuple[Article, Future[Any] | Problem]] = deque()
    in_flight = shared_pool(rules).in_flight
    for article in articles:
        started.append((article, start(article)))
        if len(started) >= in_flight:
            yield _ended(*started.popleft(), rules)
    while started:
        yield _ended(*started.popleft(), rules)


def _ended(article: Article, work: Future[Any] | Problem, rules: PoolRules) -> tuple[Article, Any]:
    made = work if isinstance(work, Problem) else outcome(work, rules)
    progress.tick()
    return article, made


class Replay(Protocol):
    """What every replay of stored articles is told."""

    @property
    def output(self) -> str: ...
    @property
    def packs(self) -> tuple[Path, ...] | None: ...
    @property
    def state(self) -> Path | None: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def dry_run(self) -> bool: ...


@contextmanager
def opened(work: Replay) -> Iterator[tuple[Dataset, Path]]:
    """The dataset of a replay and its ledger's path, with the lock held unless nothing is to be written.

    Raises:
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
        transforms.storage.dataset.DatasetError: There is no dataset.
        transforms.tags.pack_reader.PackError: A pack cannot be used.
    """
    if work.packs:
        load_packs(work.packs)
    dataset = Dataset(work.output)
    dataset.log(ARTICLES)  # a folder that is no dataset is found before anything is made
    state = work.state or usual_state_dir(work.output)
    with nullcontext() if work.dry_run else only_writer(work.output, state):
        if not work.dry_run:
            _mend_ledger(dataset, state / LEDGER, work.clock())
            dataset.create(work.clock())  # one that an earlier version wrote gains the columns that it lacks
        yield dataset, state / LEDGER


def _mend_ledger(dataset: Dataset, path: Path, now: datetime) -> None:
    """Settles what a run that was cut off left behind, before rows of its time are written again."""
    if path.exists():
        with closing(Ledger(path)) as ledger:
            recover(ledger, dataset, now)


def replay_failure(article: Article, stage: Stage, problem: Problem, now: datetime) -> Failure:
    """The row that tells why a stored article could not be made anew; its key is the row_id of the one that stays."""
    kept = "tags" if stage is Stage.TAG else "text and the tags"
    return Failure(
        stage=stage,
        reason=problem.reason,
        key=article.row_id,
        url=article.url,
        message=f"{problem.message}; the article keeps the {kept} that it has",
        failed_at=now,
        feed_url=article.feed_url,
        source=article.source,
        archive_ref=article.archive_ref,
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )
