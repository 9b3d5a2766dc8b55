"""The demo: two invented outlets served on this machine, ingested over real HTTP, edited, ingested again, and shown."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from pipelines.config import Config, rules_for
from pipelines.demo_server import DemoSite
from pipelines.ingest import Work, ingest
from pipelines.query import connect
from schemas.records import Feed
from schemas.tables import TABLES
from transforms.storage.dataset import Dataset, DatasetError

_OUTLETS = ("oxus-courier", "bactria-monitor")
_PIPED_WIDTH = 118
_MADE = frozenset({*TABLES, "_state", "_archive", "README.md", "views.sql", "dataset.json"})

_ARTICLES = """
SELECT title, source, strftime(published_at, '%d %b %H:%M') AS published, region, story_id,
       supersedes IS NOT NULL AS revised, near_duplicate_of IS NOT NULL AS copied, actors
FROM articles
ORDER BY region = 'none', region, min(published_at) OVER (PARTITION BY story_id), published_at, revised
"""
_ACTORS_SHOWN = 4


def run_demo(output: Path) -> bool:
    """Runs the demo into a folder and shows what came out; False where a sum does not add up.

    Raises:
        transforms.storage.dataset.DatasetError: The folder holds things that no demo made.
    """
    _clear_earlier_demo(output)
    console = Console(highlight=False)
    config = Config(str(output), rules_for("newsbeam demo", 0.0, allow_private=True, obey_robots=True))
    with DemoSite() as site:
        feeds = [Feed(url=url, source=name) for name, url in zip(_OUTLETS, site.feed_urls, strict=True)]
        _say(console, "served on this machine, two invented news outlets", list(site.feed_urls))
        first = ingest(Work(feeds), config)
        _say(console, "first pass", first.lines())
        site.revise()
        console.print("One of them edits an article.")
        second = ingest(Work(feeds, poll_all=True), config)
        _say(console, "second pass", second.lines())
        _show(console, Dataset(str(output)))
        console.print(f"{len(site.requests)} requests were made. The dataset is in {output}. Try next:\n")
    for command in _next_commands(output):
        console.print(f"  {_program()} {command}", soft_wrap=True, markup=False)
    return first.adds_up and second.adds_up


def _clear_earlier_demo(output: Path) -> None:
    """Removes what an earlier demo made here, and only that: a dataset of the user's own is never touched."""
    marker = output / "_state" / "demo"
    if output.exists() and any(output.iterdir()):
        if not marker.exists():
            raise DatasetError(f"{output} is not empty, and no demo made it. Choose another --output.")
        for path in output.iterdir():
            if path.name in _MADE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()


def _say(console: Console, label: str, lines: list[str]) -> None:
    for line in lines:
        console.print(f"{label}: {line}", soft_wrap=True, markup=False)


def _show(console: Console, dataset: Dataset) -> None:
    """Articles with region, actors and story; the same number is the same story."""
    with connect(dataset) as connection:
        columns, rows = _fetch(connection, _ARTICLES)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("story", "article", "source", "published", "region", "actors"):
        table.add_column(name, overflow="fold")
    numbers: dict[str, int] = {}
    for row in (dict(zip(columns, values, strict=True)) for values in rows):
        story = numbers.setdefault(row["story_id"], len(numbers) + 1)
        note = " (revised)" if row["revised"] else " (copy)" if row["copied"] else ""
        table.add_row(
            str(story),
            f"{row['title']}{note}",
            row["source"],
            row["published"],
            row["region"],
            _most_named(row["actors"]),
        )
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH, highlight=False)
    console.print(table)


def _most_named(actors: list[dict[str, Any]]) -> str:
    names = [actor["name"] for actor in sorted(actors, key=lambda a: -len(a["mentions"]))]
    return ", ".join(names[:_ACTORS_SHOWN]) + (" …" if len(names) > _ACTORS_SHOWN else "")


def _fetch(connection: Any, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    cursor = connection.execute(sql)
    return [column[0] for column in cursor.description], cursor.fetchall()


def _next_commands(output: Path) -> tuple[str, str, str]:
    return (
        f'query {output} "SELECT name, type, count(*) AS articles FROM article_actors GROUP BY ALL'
        ' ORDER BY articles DESC LIMIT 10"',
        f"query {output} \"SELECT title, surface, evidence FROM mentions WHERE id = 'taliban' LIMIT 5\"",
        f'query {output} "SELECT stage, reason, url, message FROM failures"',
    )


def _program() -> str:
    """How the user can call us again: by name where the shell finds us, else by path."""
    called = Path(sys.argv[0])
    on_path = shutil.which("newsbeam")
    if called.name != "newsbeam" or (on_path and Path(on_path).resolve() == called.resolve()):
        return "newsbeam"
    return os.path.relpath(called)
