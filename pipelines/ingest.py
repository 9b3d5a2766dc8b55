"""One bounded run on this machine: poll the feeds that are due, then work off what waits, slice by slice.

Each slice is one run of the graph. What a slice has committed is settled in the ledger only afterwards; a run that is
cut off in between is mended by the next one, which finds the rows in the tables (`recover`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.config import Config
from pipelines.ledger import Ledger
from pipelines.lock import only_writer
from pipelines.recover import recover
from pipelines.summary import Summary, summarise
from pipelines.warcs import register_warcs
from pipelines.work import warm_up
from schemas.ids import document_key
from schemas.records import Feed, FeedEntry
from schemas.tables import ARTICLES
from transforms.feeds.shard import in_turns
from transforms.pages.page import find_documents
from transforms.storage.dataset import Dataset, DatasetError
from transforms.storage.log import live_files
from transforms.stories.publishers import load_families
from transforms.tags.packs import load_packs
from transforms.web.archive import close_shared_archives, expire, mend
from transforms.web.shared import close_shared_clients

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions


@dataclass(frozen=True)
class Work:
    """What one run is asked to do.

    Attributes:
        documents: Files, or folders whose .txt and .html files are meant.
        poll_all: Poll every feed now, due or not.
        warcs: WARC files whose answers are pages.
    """

    feeds: Sequence[Feed] = ()
    documents: Sequence[Path] = ()
    poll_all: bool = False
    warcs: Sequence[Path] = ()


def ingest(work: Work, config: Config, options: PipelineOptions | None = None) -> Summary:
    """Does one bounded run and says how everything that was seen ended. Loads Beam only where there is work.

    Args:
        options: Beam's; the local runner where there are none.

    Raises:
        pipelines.lock.DatasetLocked: Another process holds the dataset's lock.
        transforms.storage.dataset.DatasetError: The output folder cannot be used.
        transforms.tags.pack_reader.PackError: A pack cannot be used.
        transforms.stories.publishers.PublishersError: The file of publishers cannot be used.
    """
    if config.packs:
        load_packs(config.packs)  # a pack that cannot be read is found before anything is fetched or made
    load_families(config.publishers)
    dataset = Dataset(config.output)
    _refuse_another_ledger(config, dataset)
    dataset.create(config.clock())
    with only_writer(config.output, config.state_dir):
        try:
            with closing(Ledger(config.ledger_path)) as ledger, archive_of(config):
                return _run(work, config, options, dataset, ledger)
        finally:
            close_shared_clients()


@contextmanager
def archive_of(config: Config) -> Iterator[None]:
    """The archive for the time of a run: what a killed run left open is closed, what is too old is deleted."""
    if "://" in config.output:  # a store has none
        yield
        return
    root = Path(config.output)
    mend(root)
    if config.archive_keep is not None:
        expire(root, config.archive_keep, config.clock())
    try:
        yield
    finally:
        close_shared_archives()


def _refuse_another_ledger(config: Config, dataset: Dataset) -> None:
    """A dataset in a store outlives the machine that wrote it, whose ledger knows what was read: without, all would be
    fetched and written again. Whoever names the folder of the ledger has thought of that."""
    if dataset.is_local or config.state is not None or config.ledger_path.exists() or not dataset.exists():
        return
    if any(file.rows for file in live_files(dataset.log(ARTICLES))):
        raise DatasetError(
            f"{config.output} holds articles, and this machine has no ledger of it ({config.ledger_path}): all that its"
            " feeds still name would be fetched and written again. Name the ledger's folder with --state DIR; `newsbeam"
            " state rebuild` makes one from the tables, and an empty folder begins a new one."
        )


def _run(work: Work, config: Config, options: PipelineOptions | None, dataset: Dataset, ledger: Ledger) -> Summary:
    recover(ledger, dataset, config.clock())
    started = config.clock()
    ledger.start_run(started)
    ledger.register_documents([_document_entry(path) for path in find_documents(work.documents)])
    notes = register_warcs(work.warcs, ledger, dataset, config.clock())
    due = in_turns(
        (ledger.next_due(feed.url) or started, feed)
        for feed in work.feeds
        if work.poll_all or _is_due(ledger, feed, started)
    )
    if due or ledger.pending_count():
        warm_up(config.pool, config.packs)  # on other cores, while this one loads Beam
        from pipelines.slices import poll, work_off

        if due:
            poll(due, config, ledger, options)
        work_off(config, ledger, options)
    summary = summarise(ledger, dataset, started, len(work.feeds) - len(due), notes)
    ledger.end_run(config.clock())
    return summary


def _is_due(ledger: Ledger, feed: Feed, now: datetime) -> bool:
    """True for a feed whose time has come. One that said 410 waits for a person: for --poll-all, or its removal."""
    due_at = ledger.next_due(feed.url)
    if due_at is None:
        return True
    state = ledger.poll_state(feed.url) if due_at <= now else None
    return due_at <= now and not (state is not None and state.parked)


def _document_entry(path: Path) -> FeedEntry:
    """The entry of a document on disk; its fingerprint is the hash of its bytes."""
    uri = Path(os.path.abspath(path)).as_uri()  # a link keeps its own name
    return FeedEntry(key=document_key(uri), source="local", url=uri, guid=uri, fingerprint=_file_hash(path))


def _file_hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:  # the stage that reads it says so in a row; once it can be read, it is tried again
        return f"unreadable:{error.errno}"
