"""The same pages on every engine: how many articles per second, and what share of the local default that is.

Each run fetches all pages of an archive on this machine, all feeds due at once and no pause between requests. Its time
goes from the first request for a page to the last row in the view: without the start of a job or a cluster, with the
workers' first load of their libraries and, in an unbounded job, with the window of its last rows. Windows and ticks are
short here (2 s and 5 s; the defaults, 60 s and 30 s, would be most of the time).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.config import Config, rules_for
from pipelines.ingest import Work, ingest
from pipelines.options import local_options
from pipelines.stream import Pace, build_stream
from schemas.records import Feed
from tests.bench.archive import Archive, archive
from tests.bench.found import find_flink, find_prism, load
from tests.bench.measure import spread
from tests.bench.pages import write_many
from tests.flink import Cluster, Timeline
from tests.pipelines.runs import rows
from transforms.pool import close_shared_pools, cores
from transforms.storage.dataset import Dataset
from transforms.web.shared import close_shared_clients

ROUNDS = 2
PAGES = 400
HOSTS = 16
PACE = Pace(tick_s=5.0, budget_s=20.0, window_s=2.0, shards=16)
PATIENCE_S = 180.0

Run = Callable[[Archive, Path], bool]
"""Takes all pages of an archive into a dataset; False where some are not there in time."""


def engines(scratch: Path, pages: int = PAGES, rounds: int = ROUNDS) -> None:
    """Prints articles per second by engine and round, then the ratios to the local default."""
    write_many(scratch / "pages", pages)
    prism, jars = find_prism(), find_flink()
    print(f"engines: {pages} pages on {HOSTS} hosts; {load()}", flush=True)
    with ExitStack() as stack:
        runs: dict[str, Run] = {f"local default, {cores()} worker processes": _bounded([])}
        if prism:
            options = ["--runner=PrismRunner", f"--prism_location={prism}", "--environment_type=LOOPBACK"]
            runs["bounded run on Prism"] = _bounded(options)
            runs["unbounded job on Prism"] = _on_prism(options)
        if jars:
            cluster = stack.enter_context(Cluster(jars, scratch / "flink", Timeline()))
            for slots in (1, 2):
                runs[f"unbounded job on Flink, --parallelism={slots}, 1 worker process each"] = _on_flink(
                    cluster, slots
                )
        served = stack.enter_context(archive(scratch / "pages", HOSTS))
        _compare(runs, served, scratch, rounds)


def _compare(runs: dict[str, Run], served: Archive, scratch: Path, rounds: int) -> None:
    ratios: dict[str, list[float]] = {}
    for number in range(rounds):
        rates: dict[str, float] = {}
        for place, (name, run) in enumerate(runs.items()):
            rate = _rate(run, served, scratch / f"out-{number}-{place}", name)
            if rate is None:
                continue
            rates[name] = rate
            ratio = rates[name] / next(iter(rates.values()))
            ratios.setdefault(name, []).append(ratio)
            print(f"round {number + 1}: {name}: {rates[name]:.1f} articles/s, ratio {ratio:.2f}; {load()}", flush=True)
    for name, values in list(ratios.items())[1:]:
        print(f"{name} / local default: {spread(values)}", flush=True)


def _rate(run: Run, served: Archive, output: Path, name: str) -> float | None:
    """Articles per second, None where some did not come; both clocks are the machine's."""
    before = len(served.asked())
    done = run(served, output)
    asked = served.asked()[before:]
    if len(asked) != served.pages:
        print(f"{name}: {len(asked)} requests for {served.pages} pages", flush=True)
    if failed := rows(output, "SELECT count(*) FROM failures")[0][0]:
        print(f"{name}: {failed} rows of failures", flush=True)
    written = int(str(rows(output, "SELECT count(*) FROM articles")[0][0]))
    if not done:
        print(f"{name}: stopped with {written} articles of {served.pages} pages after {PATIENCE_S:g} s", flush=True)
        return None
    last = max(commit.stat().st_mtime for commit in (output / "articles" / "_delta_log").glob("*.json"))
    return written / (last - min(asked)[0])


def _feeds(served: Archive) -> list[Feed]:
    return [Feed(url, f"site-{number}") for number, url in enumerate(served.feeds)]


def _config(output: Path) -> Config:
    return Config(str(output), rules_for("bench", 0.0, allow_private=True, obey_robots=True))


def _bounded(options: list[str]) -> Run:
    def run(served: Archive, output: Path) -> bool:
        summary = ingest(Work(_feeds(served), poll_all=True), _config(output), local_options(options))
        close_shared_pools()
        return summary.adds_up and not summary.pending

    return run


def _on_prism(options: list[str]) -> Run:
    def run(served: Archive, output: Path) -> bool:
        running = _submit(served, _config(output), [*options, "--streaming"])
        try:
            return _all_come(served, output)
        finally:
            running.cancel()
            close_shared_clients()
            close_shared_pools()

    return run


def _on_flink(cluster: Cluster, slots: int) -> Run:
    def run(served: Archive, output: Path) -> bool:
        config = _config(output)
        config = replace(config, pool=replace(config.pool, workers=1))
        _submit(served, config, [*cluster.job_options, "--job_name=engines", f"--parallelism={slots}"])
        job = str(cluster.wait(cluster.running_job, "all tasks run", PATIENCE_S))
        done = _all_come(served, output)
        cluster.script("flink", "cancel", job)
        return done

    return run


def _submit(served: Archive, config: Config, options: list[str]) -> beam.runners.runner.PipelineResult:
    Dataset(config.output).create(datetime.now(UTC))
    pipeline = beam.Pipeline(options=PipelineOptions(options))
    build_stream(pipeline, _feeds(served), config, PACE, start=datetime.now(UTC))
    return pipeline.run()


def _all_come(served: Archive, output: Path) -> bool:
    """Waits until every page is an article or a failure in the views; False if that takes too long."""
    sql = "SELECT (FROM articles SELECT count(*)) + (FROM failures SELECT count(DISTINCT key))"
    end = time.monotonic() + PATIENCE_S
    while int(str(rows(output, sql)[0][0])) < served.pages:
        if time.monotonic() > end:
            return False
        time.sleep(1)
    return True
