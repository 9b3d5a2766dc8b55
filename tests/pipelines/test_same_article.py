"""One article by several feeds and under several addresses is one row, by the command line."""

from __future__ import annotations

import pytest

from tests.pipelines.runs import rows
from tests.pipelines.test_cli import newsbeam
from tests.pipelines.test_ingest import page, rss
from tests.servers import Site

pytestmark = pytest.mark.slow

ADDRESSES = {
    "by another feed": "/2026/11/canal-dredged-after-two-years",
    "tracked": "/2026/11/canal-dredged-after-two-years?utm_source=rss&utm_medium=feed&fbclid=x1#comments",
    "as AMP": "/2026/11/canal-dredged-after-two-years/amp",
    "as AMP by a parameter": "/2026/11/canal-dredged-after-two-years?amp=1",
    "for phones": "/2026/11/canal-dredged-after-two-years?m=1",
    "for printing": "/2026/11/canal-dredged-after-two-years?print=1",
    "with a dot segment": "/2026/./11/canal-dredged-after-two-years",
}


@pytest.fixture
def site():
    with Site() as served:
        yield served


def listed(site: Site, *paths: str) -> str:
    """A feed of the site that lists paths, each with a guid of its own."""
    number = len(site.pages)
    return site.put(f"/feed{number}", rss(*(("Canal", f"{site.url}{path}") for path in paths)), "application/rss+xml")


def ingested(tmp_path, *feeds: str) -> str:
    (tmp_path / "feeds.txt").write_text("\n".join(feeds))
    options = ("--allow-private", "--spacing", "0", "--poll-all")
    done = newsbeam("ingest", "--feeds", str(tmp_path / "feeds.txt"), "--output", str(tmp_path / "news"), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("run_by_run", [False, True], ids=["one run", "a run for each feed"])
def test_addresses_of_one_article_are_one_row_and_duplicates_in_the_sum(site, tmp_path, run_by_run):
    site.put("/2026/11/canal-dredged-after-two-years", page("Canal dredged"))
    for path in ADDRESSES.values():
        site.put(path.partition("#")[0], page("Canal dredged"))
    site.put("/2026/11/bridge-opened", page("Bridge opened"))
    first = listed(site, "/2026/11/canal-dredged-after-two-years", "/2026/11/bridge-opened")
    others = [listed(site, path) for path in ADDRESSES.values()]
    if run_by_run:
        assert "seen 2 = written 2 + unchanged 0 + duplicate 0" in ingested(tmp_path, first)
        told = ingested(tmp_path, *others)
        assert f"seen {len(others)} = written 0 + unchanged 0 + duplicate {len(others)} + pending 0 + failed 0" in told
    else:
        told = ingested(tmp_path, first, *others)
        seen = len(others) + 2
        assert f"seen {seen} = written 2 + unchanged 0 + duplicate {len(others)} + pending 0 + failed 0" in told
    assert rows(tmp_path / "news", "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(2, 2)]


def test_a_page_that_names_its_address_is_a_duplicate_once_it_was_fetched(site, tmp_path):
    address = site.url + "/2026/11/canal-dredged-after-two-years"
    named = page("Canal dredged").replace("</title>", f'</title><link rel="canonical" href="{address}">')
    site.put("/2026/11/canal-dredged-after-two-years", named)
    site.put("/section/water/canal-dredged-after-two-years", named)
    told = ingested(
        tmp_path,
        listed(site, "/2026/11/canal-dredged-after-two-years"),
        listed(site, "/section/water/canal-dredged-after-two-years"),
    )
    assert "seen 2 = written 1 + unchanged 0 + duplicate 1 + pending 0 + failed 0" in told
    assert rows(tmp_path / "news", "SELECT count(*) FROM articles") == [(1,)]
