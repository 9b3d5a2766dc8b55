"""The unbounded job on Flink, whose processes are killed under it: nothing lost, nothing twice, no poll too many."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.config import Config, rules_for
from pipelines.options import UnknownOption, split_beam_arguments
from pipelines.stream import Pace, build_stream
from schemas.records import Feed
from tests.clocks import ClockDrive, SharedClock
from tests.factories import NOON
from tests.flink import DEPLOY, Cluster, Timeline
from tests.growing import Outlets
from tests.pipelines.runs import rows
from transforms.pool import PoolRules
from transforms.storage.dataset import Dataset

EVERY_S = 300.0
"""Interval of the feeds: the shortest that newsbeam allows."""

FASTER = 60.0
"""The job's clock against the machine's: a feed is due every five seconds."""

PATIENCE_S = 240.0
"""For each wait; two cores that are eight times too busy need half of it."""

PACE = Pace(tick_s=1.0, budget_s=20.0 * FASTER, window_s=2.0, shards=8)


@pytest.fixture
def flink_jars() -> Path:
    """Folder made by deploy/flink/fetch.sh; without it, or Java, the test is skipped, unless it is required."""
    folder = os.environ.get("NEWSBEAM_FLINK")
    missing = None
    if not shutil.which("java"):
        missing = "no java on the PATH: install a Java 17 runtime"
    elif not folder or not (Path(folder) / "boot").is_file():
        missing = "no Flink: run deploy/flink/fetch.sh and set NEWSBEAM_FLINK to the folder that it made"
    if missing and os.environ.get("NEWSBEAM_REQUIRE_FLINK") == "1":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return Path(str(folder)).resolve()


class Job:
    """The unbounded job over some outlets on a cluster, its dataset, and what of it is looked at."""

    def __init__(self, cluster: Cluster, outlets: Outlets, output: Path, clock: SharedClock) -> None:
        self.cluster = cluster
        self.outlets = outlets
        self.output = output
        self.clock = clock
        self.restores = 0
        self.feeds = [Feed(url, f"outlet-{n}", every_s=EVERY_S) for n, url in enumerate(outlets.feeds)]
        Dataset(str(output)).create(clock())

    def submit(self, *options: str) -> str:
        """Starts the job; gives Flink's id for it once all tasks run."""
        rules = rules_for("test", 0.0, allow_private=True, obey_robots=True)
        config = Config(str(self.output), rules, clock=self.clock, pool=PoolRules(1))
        pipeline = beam.Pipeline(options=PipelineOptions([*self.cluster.job_options, "--job_name=newsbeam", *options]))
        build_stream(pipeline, self.feeds, config, PACE, start=datetime.now(UTC))
        self._running = pipeline.run()
        return str(self.cluster.wait(self.cluster.running_job, "all tasks run", PATIENCE_S))

    def stop(self, job: str) -> str:
        """Stops the job with a savepoint, whose address it gives."""
        savepoint = self.cluster.stop(job)
        self._running.wait_until_finish(30_000)
        return savepoint

    def written(self) -> int:
        """Articles in the view."""
        return int(str(rows(self.output, "SELECT count(*) FROM articles")[0][0]))

    def has_written(self, more: int) -> None:
        """Waits until so many more articles are in the view."""
        wanted = self.written() + more
        self.cluster.wait(lambda: self.written() >= wanted, f"{wanted} articles are in the view", PATIENCE_S)

    def polls(self) -> int:
        """Polls so far, of all feeds."""
        return sum(len(self.outlets.polls(feed)) for feed in self.outlets.feeds)

    def next_poll(self) -> None:
        """Waits until a feed is polled; a checkpoint that knows of it comes only later, mostly."""
        before = self.polls()
        self.cluster.wait(lambda: self.polls() > before, "a feed is polled", PATIENCE_S)

    def is_restored(self, job: str) -> None:
        """Waits until the job has gone back to a checkpoint, runs again, and has completed another checkpoint."""
        known = self.restores
        self.cluster.wait(lambda: self.cluster.restores(job) > known, "the job goes back to a checkpoint", PATIENCE_S)
        self.cluster.wait(self.cluster.running_job, "all tasks run", PATIENCE_S)
        self.has_checkpointed(job)
        self.restores = self.cluster.restores(job)

    def has_checkpointed(self, job: str) -> None:
        """Waits until one more checkpoint is complete."""
        done = self.cluster.checkpoints(job)
        self.cluster.wait(lambda: self.cluster.checkpoints(job) > done, "a new checkpoint is complete", PATIENCE_S)

    def have_ended(self, workers: Iterable[int]) -> None:
        """Waits until processes of workers have ended, by themselves."""
        left = set(workers)
        self.cluster.wait(
            lambda: not left & set(self.cluster.workers()), "all workers of before have ended", PATIENCE_S
        )

    def early_polls(self) -> list[int]:
        """By feed, polls that came before its interval was over since the one before."""
        early = []
        for feed in self.outlets.feeds:
            times = [asked.at for asked in self.outlets.polls(feed)]
            early.append(sum((later - sooner).total_seconds() < EVERY_S for sooner, later in pairwise(times)))
        return early


