"""Registers what WARC files hold in the ledger, batch by batch; the pages are read when their slices come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from pipelines import progress
from pipelines.ledger import Ledger
from pipelines.recover import commit_outbox
from schemas.outcomes import Stage
from schemas.records import Failure, FeedEntry
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.pages.captures import Skipped, Unusable, captures_in
from transforms.storage.dataset import Dataset

_BATCH = 500


def register_warcs(paths: Sequence[Path], ledger: Ledger, dataset: Dataset, now: datetime) -> list[str]:
    """Registers the answers in WARC files, and what is broken in them; gives a line about each file.

    A run that is cut off here begins the file again: what was registered is known by its record's id.
    """
    told = []
    for path in paths:
        counts: Counter[str] = Counter()
        with progress.Display(f"reading {path.name}", 1):
            found = captures_in(path)
            while batch := list(islice(found, _BATCH)):
                _register(batch, counts, ledger, now)
                commit_outbox(ledger, dataset)
        told.append(
            f"{path}: {counts['entries']} answers, {counts['unusable']} broken records,"
            f" {counts['skipped']} other records skipped"
        )
    return told


def _register(
    batch: Iterable[FeedEntry | Unusable | Skipped], counts: Counter[str], ledger: Ledger, now: datetime
) -> None:
    entries: list[FeedEntry] = []
    unusable: list[Failure] = []
    for found in batch:
        if isinstance(found, FeedEntry):
            entries.append(found)
        elif isinstance(found, Unusable):
            unusable.append(_failure(found, now))
        else:
            counts["skipped"] += 1
    counts["entries"] += len(entries)
    counts["unusable"] += len(unusable)
    ledger.register_documents(entries, unusable)


def _failure(found: Unusable, now: datetime) -> Failure:
    return Failure(
        stage=Stage.READ,
        reason=found.problem.reason,
        key=found.key,
        url=found.place,
        message=found.problem.message,
        failed_at=now,
        source="local",
        pipeline_version=pipeline_version(),
        schema_version=SCHEMA_VERSION,
    )
