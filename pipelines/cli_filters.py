"""The stages as commands that read JSON Lines and write JSON Lines, so that they pipe into each other."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from pipelines import filters
from pipelines.cli_options import fetch_options
from pipelines.exits import EXIT_NOTHING_FETCHED, fail
from schemas.outcomes import Stage

_ONLY = click.option("--only", is_flag=True, help="Write id and the fields of this filter, without the input's.")


def _write(lines: Iterable[bytes]) -> int:
    """Writes lines as they come; returns how many."""
    n = 0
    for line in lines:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        n += 1
    return n


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", help="Address that the feed was fetched from, to resolve its relative links.")
def parse(files: tuple[Path, ...], url: str | None) -> None:
    """Feed files in, one line per entry out.

    \b
    Example:
      newsbeam parse feed.xml | jq -r .title
    """
    _write(filters.parse_files(files, url))


@click.command()
@_ONLY
@fetch_options
def fetch(only: bool, contact: str | None, spacing: float, allow_private: bool, ignore_robots: bool) -> None:
    """Lines with url in; adds html, final_url, status, media_type, fetched_at.

    \b
    Example:
      newsbeam parse feed.xml | newsbeam fetch | newsbeam extract | newsbeam tag
    """
    from pipelines.config import rules_for
    from transforms.clock import utc_now
    from transforms.web.client import Client
    from transforms.web.messages import Request

    rules = rules_for(contact, spacing, allow_private, not ignore_robots)
    lines = good = 0
    with Client(rules, utc_now) as client:
        for line, is_good in filters.fetch_lines(
            sys.stdin.buffer, lambda u: client.submit(Request(u, check_robots=rules.obey_robots)), only=only
        ):
            lines += 1
            good += is_good
            _write([line])
    if lines and not good:
        fail("nothing could be fetched; each line says why.", EXIT_NOTHING_FETCHED)


@click.command()
@_ONLY
def extract(only: bool) -> None:
    """Lines with html or html_path in; adds title, text, authors, published_at, language, …

    \b
    Example:
      echo '{"id": 1, "url": "https://example.org/a", "html_path": "a.html"}' | newsbeam extract
    """
    from transforms.clock import utc_now

    _write(filters.each(sys.stdin.buffer, filters.extractor(utc_now), Stage.EXTRACT, only=only))


@click.command()
@_ONLY
@click.option(
    "--packs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Pack files to tag with, instead of the shipped ones.",
)
@click.option(
    "--explain", "form", flag_value="text", help="For a person: each tag with the words around it and its rule."
)
@click.option("--html", "form", flag_value="html", help="For a person: one page with the texts marked up.")
@click.option("--unnamed", is_flag=True, help='Also actors without a name in English texts: "militants", "they".')
def tag(only: bool, packs: tuple[Path, ...], form: str | None, unnamed: bool) -> None:
    """Lines with title and text in; adds places, actors, quotes, links, countries, regions, region, …

    \b
    Examples:
      echo '{"id": 1, "text": "Troops crossed the Panj River into Tajikistan."}' | newsbeam tag --only
      newsbeam tag --explain < articles.jsonl | less
      newsbeam tag --html < articles.jsonl > tags.html
    """
    from transforms.tags.pack_reader import PackError

    if only and form:
        fail("--only is about lines of JSON: leave it out with --explain and --html.")
    try:
        if form:
            _write(filters.explained(sys.stdin.buffer, packs or None, form, unnamed=unnamed))
            return
        process = filters.tagger(packs or None, unnamed=unnamed)
    except PackError as error:
        fail(str(error))
    _write(filters.each(sys.stdin.buffer, process, Stage.TAG, only=only))


@click.command()
@_ONLY
def cluster(only: bool) -> None:
    """Lines with title and text in; adds story_id and near_duplicate_of (an input id). Reads all lines first.

    \b
    Example:
      newsbeam extract < pages.jsonl | newsbeam cluster --only
    """
    _write(filters.cluster_lines(sys.stdin.buffer, only=only))


FILTERS = (parse, fetch, extract, tag, cluster)
"""The filter commands, in the order of the flow."""
