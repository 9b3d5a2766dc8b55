"""Killed at fifty named points and at fifty random ones: afterwards every article stands once, nothing is left over.

A dataset of one good run is copied; the site then publishes more, and the copy's next run (or its compaction) is
killed.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipelines.compact import compact_dataset
from pipelines.query import connect
from schemas.records import Problem
from schemas.tables import TABLES
from tests.faults import Forks, Point
from tests.pipelines.runs import rows
from tests.servers import Site
from transforms.clock import utc_now
from transforms.storage.dataset import Dataset
from transforms.storage.vacuum import RETENTION
from transforms.web.archive import MOST_BYTES, read_back
from transforms.web.records import Broken, walk

pytestmark = pytest.mark.slow

SEED = 20261122
ROWS_OF_RUNS = ("polls", "story_links", "articles", "failures")

INGEST_POINTS = [
    *(Point("put_file", when, table) for table in ROWS_OF_RUNS for when in ("before", "after")),
    *(Point("rename", "before", table) for table in ROWS_OF_RUNS),
    *(Point("commit", when, table) for table in ROWS_OF_RUNS for when in ("before", "after")),
    *(Point("finish_poll", when, nth=nth) for nth in (1, 2) for when in ("before", "after")),
    *(Point(name, when) for name in ("start_run", "start_slice", "settle", "end_run") for when in ("before", "after")),
    Point("sync", "before"),
    Point("begin_poll", "after"),
    Point("register", "after", nth=2),
    Point("empty_outbox", "before"),
    Point("empty_outbox", "after"),
    Point("close", "after", nth=1),
    Point("close", "after", nth=4),
    *(Point("keep", when, nth=nth) for nth in (1, 3, 6) for when in ("before", "within", "after")),
    *(Point("name", when, nth=nth) for nth in (1, 2) for when in ("before", "after")),
]
WATCH_POINTS = [
    Point("pause", "before"),
    Point("pause", "after"),
    Point("start_run", "after", nth=2),
    Point("begin_poll", "after", nth=3),
    Point("keep", "within", nth=1),
    Point("finish_poll", "before", nth=4),
    Point("empty_outbox", "before", nth=2),
    Point("end_run", "before", nth=2),
]
AFTER_THE_ARTICLES = {
    Point("commit", "after", "articles"),
    Point("put_file", "before", "failures"),
    Point("commit", "after", "failures"),
    Point("settle", "before"),
    Point("settle", "after"),
    Point("close", "after", nth=4),
    Point("name", "before", nth=2),
    Point("name", "after", nth=2),
}
COMPACT_POINTS = [
    Point("put_file", "before", "articles"),
    Point("rename", "before", "articles"),
    Point("put_file", "after", "articles"),
    Point("put_file", "after", "polls"),
    Point("replace", "before", "articles"),
    Point("replace", "after", "articles"),
    Point("replace", "after", "polls"),
    Point("checkpoint", "before", "articles"),
    Point("checkpoint", "after", "articles"),
    Point("cleanup", "after", "articles"),
    Point("find_leftovers", "after"),
    Point("delete", "before", "articles"),
    Point("delete", "after", "articles"),
    Point("delete", "after", "articles", 2),
]
RANDOM_POINTS = 50

SHOWN = {
    "articles": "SELECT url, title, supersedes FROM articles ORDER BY ALL",
    "failures": "SELECT url, stage, reason FROM failures ORDER BY ALL",
    "story_links": "SELECT DISTINCT evidence[:20], joined_story_id IS NULL FROM story_links",
    "stories": "SELECT articles, count(*) FROM stories GROUP BY ALL ORDER BY ALL",
}


Shown = dict[str, list[tuple[object, ...]]]
"""Rows by view."""


def prose(seed: int, words: int = 120) -> str:
    chosen = random.Random(seed)
    return " ".join(f"w{chosen.randrange(5000)}" for _ in range(words))


def story(number: int) -> str:
    """Texts of their own, save that all end alike: not alike enough to be one story."""
    return f"{prose(number)} {prose(99, 50)}"


def page(headline: str, text: str) -> str:
    return (
        f"<html lang=en><head><title>{headline}</title></head>"
        f"<body><article><h1>{headline}</h1><p>{text}</p></article></body></html>"
    )


@dataclass
class Press:
    """Two feeds on one site. The second edition adds a text that joins two stories, a link of the other feed's, and one
    that leads nowhere."""

    site: Site
    feeds: list[str] = field(default_factory=list)

    def publish(self, *, second: bool) -> None:
        texts = {f"/story-{n}": story(n) for n in range(4)}
        if second:
            texts |= {f"/story-{n}": story(n) for n in range(4, 8)} | {"/joint": f"{prose(0)} {story(1)}"}
        for n, (path, text) in enumerate(texts.items()):
            self.site.put(path, page(f"Headline {n}", text))
        paths = list(texts)
        other = [*paths[1::2], *([paths[0] + "?utm_source=x", "/gone"] if second else [])]
        self.feeds = [
            self.site.put(f"/feed-{name}", _rss(self.site.url, listed), "application/rss+xml")
            for name, listed in (("a", paths[::2]), ("b", other))
        ]


def _rss(address: str, paths: list[str]) -> str:
    items = "".join(f"<item><title>{p}</title><link>{address}{p}</link><guid>{p}</guid></item>" for p in paths)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    with Forks(tmp_path_factory.mktemp("forks") / "errors.log") as started:
        yield started


@dataclass
class World:
    """What all scenarios share: the press, the datasets after its first and second edition, the latter's rows."""

    press: Press
    forks: Forks
    first: Path
    whole: Path
    whole_rows: Shown
    usual_s: float
    tally: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def world(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with Site() as site:
        press = Press(site)
        press.publish(second=False)
        assert forks.run(folder / "first", press.feeds) == 0, forks.errors.read_text()
        press.publish(second=True)
        shutil.copytree(folder / "first", folder / "whole")
        forks.start(folder / "whole", press.feeds)
        began = _first_page(site)
        assert forks.end() == 0, forks.errors.read_text()
        usual_s = time.monotonic() - began
        made = World(press, forks, folder / "first", folder / "whole", shown(folder / "whole"), usual_s)
        assert [len(made.whole_rows[name]) for name in ("articles", "failures", "story_links")] == [9, 1, 1]
        yield made
    print(f"\nkilled: {dict(made.tally)}; seed of the random points {SEED}, drawn from {usual_s:.2f} s")


def _first_page(site: Site) -> float:
    """Waits for the first request of a page or a feed, and gives when that was."""
    asked = site.asked_pages
    site.asked.clear()
    while not asked():
        time.sleep(0.002)
    return time.monotonic()


def shown(dataset: Path) -> Shown:
    """What the views show, without what differs from run to run."""
    with connect(Dataset(str(dataset))) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in SHOWN.items()}


