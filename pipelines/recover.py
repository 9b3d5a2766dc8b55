"""Mends what a killed run left behind: rows that were committed but not settled, and rows not yet committed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pipelines.ledger import Ledger
from schemas.ids import key_of_article
from schemas.outcomes import EntryState
from schemas.records import Article, Settled, StoryRecord
from schemas.tables import ARTICLES, FAILURES, POLLS, from_plain
from transforms.storage.dataset import Dataset
from transforms.stories.assign import MEMORY, remember
from transforms.stories.fingerprint import FINGERPRINT_VERSION
from transforms.stories.sign import sign


def recover(ledger: Ledger, dataset: Dataset, now: datetime) -> None:
    """Accounts for a run that was cut off; does nothing after one that ended well.

    Rows of `polls` and `failures` that wait in the outbox are committed (perhaps again: the views show them once).
    Entries of the last slice whose rows stand in the tables are settled, so that no page is fetched twice for them;
    the others still wait.
    """
    commit_outbox(ledger, dataset)
    since = ledger.broken_slice()
    if since is not None:
        ledger.settle([*_written_since(dataset, since), *_failed_since(dataset, since)])
    ledger.close_broken_runs(now)
    _sign_anew(ledger, dataset)
    ledger.forget_stories(MEMORY.bands, MEMORY.articles)


def _sign_anew(ledger: Ledger, dataset: Dataset) -> None:
    """Files the texts that can still find near-duplicates anew, where the index is of another fingerprint's making."""
    index = ledger.story_index()
    newest = index.newest()
    if index.version() == FINGERPRINT_VERSION:
        return
    since = newest - MEMORY.bands if newest else None
    ledger.restate(_signed_anew(dataset, since) if since else (), FINGERPRINT_VERSION)


def _signed_anew(dataset: Dataset, since: datetime) -> Iterator[tuple[str, StoryRecord, Sequence[str]]]:
    for row in dataset.scan(ARTICLES, [column.name for column in ARTICLES.columns], since, "fetched_at"):
        record, bands = remember(sign(from_plain(Article, row)))
        yield record.row_id, record, bands


def commit_outbox(ledger: Ledger, dataset: Dataset) -> None:
    """Commits rows that wait in the outbox."""
    polls, failures, last = ledger.outbox()
    if last:
        dataset.commit(POLLS, polls)
        dataset.commit(FAILURES, failures)
        ledger.empty_outbox(last)


def _written_since(dataset: Dataset, since: datetime) -> Iterator[Settled]:
    columns = [column.name for column in ARTICLES.columns]
    for row in dataset.scan(ARTICLES, columns, since, "processed_at"):
        article: Article = from_plain(Article, row)
        record, bands = remember(sign(article))
        yield Settled(key_of_article(article), EntryState.WRITTEN, "", article.article_id, record, bands)


def _failed_since(dataset: Dataset, since: datetime) -> Iterator[Settled]:
    for row in dataset.scan(FAILURES, ["key", "reason"], since, "failed_at"):
        yield Settled(row["key"], EntryState.FAILED, row["reason"])
