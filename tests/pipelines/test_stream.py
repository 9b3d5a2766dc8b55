"""The unbounded graph: its labels, and its rows beside those of local runs of the same site."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.coders import Coder, StrUtf8Coder, registry
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor
from apache_beam.transforms.userstate import is_stateful_dofn

from pipelines.config import Config
from pipelines.demo_server import DemoSite
from pipelines.ingest import Work, ingest
from pipelines.options import local_options
from pipelines.stream import Pace, build_stream
from schemas.records import Feed
from schemas.tables import TABLES
from tests.factories import NOON
from tests.pipelines.runs import config_for, rows
from tests.streams import LABELS, moved_clock, set_clock
from transforms.storage.dataset import Dataset
from transforms.web.shared import close_shared_clients
from transforms.wiring import RecordCoder

OWN = ("elapsed_ms", "archive_ref")
"""Columns that no two runs share: times, and the record in the archive, which a stream does not keep."""

ASIDE = {
    # Which of two copies that come at one moment is the original depends on which came first; their story does not.
    "articles": ("story_id", "near_duplicate_of"),
    "failures": (),
    # A stream's poll does not know yet that another entry has brought the link: it counts as new there.
    "polls": ("entries_new", "entries_duplicate"),
}
"""Columns in which the unbounded job may differ from a local run; what they say together is compared by itself."""

PATIENCE_S = 180.0


def prism_options(prism: Path, *more: str) -> list[str]:
    return ["--runner=PrismRunner", f"--prism_location={prism}", "--environment_type=LOOPBACK", *more]


@pytest.fixture
def site() -> Iterator[DemoSite]:
    """The demo site, and a clock that stands until the test moves it."""
    set_clock(NOON)
    with DemoSite() as served:
        yield served
        close_shared_clients()


def feeds_of(site: DemoSite) -> list[Feed]:
    return [Feed(url=url, source=name) for name, url in zip(("oxus", "bactria"), site.feed_urls, strict=True)]


def config(output: Path) -> Config:
    return replace(config_for(output), clock=moved_clock)


def local_run(output: Path, site: DemoSite, options: list[str] | None = None) -> None:
    summary = ingest(Work(feeds_of(site), poll_all=True), config(output), local_options(options or []))
    assert summary.adds_up, summary.lines()


def table(output: Path, name: str, *aside: str) -> list[tuple[object, ...]]:
    """All rows of a view, sorted, but for columns that are looked at elsewhere."""
    left_out = [c for c in (*OWN, *aside) if c in {column.name for column in TABLES[name].columns}]
    columns = f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*"
    return sorted(rows(output, f"SELECT {columns} FROM {name}"), key=repr)


def stories(output: Path) -> set[frozenset[object]]:
    """Articles by story, stories joined by the links."""
    joined: dict[object, object] = {}

    def root(story: object) -> object:
        while story in joined:
            story = joined[story]
        return story

    for story, other in rows(output, "SELECT story_id, joined_story_id FROM story_links"):
        if root(story) != root(other):
            joined[root(other)] = root(story)
    found: dict[object, set[object]] = {}
    for article, story in rows(output, "SELECT article_id, story_id FROM articles"):
        found.setdefault(root(story), set()).add(article)
    return {frozenset(members) for members in found.values()}


class _Labels(PipelineVisitor):
    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_transform(self, transform_node: AppliedPTransform) -> None:
        self.found.append(transform_node.full_label)


class _Shuffled(PipelineVisitor):
    def __init__(self) -> None:
        self.coders: dict[str, tuple[Coder, ...]] = {}

    def visit_transform(self, transform_node: AppliedPTransform) -> None:
        step = transform_node.transform
        stateful = isinstance(step, beam.ParDo) and is_stateful_dofn(step.fn)
        if stateful or isinstance(step, beam.GroupByKey):
            coder = registry.get_coder(transform_node.inputs[0].element_type)
            self.coders[transform_node.full_label] = (coder.key_coder(), coder.value_coder())


def test_labels_never_change(tmp_path):
    pipeline = beam.Pipeline()
    build_stream(pipeline, [Feed("https://example.org/feed", "x")], config(tmp_path), Pace(), start=NOON)
    visitor = _Labels()
    pipeline.visit(visitor)
    assert len(visitor.found) == len(set(visitor.found))
    assert "\n".join(sorted(visitor.found)) == LABELS.strip()


def test_what_crosses_a_shuffle_has_a_named_coder(tmp_path):
    """Text keys and records as MessagePack: pickled objects would tie a running job to its version."""
    pipeline = beam.Pipeline()
    build_stream(pipeline, [Feed("https://example.org/feed", "x")], config(tmp_path), Pace(), start=NOON)
    shuffled = _Shuffled()
    pipeline.visit(shuffled)
    assert len(shuffled.coders) == 11
    for label, (key, value) in shuffled.coders.items():
        assert isinstance(key, StrUtf8Coder), label
        assert isinstance(value, RecordCoder) or label.startswith("PollShards"), label


@pytest.mark.slow
def test_a_bounded_run_on_prism_gives_the_rows_of_a_local_run(prism, site, tmp_path):
    local_run(tmp_path / "local", site)
    local_run(tmp_path / "prism", site, prism_options(prism))
    for name in ("articles", "failures", "polls"):
        here, there = table(tmp_path / "local", name), table(tmp_path / "prism", name)
        assert here, name
        assert there == here
    site.revise()
    set_clock(NOON + timedelta(hours=2))
    local_run(tmp_path / "local", site)
    local_run(tmp_path / "prism", site, prism_options(prism))
    for name in ("articles", "failures", "polls"):
        assert table(tmp_path / "prism", name) == table(tmp_path / "local", name)


@contextmanager
def streaming(output: Path, site: DemoSite, prism: Path) -> Iterator[None]:
    """The unbounded job on Prism for the time of a `with` block, a wake every second."""
    Dataset(str(output)).create(NOON)
    pipeline = beam.Pipeline(options=PipelineOptions(prism_options(prism, "--streaming")))
    pace = Pace(tick_s=1.0, budget_s=30.0, window_s=1.0, shards=4)
    build_stream(pipeline, feeds_of(site), config(output), pace, start=datetime.now(UTC))
    running = pipeline.run()
    try:
        yield
    finally:
        running.cancel()


def wait_until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < end, f"not reached in {PATIENCE_S} s"
        time.sleep(0.2)


@pytest.mark.slow
def test_the_unbounded_job_on_prism_gives_the_rows_of_local_runs(prism, site, tmp_path):
    local, stream = tmp_path / "local", tmp_path / "stream"

    def written(articles: int, failures: int, polls: int) -> bool:
        found = rows(
            stream,
            "SELECT (FROM articles SELECT count(*)), (FROM failures SELECT count(*)), (FROM polls SELECT count(*))",
        )
        return found == [(articles, failures, polls)]

    local_run(local, site)
    with streaming(stream, site, prism):
        wait_until(lambda: written(9, 2, 2))
        site.revise()
        set_clock(NOON + timedelta(hours=2))
        wait_until(lambda: written(10, 2, 4))
    local_run(local, site)
    for name in ("articles", "failures", "polls"):
        assert table(stream, name, *ASIDE[name]) == table(local, name, *ASIDE[name]), name
    told = "SELECT poll_id, entries_new + entries_duplicate FROM polls ORDER BY ALL"
    assert rows(stream, told) == rows(local, told)
    assert stories(stream) == stories(local)
    assert rows(stream, "SELECT count(*) FROM articles WHERE supersedes IS NOT NULL") == [(1,)]


@pytest.mark.slow
def test_a_job_that_starts_over_without_its_state_doubles_nothing_in_the_views(prism, site, tmp_path):
    def on_disk() -> int:
        return Dataset(str(tmp_path)).log(TABLES["articles"]).to_pyarrow_table(columns=["row_id"]).num_rows

    with streaming(tmp_path, site, prism):
        wait_until(lambda: on_disk() == 9)
    set_clock(NOON + timedelta(minutes=10))
    with streaming(tmp_path, site, prism):
        wait_until(lambda: on_disk() == 18)
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(9, 9)]