def assert_nothing_is_left_over(output: Path, expected: Shown) -> None:
    """The next compaction, once the retention has passed, leaves the files that the log holds, and no other."""
    dataset, later = Dataset(str(output)), timedelta(hours=1) + RETENTION
    list(compact_dataset(dataset, 10**8, RETENTION, lambda: utc_now() + later, dry_run=False))
    kept = {str(path) for name in TABLES for path in (output / name).glob("ingest_date=*/*")}
    assert kept == {uri for table in TABLES.values() for uri in dataset.file_uris(table)}
    log = [path.name for name in TABLES for path in (output / name / "_delta_log").iterdir()]
    assert [
        name for name in log if not re.fullmatch(r"\d{20}(\.checkpoint)?\.(json|parquet)|_last_checkpoint", name)
    ] == []
    assert shown(output) == expected


def assert_the_archive_is_whole(output: Path) -> None:
    """Every file can be read to its end, and every row finds its record."""
    for path in (output / "_archive").rglob("*.warc*"):
        assert path.suffix == ".gz", path
        with path.open("rb") as file:
            assert not [found for found in walk(file, MOST_BYTES) if isinstance(found, Broken)], path
    for (ref,) in rows(output, "SELECT archive_ref FROM articles UNION SELECT archive_ref FROM failures"):
        assert not isinstance(read_back(output, str(ref), MOST_BYTES), Problem), ref