def test_watch_takes_the_options_of_the_run_book():
    options = [*(DEPLOY / "job.opts").read_text().split(), "--savepoint_path=file:/s"]
    assert split_beam_arguments(options) == (options, [])
    with pytest.raises(UnknownOption, match="Did you mean --checkpointing_interval"):
        split_beam_arguments(["--runner=PortableRunner", "--checkpoint_interval=3000"])
    with pytest.raises(UnknownOption, match="checkpointing_interval"):
        split_beam_arguments(["--checkpointing_interval=3000"])


@pytest.mark.slow
def test_a_job_survives_its_task_manager_its_workers_and_a_restart(flink_jars, tmp_path):
    timeline = Timeline()
    clock = SharedClock(tmp_path / "clock")
    clock.set(NOON)
    with (
        Outlets(4, clock) as outlets,
        Cluster(flink_jars, tmp_path / "flink", timeline) as cluster,
        ClockDrive(clock, FASTER) as drive,
    ):
        timeline("the cluster is up")
        job = Job(cluster, outlets, tmp_path / "news", clock)
        for _ in range(8):
            outlets.publish()
        first = job.submit()
        with outlets.publishing(every_s=1.0):
            job.has_written(12)

            for name, kill in (
                ("TaskManager 1", lambda: cluster.replace(1)),
                ("every SDK worker", cluster.kill_workers),
            ):
                workers = cluster.workers()
                job.next_poll()
                with drive.held():  # so no feed becomes due: what is polled until the clock goes on is polled again
                    kill()
                    timeline(f"{name} is killed")
                    job.is_restored(first)
                job.have_ended(workers)
                job.has_written(8)
                timeline(f"polls that came too early, by feed: {job.early_polls()}")

            job.next_poll()
            with drive.held():
                restores = cluster.restores(first)
                savepoint = job.stop(first)
                timeline("the job is stopped with a savepoint")
                early, fetched = job.early_polls(), outlets.fetches()
                second = job.submit(f"--savepoint_path={savepoint}")
                job.has_checkpointed(second)
            job.has_written(8)
        published = sorted(outlets.published)
        cluster.wait(lambda: job.written() >= len(published), f"all {len(published)} are in the view", PATIENCE_S)
        job.stop(second)
        timeline("the job is stopped")

    again = {url: count - 1 for url, count in outlets.fetches().items() if count > 1}
    timeline(f"{restores} restores; {job.polls()} polls, too early by feed: {early}")
    timeline(f"{sum(outlets.fetches().values())} pages asked for, {sum(again.values())} of them again")
    assert rows(job.output, "SELECT url FROM articles ORDER BY url") == [(url,) for url in published]
    assert rows(job.output, "SELECT * FROM failures") == []
    assert restores >= 2
    assert max(early) <= restores
    assert max(again.values(), default=0) <= restores
    assert job.early_polls() == early, "a poll after the savepoint came too early"
    assert not {url for url in fetched if outlets.fetches()[url] > fetched[url]}, "fetched again after the savepoint"
