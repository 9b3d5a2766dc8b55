"""`replay --stage fetch` and `--stage extract`: entries that failed there are put back and worked off once more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.config import Config
from pipelines.ledger import Ledger
from pipelines.lock import only_writer
from pipelines.query import connect
from pipelines.recover import recover
from pipelines.summary import Summary, summarise
from schemas.outcomes import EntryState, Stage
from schemas.tables import FAILURES
from transforms.storage.dataset import Dataset, DatasetError
from transforms.tags.packs import load_packs
from transforms.web.shared import close_shared_clients

STAGES: Mapping[str, tuple[Stage, ...]] = {
    "fetch": (Stage.FETCH, Stage.READ),
    "extract": (Stage.EXTRACT, Stage.TAG),
}
"""Stages of failures that each kind of replay tries again. What could not be tagged as it came has no article yet, and
is made from its page like what could not be extracted."""


@dataclass(frozen=True)
class Retried:
    """What became of failures that were tried again.

    Attributes:
        tried: Reasons of the entries that were put back, with counts.
        mended: Of those the ones that did not fail again.
        failed: Of those the ones that failed again, by their new reason.
        waiting: Of those the ones whose turn has not come.
        lost: Failures whose entries the ledger does not hold, so that they cannot be tried.
        summary: The run's sum; None in a dry run, and where there was nothing to do.
    """

    tried: Mapping[str, int]
    mended: Mapping[str, int]
    failed: Mapping[str, int]
    waiting: int
    lost: int
    summary: Summary | None = None

    def lines(self) -> list[str]:
        """The outcome as a person reads it."""
        lines = [f"failures to try again: {_counted(self.tried)}"]
        if self.summary is not None:
            lines.append(
                f"mended: {_counted(self.mended)}; failed again: {_counted(self.failed)}; waiting: {self.waiting}"
            )
        if self.lost:
            lines.append(f"cannot be tried again, as the ledger does not hold their entries: {self.lost}")
        return [*lines, *self.summary.lines()] if self.summary is not None else lines


def retry(stage: str, since: datetime | None, config: Config, *, dry_run: bool = False) -> Retried:
    """Tries entries again whose last failure was at a stage, together with whatever waits anyway.

    Args:
        stage: A key of STAGES.
        since: Only failures at or after this moment.
        dry_run: Only say what would be tried.

    Raises:
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
        transforms.storage.dataset.DatasetError: There is no dataset, or the ledger of one in a store is elsewhere.
        transforms.tags.pack_reader.PackError: A pack cannot be used.
    """
    dataset = Dataset(config.output)
    dataset.log(FAILURES)  # a folder that is no dataset is found before anything is made
    if not dataset.is_local and not config.ledger_path.exists():
        raise DatasetError(
            f"{config.output}: failures are tried again by the ledger of the runs that wrote it, and there is none in"
            f" {config.state_dir}. Name its folder with --state DIR. A streaming job tries its own; tags can be"
            " replayed without (--stage tag)."
        )
    if config.packs:
        load_packs(config.packs)
    if not config.ledger_path.exists():  # as after a copy without _state/, or where a streaming job wrote
        return Retried({}, {}, {}, 0, len(_failed_keys(dataset, STAGES[stage], since)))
    with nullcontext() if dry_run else only_writer(config.output, config.state_dir):
        try:
            with closing(Ledger(config.ledger_path)) as ledger:
                if not dry_run:
                    recover(ledger, dataset, config.clock())
                keys = _failed_keys(dataset, STAGES[stage], since)
                reasons = ledger.failed(keys)
                lost = sum(ledger.state_of(key) in (None, EntryState.FAILED) for key in keys if key not in reasons)
                if dry_run or not reasons:
                    return Retried(Counter(reasons.values()), {}, {}, 0, lost)
                return _try_again(reasons, lost, config, dataset, ledger)
        finally:
            close_shared_clients()


def _failed_keys(dataset: Dataset, stages: Sequence[Stage], since: datetime | None) -> list[str]:
    """Keys of entries whose last failure was at one of the stages."""
    with connect(dataset) as connection:
        found = connection.execute(
            "SELECT key FROM (SELECT key, stage, failed_at FROM failures"
            " WHERE key IS DISTINCT FROM feed_url AND key NOT IN (SELECT row_id FROM articles)"
            " QUALIFY row_number() OVER (PARTITION BY key ORDER BY failed_at DESC) = 1)"
            " WHERE list_contains(?, stage) AND failed_at >= ? ORDER BY failed_at, key",
            [[str(stage) for stage in stages], since or datetime.fromtimestamp(0, UTC)],
        )
        return [key for (key,) in found.fetchall()]


def _try_again(reasons: Mapping[str, str], lost: int, config: Config, dataset: Dataset, ledger: Ledger) -> Retried:
    dataset.create(config.clock())  # one that an earlier version wrote gains the columns that it lacks
    ledger.put_back(reasons)
    started = config.clock()
    ledger.start_run(started)
    from pipelines.slices import work_off  # which loads Beam

    work_off(config, ledger)
    summary = summarise(ledger, dataset, started, skipped_feeds=0)
    ledger.end_run(config.clock())
    ended = {key: ledger.state_of(key) for key in reasons}
    failed = ledger.failed(key for key, state in ended.items() if state is EntryState.FAILED)
    waiting = sum(state is EntryState.PENDING for state in ended.values())
    mended = Counter(
        reasons[key] for key, state in ended.items() if state not in (EntryState.FAILED, EntryState.PENDING)
    )
    return Retried(Counter(reasons.values()), mended, Counter(failed.values()), waiting, lost, summary)


def _counted(reasons: Mapping[str, int]) -> str:
    total = sum(reasons.values())
    return f"{total} ({', '.join(f'{reason} {n}' for reason, n in sorted(reasons.items()))})" if total else "none"
