"""What a run is told: where its dataset stands, what it tags with, and how it behaves towards publishers."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pipelines.work import local_pool
from schemas.ids import stable_hash
from schemas.versions import pipeline_version
from transforms.clock import Clock, utc_now
from transforms.pool import PoolRules
from transforms.web.archive import Keeping
from transforms.web.messages import FetchRules

ARCHIVE_KEEP = timedelta(days=90)


@dataclass(frozen=True)
class Config:
    """What a graph is built from.

    Attributes:
        output: The dataset's folder, or its address in an object store.
        packs: Pack files; None for the shipped ones.
        pool: The worker processes that extract and tag.
        archive_keep: How long the archive of local runs keeps an answer; None keeps none. A streaming job keeps none,
            nor does a run whose dataset is in a store: an object there cannot grow record by record.
        publishers: File of publishers' families; None for the shipped one.
        state: Folder of the ledger and the writer's lock; None for the usual one.
    """

    output: str
    rules: FetchRules
    packs: tuple[Path, ...] | None = None
    clock: Clock = utc_now
    pool: PoolRules = field(default_factory=local_pool)
    archive_keep: timedelta | None = ARCHIVE_KEEP
    state: Path | None = None
    publishers: Path | None = None

    @property
    def keeping(self) -> Keeping:
        """Where local runs keep what they fetch."""
        return Keeping(Path(self.output), self.archive_keep is not None and "://" not in self.output)

    @property
    def state_dir(self) -> Path:
        """Where local runs keep the ledger and the writer's lock."""
        return self.state or usual_state_dir(self.output)

    @property
    def ledger_path(self) -> Path:
        """The ledger's file."""
        return self.state_dir / LEDGER


LEDGER = "ledger.sqlite"
"""Name of the ledger's file."""


def usual_state_dir(output: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the ledger of a dataset is: in the dataset; of one in an object store on this machine.

    There it lies under XDG_STATE_HOME, else ~/.local/state, by the dataset's address: SQLite needs a disk.
    """
    if "://" not in output:
        return Path(output) / "_state"
    base = environment.get("XDG_STATE_HOME")
    address = output.rstrip("/")
    name = re.sub(r"[^\w.-]+", "-", address)[:80]
    return (
        (Path(base) if base else Path.home() / ".local" / "state") / "newsbeam" / f"{name}-{stable_hash(address)[:8]}"
    )


def rules_for(contact: str | None, spacing_s: float, allow_private: bool, obey_robots: bool) -> FetchRules:
    """Rules of fetching from the command line's options; the User-Agent names us and, if given, who runs us."""
    about = f" (+{contact})" if contact else ""
    return FetchRules(
        user_agent=f"newsbeam/{pipeline_version()}{about}",
        spacing_s=spacing_s,
        allow_private=allow_private,
        obey_robots=obey_robots,
    )
