"""`newsbeam state rebuild`: after `_state/` is lost, a run fetches nothing that the tables know."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.config import Config
from pipelines.ingest import Work, ingest
from pipelines.ledger import Ledger
from pipelines.lock import only_writer
from pipelines.rebuild import poll_state, rebuild
from pipelines.retry import retry
from pipelines.status import read_status
from schemas.records import Feed
from tests.conftest import ROOT
from tests.factories import NOON
from tests.pipelines.runs import config_for, rows, run
from tests.pipelines.test_ingest import page, rss
from tests.servers import Site
from tests.streams import moved_clock, set_clock
from transforms.clock import utc_now
from transforms.feeds.poll import PollState
from transforms.storage.dataset import Dataset

pytestmark = pytest.mark.slow


@pytest.fixture
def site():
    with Site() as served:
        yield served


def publish(site: Site, *names: str) -> Feed:
    """A feed of pages, of one that is not there, one without text, and an entry that cannot be used."""
    for name in names:
        site.put(f"/{name}", page(f"Page of {name}"))
    site.put("/hollow", "<html><body><script>1</script></body></html>")
    items = [(name, f"{site.url}/{name}") for name in (*names, "absent", "hollow")]
    feed = rss(*items).replace("</channel>", "<item><title>No link</title></item></channel>")
    return Feed(url=site.put("/feed", feed, "application/rss+xml"), source="canal-news")


def lose_state(output: Path) -> None:
    shutil.rmtree(output / "_state")


def test_the_next_run_fetches_nothing_that_the_tables_know(site, tmp_path):
    output, feed = tmp_path / "news", publish(site, "one", "two")
    first = run(output, [feed])
    assert (first.written, first.failed) == (2, 3)
    lose_state(output)
    made = rebuild(config_for(output))
    assert (made.feeds, dict(made.entries), made.rows, made.kept) == (1, {"written": 2, "failed": 3}, 2, None)
    assert read_status(Dataset(str(output)), utc_now(), "UTC").adds_up
    site.asked.clear()
    again = run(output, [feed])
    assert site.asked == ["/feed"]
    assert (again.seen, again.unchanged, again.written, again.failed) == (5, 5, 0, 0)
    assert run(output, [feed]).polls == {"not_modified": 1}


def test_without_it_everything_is_fetched_anew_and_nothing_is_written_twice(site, tmp_path):
    output, feed = tmp_path / "news", publish(site, "one", "two")
    run(output, [feed])
    lose_state(output)
    site.asked.clear()
    run(output, [feed])
    assert {"/one", "/two"} <= set(site.asked)


def test_what_changes_or_comes_later_is_fetched(site, tmp_path):
    output = tmp_path / "news"
    run(output, [publish(site, "one", "two")])
    lose_state(output)
    rebuild(config_for(output))
    feed = publish(site, "one", "two", "three")
    run(output, [feed])
    site.put("/one", page("Page of one, mended"))
    site.put("/feed", site.pages["/feed"][1].replace(b"<title>one<", b"<title>one, mended<"), "application/rss+xml")
    site.asked.clear()
    run(output, [feed])
    assert site.asked_pages() == ["/feed", "/one"]
    assert rows(output, "SELECT title, revision FROM articles_latest ORDER BY 1") == [
        ("Page of one, mended", 2), ("Page of three", 1), ("Page of two", 1)
    ]  # fmt: skip
    assert rows(output, "SELECT count(*) FROM articles a JOIN articles b ON a.supersedes = b.row_id") == [(1,)]


def test_another_feed_that_links_to_a_known_page_brings_a_duplicate(site, tmp_path):
    output = tmp_path / "news"
    run(output, [publish(site, "one")])
    lose_state(output)
    rebuild(config_for(output))
    other = Feed(url=site.put("/other", rss(("x", f"{site.url}/one?utm_source=x"))), source="other-news")
    summary = run(output, [other])
    assert (summary.duplicate, summary.written) == (1, 0)


def test_copies_are_known_by_the_stories_index(site, tmp_path):
    output = tmp_path / "news"
    text = " ".join(f"word{n}" for n in range(200))
    copy = page("The same story").replace("</p>", f" {text}</p>")
    feeds = [
        Feed(url=site.put(f"/feed-{name}", rss((name, site.put(f"/{name}", copy)))), source=name) for name in ("a", "b")
    ]
    run(output, feeds[:1])
    lose_state(output)
    rebuild(config_for(output))
    run(output, feeds)
    assert rows(output, "SELECT count(*), count(near_duplicate_of) FROM articles") == [(2, 1)]
    assert rows(output, "SELECT articles FROM stories") == [(2,)]


def known_state(config: Config, feed: Feed) -> PollState:
    with closing(Ledger(config.ledger_path)) as ledger:
        state = ledger.poll_state(feed.url)
    assert state is not None
    return state


def test_a_feed_keeps_its_next_poll(site, tmp_path):
    set_clock(NOON)
    output, feed = tmp_path / "news", publish(site, "one")
    config = replace(config_for(output), clock=moved_clock)
    ingest(Work([feed]), config)
    before = known_state(config, feed)
    lose_state(output)
    rebuild(config)
    state = known_state(config, feed)
    assert state.next_due_at == before.next_due_at > NOON
    assert (state.last_success_at, state.successes, state.etag) == (NOON, 1, None)
    site.asked.clear()
    assert ingest(Work([feed]), config).skipped_feeds == 1
    set_clock(state.next_due_at)
    ingest(Work([feed]), config)
    assert site.asked == ["/feed"]


def test_what_failed_at_extraction_is_tried_again_from_the_archive(site, tmp_path):
    output = tmp_path / "news"
    run(output, [publish(site, "one")])
    lose_state(output)
    rebuild(config_for(output))
    assert retry("extract", None, config_for(output)).tried == {"no_text": 1}


def test_a_passing_failure_is_new_again(tmp_path):
    output = tmp_path / "news"
    with Site() as down:
        gone = down.url
    with Site() as site:
        feed = Feed(url=site.put("/feed", rss(("one", f"{gone}/one")), "application/rss+xml"), source="canal-news")
        assert run(output, [feed]).reasons == {"connect": 1}
        lose_state(output)
        made = rebuild(config_for(output))
        assert (made.again, made.entries.total()) == (1, 0)
        assert run(output, [feed]).reasons == {"connect": 1}


def test_a_damaged_ledger_is_put_aside(site, tmp_path):
    output = tmp_path / "news"
    run(output, [publish(site, "one")])
    ledger = config_for(output).ledger_path
    ledger.write_bytes(b"damaged")
    result = CliRunner().invoke(cli, ["state", "rebuild", str(output)])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("made anew from the tables: 1 feeds, 4 entries (failed 3, written 1), 1 rows")
    assert (output / "_state" / "ledger.old.sqlite").read_bytes() == b"damaged"
    assert run(output, [publish(site, "one")]).unchanged == 4


def test_a_run_over_a_damaged_ledger_names_the_remedy(tmp_path):
    output = tmp_path / "news"
    Dataset(str(output)).create(NOON)
    (output / "_state").mkdir()
    config_for(output).ledger_path.write_bytes(b"damaged, and longer than the head of a database is: " * 10)
    (tmp_path / "one.txt").write_text("The canal board met on Tuesday.")
    command = ["ingest", "--documents", str(tmp_path / "one.txt"), "--output", str(output)]
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("newsbeam: the ledger in _state/ is damaged")
    assert "newsbeam state rebuild" in done.stderr


def test_it_needs_the_lock_and_a_dataset(tmp_path):
    assert CliRunner().invoke(cli, ["state", "rebuild", str(tmp_path)]).exit_code == 2
    Dataset(str(tmp_path / "news")).create(NOON)
    with only_writer(str(tmp_path / "news"), tmp_path / "news" / "_state"):
        assert CliRunner().invoke(cli, ["state", "rebuild", str(tmp_path / "news")]).exit_code == 4


@pytest.mark.parametrize(
    ("failures", "rule", "weight", "parked"),
    [
        ([], "adaptive", 0.0, False),
        (["dns", "not_found"], "backoff_not_found", 1.5, False),
        (["gone"], "gone", 1, True),
    ],
)
def test_the_state_of_a_feed_follows_from_its_polls(failures, rule, weight, parked):
    state = poll_state(
        {
            "feed_url": "https://example.org/feed", "last_success": NOON, "last_new": None, "last_full": NOON,
            "successes": 4, "next_due": NOON + timedelta(hours=2), "rule": rule, "waited": timedelta(hours=1),
            "failures": failures,
        }
    )  # fmt: skip
    assert (state.failures_in_a_row, state.failure_weight, state.parked) == (len(failures), weight, parked)
    assert (state.interval_s, state.etag, state.body_hash) == (3600.0, None, None)
