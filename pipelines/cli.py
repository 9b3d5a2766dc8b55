"""The command line. Heavy imports stand inside the commands that need them: Beam alone takes seconds."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipelines.cli_compact import compact
from pipelines.cli_filters import FILTERS
from pipelines.cli_options import archive_keep_of, archive_options, fetch_options, publishers_option, state_option
from pipelines.cli_packs import packs as packs_commands
from pipelines.cli_read import export, query, schema
from pipelines.cli_replay import replay
from pipelines.cli_state import state
from pipelines.cli_status import status
from pipelines.cli_watch import watch
from pipelines.exits import (
    EXIT_INTERRUPTED,
    EXIT_NOTHING_FETCHED,
    EXIT_WRONG,
    errors_told,
    fail,
    quiet_libraries,
    refusal_in,
)
from schemas.versions import SCHEMA_VERSION, pipeline_version
from transforms.pool import close_shared_pools

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

_HELP = """Turn a list of news feeds into a place- and actor-tagged, partitioned Parquet dataset.

\b
Exit codes: 0 done (failures are rows of the table, not exit codes), 1 the sum does not add up, the disk refused to take
something, or an internal error, 2 usage, 3 nothing could be fetched, 4 the dataset is being written by another process,
130 interrupted.
"""


@click.group(help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(pipeline_version(), message=f"newsbeam %(version)s, schema {SCHEMA_VERSION}")
def cli() -> None:
    pass


@cli.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--feeds",
    "feed_list",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Feed list: OPML, TOML, or a plain list of URLs.",
)
@click.option(
    "--documents",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A .txt or .html file, or a folder of them; more may follow.",
)
@click.option(
    "--warc",
    "warcs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A WARC file (.warc or .warc.gz), of Common Crawl, newsbeam or others; more may follow.",
)
@click.option(
    "--output",
    required=True,
    help="Dataset: a folder, s3://bucket/prefix or gs://bucket/prefix; made if absent.",
)
@state_option
@click.option(
    "--packs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Pack files to tag with, instead of the shipped ones.",
)
@click.option("--poll-all", is_flag=True, help="Poll every feed now, also those that are not due yet.")
@publishers_option
@archive_options
@fetch_options
@click.argument("more", nargs=-1, metavar="[PATH…] [BEAM OPTIONS]")
def ingest(
    feed_list: Path | None,
    documents: tuple[Path, ...],
    warcs: tuple[Path, ...],
    output: str,
    state: Path | None,
    packs: tuple[Path, ...],
    poll_all: bool,
    publishers: Path | None,
    no_archive: bool,
    archive_keep: float,
    contact: str | None,
    spacing: float,
    allow_private: bool,
    ignore_robots: bool,
    more: tuple[str, ...],
) -> None:
    """One bounded run: poll the feeds that are due, read documents, write the dataset, print the closing sum.

    \b
    Examples:
      newsbeam ingest --feeds feeds.toml --output news
      newsbeam ingest --documents texts/ --output news
      newsbeam ingest --warc CC-NEWS-20261122060000-00042.warc.gz --output news
      newsbeam ingest --feeds feeds.toml --output s3://bucket/news
    """
    quiet_libraries()
    from pipelines.config import Config, rules_for
    from pipelines.ingest import Work
    from pipelines.ingest import ingest as run_ingest
    from transforms.feeds.lists import load_feed_list

    with errors_told():
        options, paths = _beam_options(more)
        documents, warcs = _files_to_read(paths, documents, warcs)
        if not (feed_list or documents or warcs):
            fail("nothing to ingest: give --feeds LIST, --documents PATH, --warc FILE, or several of them.")
        work = Work(load_feed_list(feed_list) if feed_list else (), documents, poll_all, warcs)
        rules = rules_for(contact, spacing, allow_private, not ignore_robots)
        keep = archive_keep_of(no_archive, archive_keep)
        config = Config(output, rules, packs or None, archive_keep=keep, state=state, publishers=publishers)
        summary = run_ingest(work, config, options)
    click.echo("\n".join(summary.lines()))
    if not summary.adds_up:
        sys.exit(EXIT_WRONG)
    if summary.nothing_fetched:
        sys.exit(EXIT_NOTHING_FETCHED)


def _beam_options(more: tuple[str, ...]) -> tuple[PipelineOptions | None, list[str]]:
    """Options for Beam, where any are given, and the positional arguments; Beam is loaded for the former only."""
    if not any(argument.startswith("-") for argument in more):
        return None, list(more)
    from pipelines.options import local_options, split_beam_arguments

    beam_arguments, paths = split_beam_arguments(more)
    return local_options(beam_arguments), paths


def _files_to_read(
    paths: list[str], documents: tuple[Path, ...], warcs: tuple[Path, ...]
) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Paths that follow `--documents PATH` are documents too, as a shell's wildcard gives them; so with `--warc`."""
    if paths and not documents and not warcs:
        fail(f"unexpected argument: {paths[0]}. Give files with --documents {paths[0]}.")
    for path in paths:
        if not Path(path).exists():
            fail(f"{'--documents' if documents else '--warc'}: {path} does not exist.")
    more = [Path(path) for path in paths]
    packed = [path for path in more if not documents or (warcs and path.name.endswith((".warc", ".warc.gz")))]
    return (*documents, *(path for path in more if path not in packed)), (*warcs, *packed)


