"""Rules 49 and 50: what a person is shown, and the numbers that add up."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.status import feed_health, read_status
from schemas.outcomes import PollOutcome
from schemas.records import Feed
from tests.conformance.world import World, answer, item, news, rss
from tests.pipelines.runs import config_for, rows, run
from transforms.storage.dataset import Dataset

PAGE = b"<html><head><title>Bridge</title></head><body><article>%s</article></body></html>"


@pytest.fixture
def output(world: World, tmp_path: Path) -> Path:
    """A dataset of one feed with an article, a lost page, and one feed that is gone."""
    text = b"<p>Guards of both sides met at the bridge on Monday to speak about customs and trade.</p>" * 3
    world.serve(answer(200, PAGE % text, {"Content-Type": "text/html"}), "/good")
    links = [item(name, link=world.site.url(f"/{name}")) for name in ("good", "lost")]
    world.serve(answer(200, rss(*links)))
    world.serve(answer(410), "/gone")
    run(tmp_path / "out", [world.feed, Feed(world.site.url("/gone"), "gone")])
    return tmp_path / "out"


def test_rule_49_each_feed_is_shown(output: Path, world: World) -> None:
    found = read_status(Dataset(str(output)), world.now, "UTC")
    good, gone = sorted(found.feeds, key=lambda feed: feed.parked)
    assert (good.failure, good.rule, good.silent) == (None, "first_polls", False)
    assert good.last_new == good.last_success is not None
    assert (gone.failure, gone.failures, gone.parked, gone.last_success) == ("gone", 1, True, None)
    told = CliRunner().invoke(cli, ["status", str(output)])
    assert told.exit_code == 0, told.output
    assert all(word in told.output for word in ("first_polls", "stopped, look at it", "next due", "gone (1)"))


def test_rule_49_a_silent_feed_is_flagged(world: World) -> None:
    row = {
        "feed_url": "f", "last_success": world.now, "first_poll": world.now - timedelta(days=30), "gaps": 0,
        "first_new": world.now - timedelta(days=30), "last_new": world.now - timedelta(days=20), "news": 11,
        "failures": 0, "last": {"reason": None, "rule": "adaptive", "next_due_at": world.now, "message": None},
    }  # fmt: skip
    silent = feed_health(row, world.now)
    assert (silent.expected, silent.silent) == (timedelta(days=1), True)
    assert not feed_health({**row, "last_new": world.now - timedelta(days=4)}, world.now).silent


def test_rule_50_the_counts_add_up(output: Path, world: World) -> None:
    seen = rows(
        output, "SELECT entries_seen, entries_new + entries_unchanged + entries_duplicate + entries_failed FROM polls"
    )
    assert seen
    assert all(total == parts for total, parts in seen)
    with World(world.now) as other:
        for route in (news("a", "b", "b"), answer(304), answer(500), answer(200, rss())):
            other.serve(route)
            poll = other.poll()
            assert poll.outcome in set(PollOutcome)
            parts = poll.entries_new + poll.entries_unchanged + poll.entries_duplicate + poll.entries_failed
            assert poll.entries_seen == parts


def test_rule_50_a_lost_row_is_exit_code_1(output: Path) -> None:
    assert CliRunner().invoke(cli, ["status", str(output)]).exit_code == 0
    with closing(sqlite3.connect(config_for(output).ledger_path)) as db, db:
        db.execute("UPDATE entries SET article_id = 'nowhere' WHERE state = 'written'")
    told = CliRunner().invoke(cli, ["status", str(output)])
    assert told.exit_code == 1
    assert "≠" in told.output
