"""`newsbeam feeds check` and `feeds find`: what feeds are, for a person who puts a list together."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import click
from rich import box
from rich.console import Console
from rich.table import Table

from schemas.records import Feed, Problem
from transforms.clock import utc_now
from transforms.feeds.check import FeedCheck, check_feed, find_candidates
from transforms.web.client import Client
from transforms.web.messages import FetchRules

_AT_ONCE = 32
_PIPED_WIDTH = 160


def check_feeds(feeds: Sequence[Feed], rules: FetchRules) -> bool:
    """Polls each feed once, without any state, and prints a line for each; False where none can be used."""
    with Client(rules, utc_now) as client, ThreadPoolExecutor(_AT_ONCE) as threads:
        checks = list(threads.map(lambda feed: check_feed(feed, client, utc_now), feeds))
    return _show(checks)


def find_feeds(url: str, rules: FetchRules) -> bool:
    """Asks a site for its feeds and sitemaps and prints a line for each; False where none can be used."""
    with Client(rules, utc_now) as client:
        found = find_candidates(url, client, utc_now)
        if isinstance(found, Problem):
            click.echo(f"newsbeam: {found.message}", err=True)
            return False
        checks = [check_feed(feed, client, utc_now) for feed in found]
    return _show(checks) and bool(checks)


def _show(checks: Sequence[FeedCheck]) -> bool:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("feed", "status", "kind", "entries", "newest", "text", "language", "robots", "note"):
        table.add_column(name, overflow="fold")
    for check in checks:
        table.add_row(*_cells(check))
    console.print(table)
    good = sum(check.problem is None for check in checks)
    console.print(f"{good} of {len(checks)} feeds can be used.")
    return good > 0 or not checks


def _cells(check: FeedCheck) -> tuple[str, ...]:
    text = {True: "full text", False: "teaser", None: "-"}[check.full_text]
    if check.median_characters is not None:
        text += f" ({check.median_characters} characters)"
    notes = [check.problem.message if check.problem else "", f"moved to {check.moved_to}" if check.moved_to else ""]
    notes += [f"names itself {check.named_url}" if check.named_url else ""]
    return (
        check.feed.name or check.feed.url,
        str(check.status or "-"),
        check.kind or "-",
        str(check.entries),
        f"{check.newest_at:%Y-%m-%d %H:%M}" if check.newest_at else "-",
        text,
        check.language or check.feed.language or "-",
        "refused" if check.page_problem else "allowed" if check.page_url else "-",
        "; ".join(note for note in notes if note),
    )
