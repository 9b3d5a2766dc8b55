"""`newsbeam replay --stage extract`: articles are made anew from the archive; nothing is asked of the network."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.ingest import Work, ingest
from pipelines.ledger import Ledger
from pipelines.reextract import Reextract, Reextracted, reextract
from pipelines.retry import retry
from schemas.outcomes import Reason
from schemas.records import Article, Extracted, Feed, Problem
from tests.pipelines.runs import config_for, rows, run
from tests.pipelines.test_ingest import page, rss
from tests.servers import Site
from transforms.articles.article import build_article
from transforms.clock import utc_now
from transforms.coding import encode
from transforms.pool import PoolRules
from transforms.stories.sign import sign

pytestmark = pytest.mark.slow

KEPT = "article_id, ingest_date, fetched_at, story_id, near_duplicate_of, archive_ref, url, source, feed_url, guid"


@pytest.fixture
def news(tmp_path):
    """Two articles, one of them edited once, one without a link, a hollow page and an absent one; the site is gone."""
    output = tmp_path / "news"
    with Site() as site:
        site.put("/one", page("First page"))
        site.put("/two", page("Second page"))
        site.put("/hollow", "<html><body><script>1</script></body></html>")
        linked = [(name, f"{site.url}/{name}") for name in ("one", "two", "hollow", "absent")]
        feed = rss(*linked).replace(
            "</channel>",
            f"<item><guid>no-link</guid><title>Note</title><description>{NOTE}</description></item></channel>",
        )
        source = Feed(url=site.put("/feed", feed, "application/rss+xml"), source="canal-news")
        run(output, [source])
        site.put("/two", page("Second page, mended"))
        site.put("/feed", feed.replace("<title>two", "<title>two, mended"), "application/rss+xml")
        run(output, [source])
    assert rows(output, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(4, 3)]
    return output


NOTE = "The commission has dredged the canal at the bridge, and its boats go up to the lock again from Monday on. " * 3


def again(output: Path, **options: object) -> Reextracted:
    return reextract(Reextract(str(output), pool=PoolRules(workers=0), **options))


def kept(output: Path) -> list[tuple[object, ...]]:
    return rows(output, f"SELECT {KEPT} FROM articles ORDER BY ALL")


def stored(output: Path) -> int:
    return len(rows(output, "SELECT 1 FROM read_parquet('" + str(output) + "/articles/*/*.parquet')"))


def change_extraction(monkeypatch, change) -> None:
    """This version of the extraction reads pages otherwise."""

    def changed(page, found, *, now) -> Article:
        return build_article(page, change(found), now=now)

    monkeypatch.setattr("transforms.articles.article.build_article", changed)


def test_the_same_version_makes_the_same_rows_and_writes_none(news):
    before, files = kept(news), stored(news)
    done = again(news)
    assert (done.made, done.changed, done.absent, done.failed.total()) == (4, 0, 0, 0)
    assert done.lines()[1] == "columns: nothing changed"
    assert (kept(news), stored(news)) == (before, files)


def test_another_extraction_gives_other_texts_under_the_same_ids_and_dates(news, monkeypatch):
    before = kept(news)
    ids = dict(rows(news, "SELECT supersedes, row_id FROM articles WHERE supersedes IS NOT NULL"))
    change_extraction(monkeypatch, lambda found: replace(found, text=found.text + "\nRead anew."))
    done = again(news)
    assert (done.made, done.changed) == (4, 4)
    assert done.fields == {"text": 4, "word_count": 4}
    assert kept(news) == before
    assert rows(news, "SELECT count(*) FILTER (text LIKE '%Read anew.') FROM articles") == [(4,)]
    after = dict(rows(news, "SELECT supersedes, row_id FROM articles WHERE supersedes IS NOT NULL"))
    assert after.keys() != ids.keys()
    assert rows(news, "SELECT count(*) FROM articles a JOIN articles b ON a.supersedes = b.row_id") == [(1,)]
    assert again(news).changed == 0


def test_the_next_fetch_of_a_page_that_did_not_change_is_no_revision(news, monkeypatch):
    change_extraction(monkeypatch, lambda found: replace(found, title="Another title"))
    again(news)
    ids = {row[0] for row in rows(news, "SELECT row_id FROM articles")}
    with closing(Ledger(config_for(news).ledger_path)) as ledger:
        index = ledger.story_index()
        latest = {index.latest(article).row_id for (article,) in rows(news, "SELECT DISTINCT article_id FROM articles")}
    assert latest <= ids


def test_a_dry_run_and_a_later_since_write_nothing(news, monkeypatch):
    change_extraction(monkeypatch, lambda found: replace(found, title="Another title"))
    files = stored(news)
    done = again(news, dry_run=True)
    assert (done.changed, done.fields["title"]) == (4, 4)
    assert done.lines(dry_run=True)[0].startswith("would make 4 articles anew")
    assert again(news, since=utc_now() + timedelta(days=1)).made == 0
    assert stored(news) == files


def test_what_gives_no_article_this_time_keeps_what_it_has(news, monkeypatch):
    monkeypatch.setattr(
        "transforms.articles.extract.extract_page", lambda page: Problem(Reason.NO_TEXT, "nothing was found")
    )
    before = kept(news)
    done = again(news)
    assert done.failed == {"no_text": 4}
    assert kept(news) == before
    told = rows(news, "SELECT DISTINCT message, mended FROM failures WHERE key IN (SELECT row_id FROM articles)")
    assert told == [("nothing was found; the article keeps the text and the tags that it has", False)]


def test_what_the_archive_does_not_hold_any_more_is_told(news):
    shutil.rmtree(news / "_archive")
    done = again(news)
    assert (done.made, done.absent, done.failed.total()) == (0, 4, 0)


def test_what_failed_at_extraction_is_read_from_the_archive(news, monkeypatch):
    """The site is gone; the later version finds text where this one found none."""
    assert retry("extract", None, config_for(news)).failed == {"no_text": 1}
    monkeypatch.setattr("pipelines.graph.make_article", _with_text)
    config = replace(config_for(news), pool=PoolRules(workers=0))
    done = retry("extract", None, config)
    assert (done.tried, done.mended) == ({"no_text": 1}, {"no_text": 1})
    assert done.summary is not None
    assert done.summary.adds_up
    found = rows(news, "SELECT url, archive_ref IS NOT NULL, text FROM articles WHERE url LIKE '%/hollow'")
    assert [row[1:] for row in found] == [(True, "Found after all.")]
    assert rows(news, "SELECT bool_and(mended) FROM failures WHERE url LIKE '%/hollow'") == [(True,)]


def _with_text(page, packs, now, publishers):
    return encode(sign(build_article(page, Extracted(text="Found after all.", extractor="test-1"), now=now)))


def test_the_command_prints_what_changed_and_the_sum(news):
    result = CliRunner().invoke(cli, ["replay", str(news), "--stage", "extract"])
    assert result.exit_code in (0, 3), result.output
    assert result.output.splitlines()[:5] == [
        "made 4 articles anew from the archive: 0 changed, 0 failed, 0 not in the archive",
        "columns: nothing changed",
        "regions: nothing changed",
        "actors: nothing changed",
        "failures to try again: 1 (no_text 1)",
    ]


def test_without_an_archive_nothing_is_kept_and_failures_are_fetched_again(tmp_path):
    with Site() as site:
        site.put("/hollow", "<html><body><script>1</script></body></html>")
        feed = Feed(url=site.put("/feed", rss(("h", f"{site.url}/hollow")), "application/rss+xml"), source="canal-news")
        config = replace(config_for(tmp_path / "news"), archive_keep=None)
        ingest(Work([feed], poll_all=True), config)
        assert not (tmp_path / "news" / "_archive").exists()
        assert retry("extract", None, config).tried == {}
        site.put("/hollow", page("No longer hollow"))
        assert retry("fetch", None, config).mended == {"no_text": 1}
