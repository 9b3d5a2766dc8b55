"""`replay --stage extract`: makes stored articles anew from the archive. No network, no Beam.

A row is written again with the same article_id, fetched_at and story, hence into the same partition, with the text and
tags of this version and a later processed_at; the views show the latest. Where the text has changed its row_id has too,
and the row that superseded it follows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pipelines import progress
from pipelines.ledger import Ledger
from pipelines.query import connect
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
from pipelines.work import Covered, local_pool, make_article, warm_up
from schemas.ids import key_of_article, row_id
from schemas.outcomes import Reason, Stage
from schemas.records import Article, Failure, FeedEntry, Lost, Page, Problem, StoryRecord
from schemas.tables import ARTICLES, FAILURES, from_plain
from transforms.clock import Clock, utc_now
from transforms.coding import decode
from transforms.pages.recall import recall, recall_with_entry
from transforms.pool import PoolRules, shared_pool
from transforms.storage.dataset import Dataset
from transforms.stories.assign import remember
from transforms.stories.sign import Signed

_STAMPS: Final = frozenset({"processed_at", "pipeline_version", "schema_version", "row_id", "content_hash"})
"""Fields that say when and by what a row was made, or that follow from others: no changes to tell of by themselves."""

_STORY: Final = ("article_id", "story_id", "near_duplicate_of", "supersedes", "publisher_family")
"""Fields that stay as they were written: a replay is not given the file of publishers."""

_TAGS: Final = frozenset(
    {"places", "actors", "quotes", "links", "countries", "regions", "region", "pack_version", "tag_rules"}
)


@dataclass(frozen=True)
class Reextract:
    """What is to be made anew, and how.

    Attributes:
        since: Only articles fetched at or after this moment.
        packs: Pack files; None for the shipped ones.
        dry_run: Say what would change and write nothing.
        max_bytes: Cap on a page.
        state: Folder of the ledger and the writer's lock; None for the usual one.
    """

    output: str
    since: datetime | None = None
    packs: tuple[Path, ...] | None = None
    dry_run: bool = False
    clock: Clock = utc_now
    pool: PoolRules = field(default_factory=local_pool)
    max_bytes: int = 20 * 2**20
    state: Path | None = None


@dataclass
class Reextracted:
    """What was done.

    Attributes:
        made: Articles that were made anew from the archive.
        changed: Those of them that a reader would find changed, in whatever respect.
        fields: Of those, how many have another value in each column outside the tags.
        tags: What changed in the tags.
        failed: Articles that gave none this time; they keep what they have.
        absent: Articles whose record was never kept, or is not in the archive any more.
    """

    made: int = 0
    changed: int = 0
    fields: Counter[str] = field(default_factory=Counter)
    tags: Changes = field(default_factory=Changes)
    failed: Counter[str] = field(default_factory=Counter)
    absent: int = 0

    def compare(self, before: Article, after: Article) -> bool:
        """Counts one article; True where its row is to be written again."""
        differing = {f.name for f in fields(Article) if getattr(before, f.name) != getattr(after, f.name)}
        tags_changed = self.tags.compare(before, after)
        told = differing - _STAMPS - _TAGS
        self.made += 1
        self.changed += bool(told) or tags_changed
        self.fields.update(told)
        return bool(differing - {"processed_at"})

    def lines(self, *, dry_run: bool = False) -> list[str]:
        """The outcome as a person reads it."""
        did = "would make" if dry_run else "made"
        failed = ", ".join(f"{reason} {n}" for reason, n in sorted(self.failed.items()))
        told = [
            f"{did} {self.made} articles anew from the archive: {self.changed} changed,"
            f" {self.failed.total()} failed{f' ({failed})' if failed else ''}, {self.absent} not in the archive"
        ]
        counted = sorted(self.fields.items(), key=lambda item: (-item[1], item[0]))
        told.append("columns: " + (", ".join(f"{name} {n}" for name, n in counted) or "nothing changed"))
        return [*told, *self.tags.sections()]


def reextract(work: Reextract) -> Reextracted:
    """Makes articles anew, partition by partition. Whoever was cut off starts it again.

    Raises:
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
        transforms.storage.dataset.DatasetError: There is no dataset.
        transforms.tags.pack_reader.PackError: A pack cannot be used.
    """
    with opened(work) as (dataset, ledger_path):
        return _Run(work, dataset, ledger_path).run()


class _Run:
    """One replay."""

    def __init__(self, work: Reextract, dataset: Dataset, ledger_path: Path) -> None:
        self._work = work
        self._dataset = dataset
        self._ledger_path = ledger_path
        self._done = Reextracted()
        self._renamed: dict[str, str] = {}
        self._pool = shared_pool(work.pool)
        warm_up(work.pool, work.packs)

    def run(self) -> Reextracted:
        days = stored_days(self._dataset, self._work.since)
        with progress.Display(f"extracting the articles of {len(days)} days", rows_of(days)):
            for day in days:
                self._partition(day)
        self._follow()
        return self._done

    def _partition(self, day: StoredDay) -> None:
        rows: list[tuple[str, Signed]] = []
        failures: list[Failure] = []
        for before, made in made_anew(self._kept(day), self._work.pool, self._start):
            if isinstance(made, Covered):
                made = made.signed  # that its page could not be had is told already
            if isinstance(made, bytes):
                signed = _as_stored(before, decode(made, Signed))
                if self._done.compare(before, signed.article):
                    rows.append((before.row_id, signed))
            elif isinstance(made, Problem) and made.reason is Reason.UNREADABLE:
                self._done.absent += 1
            else:
                lost = made if isinstance(made, Lost) else Lost(Stage.EXTRACT, made)
                self._done.failed[lost.problem.reason] += 1
                failures.append(replay_failure(before, lost.stage, lost.problem, self._work.clock()))
            if len(rows) >= ROWS_PER_COMMIT:
                self._commit(rows, failures)
        self._commit(rows, failures)

    def _kept(self, day: StoredDay) -> Iterator[Article]:
        """Articles that name a record."""
        for article in day.articles():
            if article.archive_ref is None:
                self._done.absent += 1
                progress.tick()
            else:
                yield article

    def _start(self, article: Article) -> Future[Any] | Problem:
        page = self._page(article)
        if isinstance(page, Problem):
            return page
        return self._pool.submit(make_article, page, self._work.packs, self._work.clock())

    def _page(self, article: Article) -> Page | Problem:
        root, most = Path(self._dataset.root), self._work.max_bytes
        page = recall_with_entry(article.archive_ref or "", root, most)
        return page if isinstance(page, Page) else recall(_entry_of(article), root, most)

    def _commit(self, rows: list[tuple[str, Signed]], failures: list[Failure]) -> None:
        """Commits what has gathered, and empties the lists.

        The stories' index goes first: a kill in between is mended by the next replay, which finds the same changes.
        """
        renamed = {old: signed.article.row_id for old, signed in rows if old != signed.article.row_id}
        self._renamed |= renamed
        if not self._work.dry_run:
            self._restate([(old, *remember(signed)) for old, signed in rows if old in renamed])
            self._dataset.commit(ARTICLES, [signed.article for _, signed in rows])
            self._dataset.commit(FAILURES, failures)
        rows.clear()
        failures.clear()

    def _restate(self, rows: list[tuple[str, StoryRecord, tuple[str, ...]]]) -> None:
        if rows and self._ledger_path.exists():
            with closing(Ledger(self._ledger_path)) as ledger:
                ledger.restate(rows)

    def _follow(self) -> None:
        """Rows that superseded one whose row_id is another now name the new one."""
        if not self._renamed or self._work.dry_run:
            return
        names = ", ".join(f'"{column.name}"' for column in ARTICLES.columns)
        with connect(self._dataset) as connection:
            query = f"SELECT {names} FROM articles WHERE list_contains(?, supersedes)"
            found = connection.sql(query, params=[list(self._renamed)]).to_arrow_table()
        rows: list[Article] = [from_plain(Article, row) for row in found.to_pylist()]
        now = self._work.clock()
        self._dataset.commit(
            ARTICLES, [replace(row, supersedes=self._renamed[row.supersedes or ""], processed_at=now) for row in rows]
        )


def _as_stored(before: Article, made: Signed) -> Signed:
    """What was made, with the id and the story that the stored row has."""
    final: Mapping[str, Any] = {name: getattr(before, name) for name in _STORY}
    article = replace(made.article, **final)
    return replace(
        made, article=replace(article, row_id=row_id(article.article_id, article.fetched_at, article.content_hash))
    )


def _entry_of(article: Article) -> FeedEntry:
    """The entry of an article, as far as its row tells, for records without one beside them."""
    return FeedEntry(
        key=key_of_article(article),
        source=article.source,
        url=article.url,
        feed_url=article.feed_url,
        guid=article.guid,
        family=article.publisher_family,
        archive_ref=article.archive_ref,
    )
