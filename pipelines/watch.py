"""Continuous runs: slices on this machine for as long as it goes on, or one unbounded job on a streaming runner."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import apache_beam as beam
import click
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.config import Config
from pipelines.ingest import Work, ingest
from pipelines.lock import only_writer
from pipelines.options import is_prism, local_options
from pipelines.stream import Pace, build_stream
from schemas.records import Feed
from transforms.feeds.lists import FeedListError, load_feed_list
from transforms.storage.dataset import Dataset
from transforms.stories.publishers import load_families
from transforms.tags.packs import load_packs


def watch_here(
    feed_list: Path,
    config: Config,
    beam_arguments: Sequence[str],
    every_s: float,
    wait: Callable[[float], None] = time.sleep,
) -> bool:
    """Runs one bounded ingest after another, `every_s` seconds from start to start, until it is interrupted.

    The feed list is read again each time, so that an edited one counts at once; one that cannot be read is named, and
    the one before it holds.

    Returns:
        False as soon as a run's sum does not add up; else it does not return.

    Raises:
        transforms.feeds.lists.FeedListError: The list is bad at the start.
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
    """
    feeds = load_feed_list(feed_list)
    options = local_options(beam_arguments)
    while True:
        began = config.clock()
        summary = ingest(Work(feeds), config, options)
        click.echo("\n".join(f"{began:%Y-%m-%d %H:%M:%SZ} {line}" for line in summary.lines()))
        sys.stdout.flush()
        if not summary.adds_up:
            return False
        wait(max(0.0, every_s - (config.clock() - began).total_seconds()))
        try:
            feeds = load_feed_list(feed_list)
        except FeedListError as error:
            click.echo(f"newsbeam: {error}\nThe list as it was before stays in force.", err=True)


def run_stream(feeds: Sequence[Feed], config: Config, options: PipelineOptions, pace: Pace, *, detach: bool) -> None:
    """Submits the unbounded job, and waits for its end unless `detach` is set.

    A dataset on this machine is locked against other writers for as long as the job is waited for.

    Raises:
        pipelines.lock.DatasetLocked: Another process writes to the dataset.
        transforms.storage.dataset.DatasetError: The output cannot be used.
        transforms.tags.pack_reader.PackError: A pack cannot be used.
    """
    if config.packs is None or all(path.exists() for path in config.packs):
        load_packs(config.packs)  # found here rather than in a worker; a cluster's own paths are read there only
    if config.publishers is None or config.publishers.exists():
        load_families(config.publishers)
    Dataset(config.output).create(config.clock())
    with nullcontext() if "://" in config.output else only_writer(config.output, config.state_dir):
        pipeline = beam.Pipeline(options=options)
        build_stream(pipeline, feeds, config, pace, start=config.clock())
        running = pipeline.run()
        click.echo(f"newsbeam: {len(feeds)} feeds, job {_name_of(running)} is {running.state}", err=True)
        if not detach:
            _wait(running, options)


def _wait(running: beam.runners.runner.PipelineResult, options: PipelineOptions) -> None:
    try:
        running.wait_until_finish()
    except KeyboardInterrupt:
        if not is_prism(options):  # which ends with the command that started it
            click.echo(f"newsbeam: job {_name_of(running)} runs on; end it with its runner's own tools.", err=True)
        raise


def _name_of(running: beam.runners.runner.PipelineResult) -> str:
    """A job's id as its runner gives it: a method on Dataflow, a private field elsewhere in Beam."""
    found = getattr(running, "job_id", None) or getattr(running, "_job_id", None)
    return str(found() if callable(found) else found)
