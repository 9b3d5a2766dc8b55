"""The main job end to end over loopback: what it writes, what it does not fetch again, what a cut-off run leaves."""

from __future__ import annotations

import pytest
from filelock import FileLock

from pipelines.ledger import Ledger
from pipelines.lock import DatasetLocked
from schemas.records import Feed
from tests.pipelines.runs import config_for, rows, run
from tests.servers import Site

pytestmark = pytest.mark.slow

PARAGRAPH = (
    "The river commission of the two districts met on Tuesday to agree on a shared calendar for dredging the canal."
    " Engineers from both banks said that the silt had risen by half a metre since the spring and that pumps failed."
)


def page(headline: str, text: str = PARAGRAPH) -> str:
    return (
        f"<html lang=en><head><title>{headline}</title></head><body><article><h1>{headline}</h1>"
        f"<p>{text}</p><p>{headline}: {text[::-1].title()}</p></article></body></html>"
    )


def rss(*items: tuple[str, str], extra: str = "") -> str:
    listed = "".join(
        f"<item><title>{title}</title><link>{link}</link><guid>{link}</guid></item>" for title, link in items
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{listed}{extra}</channel></rss>'


@pytest.fixture
def site():
    with Site() as served:
        yield served


@pytest.fixture
def feed(site):
    links = [site.put(f"/{name}", page(f"Canal story {name}")) for name in ("one", "two")]
    url = site.put("/feed", rss(*(("Story", link) for link in links)), "application/rss+xml")
    return Feed(url=url, source="canal-news")


def test_a_feed_becomes_rows_and_a_second_run_fetches_nothing(site, feed, tmp_path):
    first = run(tmp_path, [feed])
    assert (first.seen, first.written) == (2, 2)
    stored = rows(tmp_path, "SELECT source, title, language, feed_url, extractor <> '' FROM articles ORDER BY title")
    assert stored == [("canal-news", f"Canal story {name}", "en", feed.url, True) for name in ("one", "two")]
    site.asked.clear()
    second = run(tmp_path, [feed])
    assert (second.seen, second.written) == (0, 0)
    assert site.asked == ["/feed"]


def test_an_edited_article_is_a_revision_and_only_it_is_fetched(site, feed, tmp_path):
    run(tmp_path, [feed])
    site.put("/one", page("Canal story one", PARAGRAPH.replace("half a metre", "a full metre")))
    body = site.pages["/feed"][1].replace(b"<item><title>Story", b"<item><title>Updated story", 1)
    site.put("/feed", body, "application/rss+xml")
    site.asked.clear()
    second = run(tmp_path, [feed])
    assert (second.seen, second.written, second.unchanged) == (2, 1, 1)
    assert site.asked_pages() == ["/feed", "/one"]
    chain = rows(
        tmp_path,
        "SELECT a.supersedes = b.row_id FROM articles a JOIN articles b USING (article_id)"
        " WHERE a.supersedes IS NOT NULL AND b.supersedes IS NULL",
    )
    assert chain == [(True,)]
    assert rows(tmp_path, "SELECT count(*), max(revision) FROM articles_latest") == [(2, 2)]


def test_an_entry_that_changes_while_its_page_does_not_gives_no_row(site, feed, tmp_path):
    run(tmp_path, [feed])
    body = site.pages["/feed"][1].replace(b"<title>Story", b"<title>Story!")
    site.put("/feed", body, "application/rss+xml")
    second = run(tmp_path, [feed])
    assert (second.seen, second.written, second.unchanged) == (2, 0, 2)


def test_one_article_by_two_feeds_is_one_row(site, feed, tmp_path):
    other = Feed(
        url=site.put("/other", rss(("Again", site.url + "/one?utm_source=rss")), "application/rss+xml"), source="echo"
    )
    summary = run(tmp_path, [feed, other])
    assert (summary.seen, summary.written, summary.duplicate) == (3, 2, 1)


def test_every_kind_of_loss_is_a_row(site, feed, tmp_path):
    broken = rss(("Gone", site.url + "/gone"), extra="<item><title>No link at all</title></item>")
    feeds = [
        Feed(url=site.put("/broken", broken, "application/rss+xml"), source="broken"),
        Feed(url=site.put("/html", page("A page, not a feed")), source="html"),
        Feed(url=site.url + "/absent", source="absent"),
        Feed(url="http://127.0.0.1:1/feed", source="closed"),
    ]
    summary = run(tmp_path, feeds)
    assert (summary.seen, summary.failed) == (2, 2)
    assert summary.polls == {"new_entries": 1, "failed": 3}
    found = rows(tmp_path, "SELECT stage, reason FROM failures ORDER BY ALL")
    assert found == [
        ("fetch", "not_found"), ("parse", "entry_without_link"), ("parse", "not_a_feed"),
        ("poll", "connect"), ("poll", "not_found"),
    ]  # fmt: skip
    assert all(message for (message,) in rows(tmp_path, "SELECT message FROM failures"))
    site.put("/broken", broken + "<!-- touched -->", "application/rss+xml")
    assert run(tmp_path, feeds[:1]).unchanged == 2, "a known failure is not recorded anew"


def test_an_entry_without_a_link_is_made_of_its_own_content(site, tmp_path):
    content = (
        f"<item><title>Linkless</title><guid>x1</guid><description><![CDATA[<p>{PARAGRAPH}</p>]]></description></item>"
    )
    feed = Feed(url=site.put("/feed", rss(extra=content), "application/rss+xml"), source="linkless")
    assert run(tmp_path, [feed]).written == 1
    assert rows(tmp_path, "SELECT title, text, url, guid FROM articles") == [("Linkless", PARAGRAPH, feed.url, "x1")]
    assert site.asked_pages() == ["/feed"]


def test_nothing_fetched_is_told_apart(site, tmp_path):
    assert run(tmp_path, [Feed(url=site.url + "/absent", source="absent")]).nothing_fetched


def test_hostile_documents_become_failures_and_the_run_ends_well(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.html").write_text(page("A good page"))
    (folder / "empty.html").write_text("")
    (folder / "blank.txt").write_text(" \n\t ")
    (folder / "binary.html").write_bytes(bytes(range(256)) * 50)
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    (folder / "broken.txt").write_bytes(("Мост закрыт. ".encode("cp1251") + "Мост открыт. ".encode()) * 50)
    (folder / "huge.html").write_bytes(b"<p>word " * (50 * 2**20 // 8))
    (folder / "dangling.txt").symlink_to(tmp_path / "nowhere")
    (folder / "wordless.html").write_text("<html><body><script>1</script></body></html>")
    summary = run(tmp_path / "out", documents=[folder])
    assert (summary.seen, summary.written, summary.failed) == (9, 1, 8)
    found = dict(rows(tmp_path / "out", "SELECT parse_filename(url), reason FROM failures"))
    assert found == {
        "empty.html": "empty", "blank.txt": "empty", "binary.html": "binary", "picture.txt": "binary",
        "broken.txt": "bad_encoding", "huge.html": "too_large", "dangling.txt": "unreadable",
        "wordless.html": "no_text",
    }  # fmt: skip
    again = run(tmp_path / "out", documents=[folder])
    assert (again.seen, again.unchanged) == (9, 9)


def test_a_second_writer_is_refused(feed, tmp_path):
    config = config_for(tmp_path)
    config.state_dir.mkdir(parents=True)
    with FileLock(config.state_dir / "lock"), pytest.raises(DatasetLocked, match="is being written by another"):
        run(tmp_path, [feed])


def test_a_run_killed_between_commit_and_ledger_is_mended(site, feed, tmp_path, monkeypatch):
    def cut_off(self: Ledger, settled: object) -> None:
        raise KeyboardInterrupt("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "settle", cut_off)
        with pytest.raises(BaseException, match="killed"):
            run(tmp_path, [feed])
    site.asked.clear()
    second = run(tmp_path, [feed])
    assert second.adds_up
    assert site.asked_pages() == ["/feed"], "rows that were committed are not fetched again"
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(2, 2)]
    site.put("/three", page("Canal story one", PARAGRAPH))
    site.put("/feed", rss(("New", site.url + "/three")), "application/rss+xml")
    third = run(tmp_path, [feed])
    assert third.written == 1
    assert rows(tmp_path, "SELECT count(DISTINCT story_id) FROM articles WHERE title = 'Canal story one'") == [(1,)]


def test_a_run_killed_before_the_commit_loses_nothing(site, feed, tmp_path, monkeypatch):
    from transforms.storage.dataset import Dataset

    commit = Dataset.commit

    def cut_off(self, table, written):
        if table.name == "articles":
            raise KeyboardInterrupt("killed")
        return commit(self, table, written)

    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "commit", cut_off)
        with pytest.raises(BaseException, match="killed"):
            run(tmp_path, [feed])
    second = run(tmp_path, [feed])
    assert (second.seen, second.written) == (2, 2)
