"""The 20 real feeds and 181 real pages of the bench material, over a real socket."""

from __future__ import annotations

import gzip
import itertools
import re

import pytest

from schemas.records import Feed
from tests.pipelines.runs import rows, run
from tests.servers import Site
from transforms.feeds.parse import parse_feed

pytestmark = pytest.mark.slow

_ITEM = re.compile(rb"<(item|entry)\b.*?</\1>", re.S)
_LINK_TEXT = re.compile(rb"(<link>\s*(?:<!\[CDATA\[)?\s*)https?://[^<\]]+?(\s*(?:\]\]>)?\s*</link>)")
_LINK_HREF = re.compile(rb"(<link\b[^>]*?href=[\"'])https?://[^\"']+")


def publish(site: Site, bench) -> list[Feed]:
    """Serves every feed with its items' links led to real pages on the site, a path of its own for each."""
    pages = itertools.cycle([gzip.decompress(p.read_bytes()) for p in sorted((bench / "aeb" / "html").glob("*.gz"))])
    numbers = itertools.count()

    def new_link(_: re.Match[bytes]) -> bytes:
        return site.put(f"/news/{next(numbers)}", next(pages)).encode()

    def relink(item: re.Match[bytes]) -> bytes:
        body = _LINK_TEXT.sub(lambda m: m[1] + new_link(m) + m[2], item[0])
        return _LINK_HREF.sub(lambda m: m[1] + new_link(m), body)

    feeds = []
    for path in sorted((bench / "feeds" / "news20").glob("*.xml")):
        url = site.put(f"/{path.name}", _ITEM.sub(relink, path.read_bytes()), "application/xml")
        feeds.append(Feed(url=url, source=path.stem))
    return feeds


def test_every_entry_of_twenty_real_feeds_is_accounted_for(bench_dir, tmp_path, capsys):
    out = tmp_path / "news"
    with Site() as site:
        feeds = publish(site, bench_dir)
        parsed = [
            parse_feed(site.pages[f.url.removeprefix(site.url)][1], feed=f, base_url=f.url, headers={}) for f in feeds
        ]
        listed = sum(len(p.entries) + len(p.rejected) + p.repeated for p in parsed)
        assert listed > 900
        first = run(out, feeds)
        with capsys.disabled():
            print("\n20 real feeds: " + "; ".join(first.lines()))
        assert first.seen == listed
        assert first.written > 0.95 * listed
        assert rows(out, "SELECT count(*), count(DISTINCT row_id) FROM articles") == [(first.written, first.written)]
        site.asked.clear()
        second = run(out, feeds)
        assert {path.split("/")[1] for path in site.asked_pages()} == {f.url.rsplit("/", 1)[-1] for f in feeds}
        assert (second.seen, second.written, second.failed) == (0, 0, 0)
        assert second.polls == {"not_modified": len(feeds)}
        site.asked.clear()
        third = run(out, feeds, poll_all=False)
        assert third.skipped_feeds == len(feeds)
        assert site.asked == []
