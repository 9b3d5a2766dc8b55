"""Fetching in a stream: entries queue, ticks fetch, what may pass is tried again when the clock says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import NOON, entry
from tests.servers import Site
from tests.streams import moved_clock, set_clock, through
from transforms.pages.wiring import Errand, FetchShards
from transforms.web.messages import FetchRules
from transforms.web.shared import close_shared_clients

RULES = FetchRules("test", spacing_s=0.0, allow_private=True)
SHARD = "shard-000"


@pytest.fixture(autouse=True)
def no_client_stays():
    yield
    close_shared_clients()


@pytest.fixture
def site():
    set_clock(NOON)
    with Site() as served:
        yield served


def fetch(*events: tuple[float, Errand]) -> dict[str, list]:
    timed = [(NOON + timedelta(minutes=minutes), (SHARD, errand)) for minutes, errand in events]
    return through(FetchShards(RULES, moved_clock, 5.0), timed, "pages", "failed")


def test_entries_wait_for_a_tick_and_leave_once(site):
    urls = [site.put(f"/{n}", f"<p>{n}") for n in range(3)]
    out = fetch(*((0, Errand(entry(url))) for url in urls), (1, Errand()), (1, Errand()), (2, Errand()))
    assert sorted(site.asked_pages()) == ["/0", "/1", "/2"]
    assert sorted(page.final_url for page in out["pages"]) == urls
    assert {page.fetched_at for page in out["pages"]} == {NOON + timedelta(minutes=1)}


def test_without_a_tick_nothing_is_asked(site):
    assert fetch((0, Errand(entry(site.put("/a", "<p>a"))))) == {"pages": [], "failed": []}
    assert site.asked == []


def test_a_passing_failure_is_tried_three_times_each_with_a_row(site):
    url = "http://127.0.0.1:1/closed"
    ticks = [(minutes, Errand()) for minutes in (1, 2, 17, 18, 60, 80, 90, 300)]
    out = fetch((0, Errand(entry(url))), *ticks)
    assert [(f.reason, f.attempt) for f in out["failed"]] == [("connect", 1), ("connect", 2), ("connect", 3)]
    minutes = [(f.failed_at - NOON) / timedelta(minutes=1) for f in out["failed"]]
    assert minutes == [1, 17, 80]


def test_a_lasting_failure_is_tried_once(site):
    out = fetch((0, Errand(entry(site.url + "/absent"))), (1, Errand()), (100, Errand()))
    assert [(f.reason, f.attempt) for f in out["failed"]] == [("not_found", 1)]


def test_an_entry_without_a_link_is_a_page_of_its_own_content():
    out = fetch((0, Errand(replace(entry(), url=None, content="<p>All of it.</p>"))), (1, Errand()))
    assert [b"<p>All of it.</p>" in page.body for page in out["pages"]] == [True]
    assert out["failed"] == []
