"""Runs of the main job in tests: short, local, polite to nobody (the servers are our own)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.config import Config, rules_for
from pipelines.ingest import Work, ingest
from pipelines.options import local_options
from pipelines.query import connect
from pipelines.summary import Summary
from schemas.records import Feed
from transforms.storage.dataset import Dataset


def config_for(output: Path) -> Config:
    return Config(str(output), rules_for("test", 0.0, allow_private=True, obey_robots=True))


def run(output: Path, feeds: Sequence[Feed] = (), documents: Sequence[Path] = (), *, poll_all: bool = True) -> Summary:
    """One bounded run; the sum must add up, whatever happened."""
    summary = ingest(Work(feeds, documents, poll_all), config_for(output), local_options([]))
    assert summary.adds_up, summary.lines()
    return summary


def rows(output: Path | str, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query over the views."""
    with connect(Dataset(str(output))) as connection:
        return connection.execute(sql).fetchall()
