"""What the unbounded job remembers of each article it has seen, and what that makes of its checkpoints on Flink."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from tests.bench.found import find_flink, load
from tests.bench.invented import Told, build_growth, invented_article, invented_entry
from tests.flink import Cluster, Timeline
from transforms.feeds.known import KnownEntry, judge_entry
from transforms.feeds.wiring import ENTRIES_KEPT
from transforms.stories.assign import MEMORY, remember
from transforms.stories.gather import (
    Filed,
    KnownArticle,
    KnownText,
    Question,
    answer_question,
    match_band,
    remembered,
    text_key,
)
from transforms.wiring import RecordCoder

SIZES = (10_000, 100_000, 1_000_000)
MINUTES = float(os.environ.get("NEWSBEAM_BENCH_MINUTES", "30"))
"""How long the state is filled at most; what is not reached by then is extrapolated, and said to be."""
QUIET_CHECKPOINTS = 2
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
    now = datetime(2026, 11, 22, 6, tzinfo=UTC)
    links, bands, texts, known = [], [], [], []
    for number in range(articles):
        entry = invented_entry(number)
        signed = invented_article(entry, now + timedelta(microseconds=number * 7_919))
        record, keys = remember(signed)
        judged = judge_entry(None, entry, now, ENTRIES_KEPT)[1]
        links.append((_size(KnownEntry, judged), len(str(entry.url))))
        filed = match_band((), Filed(text_key(record), record.fetched_at), MEMORY.bands)[1]
        bands += [(_size(tuple[Filed, ...], filed), len(key)) for key in keys]
        text, _ = answer_question(None, Question(record), MEMORY.bands, now)
        texts.append((_size(KnownText, text), len(text_key(record))))
        kept = remembered(None, record, MEMORY.articles)
        known.append((_size(KnownArticle, kept), len(record.article_id)))
    cells = {"links": links, "bands": bands, "texts": texts, "articles": known}
    return [_cell(name, sizes, articles) for name, sizes in cells.items()]


def _size(kind: object, value: object) -> int:
    return len(RecordCoder(kind).encode(value))


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
    """The job whose state is filled, and what Flink says of its checkpoints."""

    def __init__(self, cluster: Cluster, told: Told) -> None:
        self.cluster = cluster
        self.told = told
        self.checkpoints: dict[int, Checkpoint] = {}

    def submit(self) -> None:
        options = PipelineOptions([*self.cluster.job_options, "--job_name=growth"])
        pipeline = beam.Pipeline(options=options)
        build_growth(pipeline, self.told, datetime.now(UTC))
        pipeline.run()
        self.job = str(self.cluster.wait(self.cluster.running_job, "all tasks run", 300))

    def fill(self, count: int, until: float) -> int:
        """Waits until so many articles have arrived, or the time is over; gives how many have."""
        self.told.want(count)
        while (arrived := self.told.arrived()) < count:
            self._look()
            if time.monotonic() > until:
                self.told.want(0)
                return self._settled()
            time.sleep(1)
        return arrived

    def _settled(self) -> int:
        """What has arrived once nothing more is on its way."""
        before, arrived = -1, self.told.arrived()
        while before != arrived:
            time.sleep(5)
            before, arrived = arrived, self.told.arrived()
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
    (scratch / "told").mkdir()
    told = Told(scratch / "told")
    told.want(0)
    print(f"growth on Flink, 2 slots: RocksDB, incremental checkpoints every 3 s; {load()}", flush=True)
    with Cluster(jars, scratch / "flink", Timeline()) as cluster:
        filling = Filling(cluster, told)
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
                f"{size} articles: not measured; at the last figure per article {size * per_article / 1e9:.1f} GB,"
                f" after {size / rate / 3600:.1f} hours at the last rate",
                flush=True,
            )
        begin = time.monotonic()
        cluster.stop(filling.job)
        print(f"a savepoint of all of it took {time.monotonic() - begin:.1f} s", flush=True)


def _report(filling: Filling, seen: int, rate: float, coded: float) -> float:
    """Prints what has become of the state; gives its bytes per article."""
    busy = [one.seconds for one in filling.checkpoints.values()]
    quiet = filling.quiet()
    last = quiet[-1]
    print(
        f"{seen} articles seen, {rate:.1f} a second since the beginning: checkpoint"
        f" {last.bytes / 1e6:.1f} MB ({last.bytes / seen:,.0f} bytes per article, {last.bytes / seen / coded:.2f} times"
        f" the coders'), {filling.on_disk() / 1e6:.1f} MB of files on disk; while articles arrive it takes"
        f" {statistics.median(busy):.1f} s (to {max(busy):.1f}) and writes up to"
        f" {max(one.written for one in filling.checkpoints.values()) / 1e6:.1f} MB, when none do {last.seconds:.2f} s;"
        f" {load()}"
    )
    parts = ", ".join(f"{name} {size / seen:,.0f}" for name, size in filling.by_step(last))
    print(f"bytes per article by cell in that checkpoint: {parts}", flush=True)
    return last.bytes / seen
