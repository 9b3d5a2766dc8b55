"""What the unbounded job remembers of each article it has seen, and what that makes of its checkpoints on Flink."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from tests.bench.bulk import BLOCK, build_bulk
from tests.bench.found import find_flink, load
from tests.bench.invented import Told, build_growth, encoded_cells
from tests.flink import Cluster, Timeline

SIZES = (10_000, 100_000, 1_000_000)
MINUTES = float(os.environ.get("NEWSBEAM_BENCH_MINUTES", "30"))
"""How long the state is filled at most; what is not reached by then is extrapolated, and said to be."""
QUIET_CHECKPOINTS = 2
Build = Callable[[beam.Pipeline, Told, datetime], None]
STEPS = {"links": "NewEntries", "bands": "MatchBand", "texts": "CompareText", "articles": "CountRows"}
"""By cell, a step that Flink fuses into the task that holds it, and into no other stateful one."""


@dataclass(frozen=True)
class Cell:
    """What one article costs in one kind of cell: so many of them, their values' bytes and their keys'."""

    name: str
    count: float
    value: float
    key: float

    @property
    def per_article(self) -> float:
        return self.count * (self.value + self.key)


def growth(scratch: Path) -> None:
    """Prints bytes per article by cell from the coders, then checkpoints of a job on Flink that has seen so many."""
    cells = cells_of_an_article()
    for cell in cells:
        print(
            f"state by the coders: {cell.name}: {cell.count:.0f} cells per article, {cell.value:.0f} bytes each and"
            f" {cell.key:.0f} of key: {cell.per_article:,.0f} bytes per article"
        )
    total = sum(cell.per_article for cell in cells)
    print(f"state by the coders: {total:,.0f} bytes per article while its bands are kept", flush=True)
    jars = find_flink()
    if jars:
        _on_flink(jars, scratch, total)


def cells_of_an_article(articles: int = 200) -> list[Cell]:
    """Mean sizes over invented articles, each a near-duplicate of none."""
    sizes: dict[str, list[tuple[int, int]]] = {}
    for number in range(articles):
        for name, key, value in encoded_cells(number):
            sizes.setdefault(name, []).append((len(value), len(key)))
    return [_cell(name, of_one, articles) for name, of_one in sizes.items()]


def _cell(name: str, sizes: list[tuple[int, int]], articles: int) -> Cell:
    values, keys = zip(*sizes, strict=True)
    return Cell(name, len(sizes) / articles, statistics.mean(values), statistics.mean(keys))


@dataclass(frozen=True)
class Checkpoint:
    """One completed checkpoint, as Flink tells it: bytes in all, bytes that it wrote itself, seconds."""

    id: int
    bytes: int
    written: int
    seconds: float


class Filling:
    """The job whose state is filled, and what Flink says of its checkpoints.

    Args:
        build: Makes the graph.
        articles: Articles to one number of the source.
    """

    def __init__(self, cluster: Cluster, told: Told, build: Build, articles: int = 1) -> None:
        self.cluster = cluster
        self.told = told
        self.articles = articles
        self._build = build
        self.checkpoints: dict[int, Checkpoint] = {}

    def submit(self) -> None:
        options = PipelineOptions([*self.cluster.job_options, "--job_name=growth"])
        pipeline = beam.Pipeline(options=options)
        self._build(pipeline, self.told, datetime.now(UTC))
        pipeline.run()
        self.job = str(self.cluster.wait(self.cluster.running_job, "all tasks run", 300))

    def fill(self, count: int, until: float) -> int:
        """Waits until so many articles have arrived, or the time is over; gives how many have."""
        self.told.want(count // self.articles)
        while self._arrived() < count:
            self._look()
            if time.monotonic() > until:
                self.told.want(0)
                return self._settled()
            time.sleep(1)
        return self._arrived()

    def _arrived(self) -> int:
        return self.told.arrived() * self.articles

    def _settled(self) -> int:
        """What has arrived once nothing more is on its way."""
        before, arrived = -1, self._arrived()
        while before != arrived:
            time.sleep(5)
            before, arrived = arrived, self._arrived()
        return arrived

    def quiet(self) -> list[Checkpoint]:
        """The next checkpoints, while nothing arrives."""
        self._look()
        known = set(self.checkpoints)

        def enough() -> bool:
            self._look()
            return len(self.checkpoints) > len(known) + QUIET_CHECKPOINTS  # the first may have begun before

        self.cluster.wait(enough, "checkpoints with nothing arriving", 300)
        return [self.checkpoints[id] for id in sorted(set(self.checkpoints) - known)[1:]]

    def by_step(self, checkpoint: Checkpoint) -> Iterator[tuple[str, int]]:
        """Bytes of a checkpoint by cell."""
        names = {task["id"]: task["name"] for task in self.cluster.get(f"/jobs/{self.job}")["vertices"]}
        tasks = self.cluster.get(f"/jobs/{self.job}/checkpoints/details/{checkpoint.id}")["tasks"]
        for cell, step in STEPS.items():
            yield cell, sum(task["state_size"] for id, task in tasks.items() if step in names[id])

    def on_disk(self) -> int:
        """Bytes of all files of the checkpoints that are retained."""
        return sum(file.stat().st_size for file in (self.cluster.run / "checkpoints").rglob("*") if file.is_file())

    def _look(self) -> None:
        for told in self.cluster.get(f"/jobs/{self.job}/checkpoints")["history"]:
            if told["status"] == "COMPLETED" and not told["is_savepoint"]:
                taken = told["end_to_end_duration"] / 1e3
                found = Checkpoint(told["id"], told["state_size"], told["checkpointed_size"], taken)
                self.checkpoints[found.id] = found


def _on_flink(jars: Path, scratch: Path, coded: float) -> None:
    for name, build, articles in (
        ("article by article", build_growth, 1),
        (f"{BLOCK} articles to a key", build_bulk, BLOCK),
    ):
        (folder := scratch / f"by-{articles}").mkdir()
        told = Told(folder)
        told.want(0)
        print(f"growth on Flink, {name}; 2 slots, RocksDB, incremental checkpoints every 3 s; {load()}", flush=True)
        with Cluster(jars, folder / "flink", Timeline()) as cluster:
            _fill(Filling(cluster, told, build, articles), coded)


def _fill(filling: Filling, coded: float) -> None:
    filling.submit()
    began = time.monotonic()
    for size in SIZES:
        seen = filling.fill(size, began + MINUTES * 60)
        rate = seen / (time.monotonic() - began)
        per_article = _report(filling, seen, rate, coded)
        if seen < size:
            break
    for size in [size for size in SIZES if size > seen]:
        print(
            f"{size} articles: not reached in {MINUTES:g} minutes; at the last figure per article"
            f" {size * per_article / 1e9:.1f} GB, after {size / rate / 3600:.1f} hours at the last rate",
            flush=True,
        )
    begin = time.monotonic()
    filling.cluster.stop(filling.job)
    print(f"a savepoint of all of it took {time.monotonic() - begin:.1f} s", flush=True)


def _report(filling: Filling, seen: int, rate: float, coded: float) -> float:
    """Prints what has become of the state; gives its bytes per article."""
    busy = list(filling.checkpoints.values())
    last = filling.quiet()[-1]
    print(
        f"{seen} articles seen, {rate:.1f} a second since the beginning: checkpoint"
        f" {last.bytes / 1e6:.1f} MB ({last.bytes / seen:,.0f} bytes per article, {last.bytes / seen / coded:.2f} times"
        f" the coders'), {filling.on_disk() / 1e6:.1f} MB of files on disk; while articles arrive it takes"
        f" {_median_to_most([one.seconds for one in busy])} s and writes"
        f" {_median_to_most([one.written / 1e6 for one in busy])} MB, when none do {last.seconds:.2f} s; {load()}"
    )
    if filling.articles == 1:
        parts = ", ".join(f"{name} {size / seen:,.0f}" for name, size in filling.by_step(last))
        print(f"bytes per article by cell in that checkpoint: {parts}", flush=True)
    return last.bytes / seen


def _median_to_most(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} (to {max(values):.1f})" if values else "(none was taken)"