def assert_restart_mends(world: World, output: Path, point: str, asked: list[str], runs: int = 0) -> set[str]:
    """Checks what should hold after a kill and a restart; gives the pages that both runs asked for."""
    world.press.site.asked.clear()
    assert world.forks.run(output, world.press.feeds, runs=runs) == 0, world.forks.errors.read_text()[-3000:]
    assert_the_archive_is_whole(output)
    assert shown(output) == world.whole_rows, point
    again = set(asked) & set(world.press.site.asked_pages()) - {"/feed-a", "/feed-b"}
    world.tally.update(points=1, recovered=1, pages_fetched_again=len(again))
    pages = [path for path in world.press.site.asked_pages() if runs == 0 or not path.startswith("/feed-")]
    assert max(Counter(pages).values(), default=0) <= 1, point
    assert_nothing_is_left_over(output, world.whole_rows)
    return again


@pytest.mark.parametrize("point", INGEST_POINTS, ids=str)
def test_a_run_that_is_killed_at_a_named_point_is_mended_by_the_next(world, tmp_path, point):
    output = tmp_path / "news"
    shutil.copytree(world.first, output)
    world.press.site.asked.clear()
    assert world.forks.run(output, world.press.feeds, point) == -signal.SIGKILL, world.forks.errors.read_text()
    asked = world.press.site.asked_pages()
    committed = {urlsplit(str(url)).path for (url,) in rows(output, "SELECT url FROM articles")}
    again = assert_restart_mends(world, output, str(point), asked)
    if point in AFTER_THE_ARTICLES:
        assert not again & committed, "an article whose row is committed is not fetched again"


@pytest.mark.parametrize("point", WATCH_POINTS, ids=str)
def test_a_watch_that_is_killed_loses_nothing_and_fetches_no_page_twice_that_was_committed(world, tmp_path, point):
    output = tmp_path / "news"
    shutil.copytree(world.first, output)
    world.press.site.asked.clear()
    assert world.forks.run(output, world.press.feeds, point, runs=2) == -signal.SIGKILL, world.forks.errors.read_text()
    asked = world.press.site.asked_pages()
    again = assert_restart_mends(world, output, str(point), asked, runs=2)  # in the first no feed may be due
    assert not again, "the first run had committed its pages"


@pytest.mark.parametrize("point", COMPACT_POINTS, ids=str)
def test_a_compaction_that_is_killed_changes_nothing_for_readers_and_the_next_ends_it(world, tmp_path, point):
    output = tmp_path / "news"
    shutil.copytree(world.whole, output)
    assert world.forks.run(output, [], point) == -signal.SIGKILL, world.forks.errors.read_text()
    assert shown(output) == world.whole_rows
    world.tally.update(points=1, recovered=1)
    assert_nothing_is_left_over(output, world.whole_rows)


def test_the_named_points_are_at_least_fifty():
    jobs = {"ingest": INGEST_POINTS, "watch": WATCH_POINTS, "compact": COMPACT_POINTS}
    named = [(job, point) for job, points in jobs.items() for point in points]
    assert len(set(named)) == len(named) >= 50


@pytest.mark.parametrize("number", range(RANDOM_POINTS))
def test_a_run_that_is_killed_at_a_random_moment_is_mended_by_the_next(world, tmp_path, number):
    output = tmp_path / "news"
    shutil.copytree(world.first, output)
    delay = random.Random(f"{SEED}-{number}").uniform(0, world.usual_s)
    process = world.forks.start(output, world.press.feeds)
    began = _first_page(world.press.site)
    time.sleep(max(0.0, began + delay - time.monotonic()))  # the moment is what is drawn
    os.kill(process, signal.SIGKILL)
    ended = world.forks.end()
    assert ended in (-signal.SIGKILL, 0)
    world.tally.update(ended_before=ended == 0)
    assert_restart_mends(world, output, f"{delay:.3f} s", world.press.site.asked_pages())
