"""`newsbeam replay --stage fetch|extract`: failures are tried again, and what was mended is marked."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.ledger import Ledger
from pipelines.retag import Retag, retag
from pipelines.retry import Retried, retry
from schemas.outcomes import Stage
from schemas.records import Feed
from tests.pipelines.runs import config_for, rows, run
from tests.pipelines.test_ingest import page, rss
from tests.servers import Site
from transforms.clock import utc_now
from transforms.pool import PoolRules

pytestmark = pytest.mark.slow


@pytest.fixture
def site():
    with Site() as served:
        yield served


@pytest.fixture
def broken(site, tmp_path):
    """A dataset of one article, a page that was not there and one without text."""
    site.put("/good", page("A good page"))
    site.put("/hollow", "<html><body><script>1</script></body></html>")
    items = [(name, f"{site.url}/{name}") for name in ("good", "absent", "hollow")]
    summary = run(tmp_path, [Feed(url=site.put("/feed", rss(*items), "application/rss+xml"), source="canal-news")])
    assert (summary.written, summary.failed) == (1, 2)
    site.asked.clear()
    return tmp_path


def replay(output, stage: str, **options) -> Retried:
    done = retry(stage, options.pop("since", None), config_for(output), **options)
    assert done.summary is None or done.summary.adds_up
    return done


def failures(output) -> list[tuple[object, ...]]:
    return rows(output, "SELECT stage, reason, attempt, mended FROM failures ORDER BY stage, attempt")


def test_what_failed_at_the_stage_is_fetched_again_and_marked_as_mended(site, broken):
    site.put("/absent", page("It is there now"))
    done = replay(broken, "fetch")
    assert (done.tried, done.mended, done.failed, done.waiting) == ({"not_found": 1}, {"not_found": 1}, {}, 0)
    assert site.asked_pages() == ["/absent"]
    assert failures(broken) == [("extract", "no_text", 1, False), ("fetch", "not_found", 1, True)]
    assert rows(broken, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(2, 2)]
    assert replay(broken, "fetch").tried == {}


def test_what_fails_again_is_a_row_of_the_next_attempt(site, broken):
    done = replay(broken, "extract")
    assert (done.tried, done.mended, done.failed) == ({"no_text": 1}, {}, {"no_text": 1})
    assert site.asked == [], "the page is read from the archive"
    assert failures(broken) == [
        ("extract", "no_text", 1, False), ("extract", "no_text", 2, False), ("fetch", "not_found", 1, False)
    ]  # fmt: skip
    site.put("/hollow", page("No longer hollow"))
    assert replay(broken, "fetch", dry_run=True).tried == {"not_found": 1}
    done = replay(broken, "fetch-all")
    assert (done.mended, done.failed) == ({"no_text": 1}, {"not_found": 1})
    assert sorted(site.asked_pages()) == ["/absent", "/hollow"]
    assert [mended for *_, mended in failures(broken)] == [True, True, False, False]


def test_it_goes_by_the_stage_of_the_last_try(site, broken):
    del site.pages["/hollow"]
    assert replay(broken, "fetch-all").failed == {"not_found": 2}
    assert replay(broken, "fetch", dry_run=True).tried == {"not_found": 2}
    assert replay(broken, "extract", dry_run=True).tried == {}


def test_a_dry_run_and_a_later_since_try_nothing(site, broken):
    assert replay(broken, "fetch", dry_run=True) == Retried({"not_found": 1}, {}, {}, 0, 0)
    assert replay(broken, "fetch", since=utc_now() + timedelta(hours=1)).tried == {}
    assert site.asked == []


def test_an_ordinary_run_does_not_try_again_what_will_fail_for_good(site, broken):
    assert run(broken, [Feed(url=f"{site.url}/feed", source="canal-news")]).failed == 0
    assert site.asked == ["/feed"]


def test_documents_are_read_again(tmp_path):
    document = tmp_path / "note.txt"
    document.write_text(" ")
    run(tmp_path / "news", documents=[document])
    document.write_text("The board of the canal met on Tuesday to agree on a calendar for the dredging of the canal.")
    done = replay(tmp_path / "news", "fetch")
    assert (done.tried, done.mended) == ({"empty": 1}, {"empty": 1})
    assert rows(tmp_path / "news", "SELECT stage, mended FROM failures") == [(str(Stage.READ), True)]


def test_failures_that_the_ledger_does_not_hold_are_told(broken):
    with closing(Ledger(config_for(broken).ledger_path)) as ledger:
        ledger._db.execute("UPDATE entries SET record = NULL")  # as earlier versions left it
    assert replay(broken, "fetch").lost == 1
    config_for(broken).ledger_path.unlink()
    result = CliRunner().invoke(cli, ["replay", str(broken), "--stage", "extract"])
    assert result.exit_code == 0
    assert "cannot be tried again, as the ledger does not hold their entries: 1" in result.output


def test_the_command_prints_what_was_mended_and_the_sum(site, broken):
    site.put("/absent", page("It is there now"))
    command = ["replay", str(broken), "--stage", "fetch", "--allow-private", "--spacing", "0"]
    result = CliRunner().invoke(cli, command)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[:3] == [
        "failures to try again: 1 (not_found 1)",
        "mended: 1 (not_found 1); failed again: none; waiting: 0",
        "seen 1 = written 1 + unchanged 0 + duplicate 0 + pending 0 + failed 0",
    ]


def test_a_feed_that_answers_again_is_marked(site, tmp_path):
    feed = Feed(url=f"{site.url}/late", source="late")
    run(tmp_path, [feed])
    assert failures(tmp_path) == [("poll", "not_found", 1, False)]
    site.put("/late", rss(("One", site.put("/one", page("One page")))), "application/rss+xml")
    run(tmp_path, [feed])
    assert failures(tmp_path) == [("poll", "not_found", 1, True)]


def test_tags_replayed_after_a_cut_off_run_leave_its_entries_settled(site, broken, monkeypatch):
    feed = Feed(url=f"{site.url}/feed", source="canal-news")
    items = [("new", site.put("/new", page("A new page"))), ("good", f"{site.url}/good")]
    site.put("/feed", rss(*items), "application/rss+xml")

    def cut_off(self: Ledger, settled: object) -> None:
        raise KeyboardInterrupt("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "settle", cut_off)
        with pytest.raises(BaseException, match="killed"):
            run(broken, [feed])
    done = retag(Retag(str(broken), everything=True, pool=PoolRules(workers=0)))
    assert (done.changes.retagged, done.changes.changed) == (2, 0)
    site.asked.clear()
    assert run(broken, [feed]).adds_up
    assert site.asked == ["/feed"]
