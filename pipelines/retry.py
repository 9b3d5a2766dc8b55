"""`replay --stage fetch` and `--stage extract`: entries that failed there are put back and worked off once more.

What failed when its page was there is read from the archive, whatever failed before is fetched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.config import Config
from pipelines.ingest import archive_of
from pipelines.ledger import Ledger
from pipelines.lock import only_writer
from pipelines.query import connect
from pipelines.recover import recover
from pipelines.summary import Summary, summarise
from schemas.outcomes import EntryState, Reason, Stage
from schemas.tables import FAILURES
from transforms.storage.dataset import Dataset, DatasetError
from transforms.tags.packs import load_packs
from transforms.web.shared import close_shared_clients

_LATER = (str(Stage.EXTRACT), str(Stage.TAG))
"""What could not be tagged as it came has no article yet, and is made from its page as is what was not extracted."""

_BEFORE = f"(stage IN ('{Stage.FETCH}', '{Stage.READ}') AND reason <> '{Reason.BROKEN_RECORD}')"

STAGES: Mapping[str, str] = {
    "fetch": f"{_BEFORE} OR (stage IN {_LATER} AND archive_ref IS NULL)",
    "fetch-all": f"{_BEFORE} OR stage IN {_LATER}",
    "extract": f"stage IN {_LATER} AND archive_ref IS NOT NULL",
}
"""Failures that each kind of replay tries again, as SQL: what came into the archive is read there, else fetched."""


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
        stage: A key of STAGES; `extract` fetches nothing, `fetch-all` also what the archive holds.
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
        return Retried({}, {}, {}, 0, len(_failed(dataset, stage, since)))
    with nullcontext() if dry_run else only_writer(config.output, config.state_dir):
        try:
            with closing(Ledger(config.ledger_path)) as ledger, nullcontext() if dry_run else archive_of(config):
                if not dry_run:
                    recover(ledger, dataset, config.clock())
                refs = _failed(dataset, stage, since)
                reasons = ledger.failed(refs)
                lost = sum(ledger.state_of(key) in (None, EntryState.FAILED) for key in refs if key not in reasons)
                if dry_run or not reasons:
                    return Retried(Counter(reasons.values()), {}, {}, 0, lost)
                ledger.put_back({key: refs[key] if stage == "extract" else None for key in reasons})
                return _try_again(reasons, lost, config, dataset, ledger)
        finally:
            close_shared_clients()


def _failed(dataset: Dataset, stage: str, since: datetime | None) -> dict[str, str | None]:
    """Entries whose last failure is one that a kind of replay tries again, with the record that holds their bytes."""
    with connect(dataset) as connection:
        found = connection.execute(
            "SELECT key, archive_ref FROM (SELECT key, stage, reason, failed_at, archive_ref FROM failures"
            " WHERE key IS DISTINCT FROM feed_url AND key NOT IN (SELECT row_id FROM articles)"
            " QUALIFY row_number() OVER (PARTITION BY key ORDER BY failed_at DESC) = 1)"
            f" WHERE ({STAGES[stage]}) AND failed_at >= ? ORDER BY failed_at, key",
            [since or datetime.fromtimestamp(0, UTC)],
        )
        return dict(found.fetchall())


def _try_again(reasons: Mapping[str, str], lost: int, config: Config, dataset: Dataset, ledger: Ledger) -> Retried:
    dataset.create(config.clock())  # one that an earlier version wrote gains the columns that it lacks
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