@cli.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("newsbeam-demo"),
    show_default=True,
    help="Folder for the demo's dataset; an earlier demo's there is replaced.",
)
def demo(output: Path) -> None:
    """The bundled sample, end to end and offline: two invented feeds over real HTTP into a dataset, then shown.

    \b
    Example:
      newsbeam demo --output /tmp/demo
    """
    quiet_libraries()
    from pipelines.demo import run_demo
    from transforms.storage.dataset import DatasetError

    try:
        adds_up = run_demo(output)
    except DatasetError as error:
        fail(str(error))
    if not adds_up:
        sys.exit(EXIT_WRONG)


@cli.group()
def feeds() -> None:
    """Look at feeds."""


@feeds.command()
@click.argument("feed_list", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="LIST")
@fetch_options
def check(feed_list: Path, contact: str | None, spacing: float, allow_private: bool, ignore_robots: bool) -> None:
    """Poll each feed of a list once and show what it is: status, newest item, full text or teaser, language, robots.

    \b
    Example:
      newsbeam feeds check feeds.opml
    """
    from pipelines.config import rules_for
    from pipelines.feeds_check import check_feeds
    from transforms.feeds.lists import FeedListError, load_feed_list

    try:
        listed = load_feed_list(feed_list)
    except FeedListError as error:
        fail(str(error))
    if not check_feeds(listed, rules_for(contact, spacing, allow_private, not ignore_robots)):
        sys.exit(EXIT_NOTHING_FETCHED)


@feeds.command()
@click.argument("url")
@fetch_options
def find(url: str, contact: str | None, spacing: float, allow_private: bool, ignore_robots: bool) -> None:
    """Look for a site's feeds: those that its home page names, and the sitemaps of its robots.txt; show what they are.

    \b
    Example:
      newsbeam feeds find https://news.example.org/
    """
    from pipelines.config import rules_for
    from pipelines.feeds_check import find_feeds

    if not find_feeds(url, rules_for(contact, spacing, allow_private, not ignore_robots)):
        sys.exit(EXIT_NOTHING_FETCHED)


cli.add_command(watch)
for _command in (packs_commands, query, export, schema, compact, replay, state, status):
    cli.add_command(_command)
for _filter in FILTERS:
    cli.add_command(_filter)


def main() -> None:
    """Entry point of the console script."""
    interrupted = _watch_for_interrupt()
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (KeyboardInterrupt, click.exceptions.Abort, Exception) as error:
        if interrupted.is_set():  # a runner wraps the interrupt into an error of its own
            _end_interrupted()
        if refused := refusal_in(error):
            fail(refused, EXIT_WRONG)
        raise


def _end_interrupted() -> NoReturn:
    """Says so and ends at once: an interrupt that Python notices on its way out would make the signal the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    close_shared_pools()  # workers that outlive us would leave their locks behind
    click.echo("newsbeam: interrupted; nothing is lost: start the same command again to go on.", err=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(EXIT_INTERRUPTED)


def _watch_for_interrupt() -> threading.Event:
    """Remembers that the user pressed Ctrl-C, which then interrupts as usual."""
    pressed = threading.Event()

    def interrupt(number: int, frame: object) -> None:
        pressed.set()
        threading.excepthook = lambda told: None  # of children that Ctrl-C ended too
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    return pressed


if __name__ == "__main__":
    main()
