"""What a Delta log tells of its past: the version that stood at a moment."""

from __future__ import annotations

from datetime import UTC, datetime

from deltalake import DeltaTable


class NoSuchPast(Exception):
    """The log does not reach back to the moment asked for; `earliest` is the first that it knows."""

    def __init__(self, earliest: datetime) -> None:
        super().__init__(earliest)
        self.earliest = earliest


def version_at(log: DeltaTable, moment: datetime) -> int:
    """The last version committed at or before a moment, by the writers' clocks as the commits tell them.

    Times of the log's files are not asked: a copy of a dataset has others.

    Raises:
        NoSuchPast: Every commit that the log still holds came later.
    """
    commits = [(_committed_at(commit["timestamp"]), int(commit["version"])) for commit in log.history()]
    standing = [version for committed_at, version in commits if committed_at <= moment]
    if not standing:
        raise NoSuchPast(min(commits)[0])
    return max(standing)


def _committed_at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
