"""The command `watch`: on this machine slices for as long as it runs, on a streaming runner one unbounded job."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.cli_options import (
    DURATION,
    archive_keep_of,
    archive_options,
    fetch_options,
    publishers_option,
    state_option,
)
from pipelines.exits import EXIT_WRONG, errors_told, fail, quiet_libraries


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--feeds",
    "feed_list",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Feed list: OPML, TOML, or a plain list of URLs.",
)
@click.option(
    "--output",
    required=True,
    help="Dataset: a folder, s3://bucket/prefix or gs://bucket/prefix; for a cluster one that all its machines reach.",
)
@state_option
@click.option(
    "--packs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Pack files to tag with, instead of the shipped ones; for a cluster paths in the workers' image.",
)
@click.option(
    "--every",
    type=DURATION,
    default="5m",
    show_default=True,
    help="How often what came in is committed; each feed is polled at its own pace.",
)
@click.option(
    "--shards",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Streaming runners: parts that hosts are divided into. A running job cannot be updated to another number.",
)
@click.option("--detach", is_flag=True, help="Streaming runners: submit the job and do not wait for its end.")
@publishers_option
@archive_options
@fetch_options
@click.argument("more", nargs=-1, metavar="[BEAM OPTIONS]")
def watch(
    feed_list: Path,
    output: str,
    state: Path | None,
    packs: tuple[Path, ...],
    every: float,
    shards: int,
    detach: bool,
    publishers: Path | None,
    no_archive: bool,
    archive_keep: float,
    contact: str | None,
    spacing: float,
    allow_private: bool,
    ignore_robots: bool,
    more: tuple[str, ...],
) -> None:
    """Poll feeds and write what they bring for as long as it runs; Ctrl-C ends it and loses nothing.

    Without --runner it runs on this machine. With a streaming runner (FlinkRunner, PortableRunner, PrismRunner,
    DataflowRunner) it is one unbounded job, whose state the runner keeps, and which keeps no archive.

    \b
    Examples:
      newsbeam watch --feeds feeds.toml --output news --every 5m
      newsbeam watch --feeds feeds.toml --output news --runner PortableRunner --job_endpoint=localhost:8099 --detach
    """
    quiet_libraries()
    from pipelines.config import Config, rules_for
    from pipelines.options import split_beam_arguments, streaming_options
    from pipelines.stream import SHORTEST_TICK_S, Pace
    from pipelines.watch import run_stream, watch_here
    from transforms.feeds.lists import load_feed_list

    with errors_told():
        beam_arguments, paths = split_beam_arguments(more)
        if paths:
            fail(
                f"unexpected argument: {paths[0]}. watch takes feeds only; documents go to newsbeam ingest --documents."
            )
        feeds = load_feed_list(feed_list)
        rules = rules_for(contact, spacing, allow_private, not ignore_robots)
        keep = archive_keep_of(no_archive, archive_keep)
        config = Config(output, rules, packs or None, archive_keep=keep, state=state, publishers=publishers)
        options = streaming_options(beam_arguments)
        if options is not None:
            run_stream(
                feeds,
                config,
                options,
                Pace(tick_s=min(max(every, SHORTEST_TICK_S), Pace.tick_s), window_s=every, shards=shards),
                detach=detach,
            )
        elif not watch_here(feed_list, config, beam_arguments, every):
            sys.exit(EXIT_WRONG)
