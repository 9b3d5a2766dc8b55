"""A page that cannot be had: the feed's own words are the article, the reason is told, and the sum stays true."""

from __future__ import annotations

from pathlib import Path

from pipelines.summary import Summary
from schemas.records import Feed
from tests.pipelines.runs import rows
from tests.pipelines.runs import run as run_once
from tests.servers import Site

WORDS = "The ferry company said on Monday that two of its vessels would leave the service before the winter begins. "
PAGE = f"<html><head><title>Ferries</title></head><body><article><p>{WORDS * 12}</p></article></body></html>"


def item(site: Site, name: str, inside: str = "") -> str:
    return f"<item><title>Report {name}</title><link>{site.url}/{name}</link><guid>{name}</guid>{inside}</item>"


def run(site: Site, folder: Path, *items: str) -> Summary:
    content = "http://purl.org/rss/1.0/modules/content/"
    body = f"<rss version='2.0' xmlns:c='{content}'><channel>{''.join(items)}</channel></rss>"
    return run_once(folder, [Feed(site.put("/feed", body, "application/rss+xml"), "valley")])


def test_the_feeds_words_stand_in(tmp_path: Path) -> None:
    with Site() as site:
        site.put("/good", PAGE)
        site.put("/wall", "<title>Just a moment...</title><p>Enable JavaScript and cookies to continue</p>")
        items = (
            item(site, "good", f"<description>{WORDS}</description>"),
            item(site, "gone", f"<description>{WORDS}</description>"),
            item(site, "wall", f"<c:encoded><![CDATA[<p>{WORDS * 3}</p>]]></c:encoded>"),
            item(site, "lost"),
            item(site, "terse", "<description>Soon more.</description>"),
        )
        summary = run(site, tmp_path, *items)
        assert (summary.seen, summary.written, summary.failed) == (5, 3, 2)
        assert rows(
            tmp_path, "SELECT guid, extractor, title FROM articles WHERE extractor LIKE 'feed%' ORDER BY 1"
        ) == [
            ("gone", "feed-summary", "Report gone"),
            ("wall", "feed-content", "Report wall"),
        ]
        told = (
            "SELECT a.guid, f.stage, f.reason, f.mended FROM failures f JOIN articles a ON a.row_id = f.key ORDER BY 1"
        )
        assert rows(tmp_path, told) == [("gone", "fetch", "not_found", True), ("wall", "extract", "block_page", True)]
        lost = "SELECT url, reason FROM failures WHERE key NOT IN (SELECT row_id FROM articles) ORDER BY 1"
        assert rows(tmp_path, lost) == [(f"{site.url}/lost", "not_found"), (f"{site.url}/terse", "not_found")]
        # A changed entry whose page is still gone, and says the same: unchanged, and nothing is told anew.
        changed = item(site, "gone", f"<description>{WORDS}</description><author>A. Writer</author>")
        again = run(site, tmp_path, *items[:1], changed)
        assert again.written == again.failed == 0
        assert len(rows(tmp_path, told)) == 2
