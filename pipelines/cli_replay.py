"""The command `replay`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.cli_options import fetch_options, state_option
from pipelines.cli_read import moment
from pipelines.exits import EXIT_NOTHING_FETCHED, EXIT_WRONG, errors_told, fail, quiet_libraries

if TYPE_CHECKING:
    from pipelines.config import Config
    from pipelines.retag import Retag


@click.command()
@click.argument("directory", metavar="DIR")
@click.option(
    "--stage",
    type=click.Choice(["fetch", "extract", "tag"]),
    required=True,
    help="fetch: try entries again that could not be fetched. extract: make all articles anew from the archive."
    " tag: tag them anew from their stored texts.",
)
@click.option(
    "--since",
    metavar="TIME",
    help="Only what failed, and articles that were fetched, at or after this moment (ISO 8601, else UTC).",
)
@click.option(
    "--packs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Pack files to tag with, instead of the shipped ones.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="tag: also articles that have these packs' tags already. fetch: also failures whose page the archive holds.",
)
@state_option
@fetch_options
def replay(
    directory: str,
    stage: str,
    since: str | None,
    packs: tuple[Path, ...],
    dry_run: bool,
    everything: bool,
    state: Path | None,
    contact: str | None,
    spacing: float,
    allow_private: bool,
    ignore_robots: bool,
) -> None:
    """Do a stage again for what a dataset holds.

    fetch puts entries back whose pages could not be fetched (or failed later and are not in the archive), fetches them
    and says what was mended. extract fetches nothing: it makes all articles anew from the archive, and what failed at
    extraction or tagging once more; tag tags the stored texts with the packs as they are now. Both keep ids, ingest
    dates and stories, and say what changed.

    \b
    Examples:
      newsbeam replay news --stage fetch --since 2026-11-01
      newsbeam replay news --stage tag --packs mine.toml --dry-run
    """
    quiet_libraries()
    begin = moment(since, "UTC", "--since") if since else None
    if everything and stage == "extract":
        fail("--all belongs to --stage fetch and --stage tag: extract makes all articles anew as it is.")
    with errors_told():
        if stage == "tag":
            from pipelines.retag import Retag

            _retag(Retag(directory, begin, packs or None, everything, dry_run, state=state))
        else:
            from pipelines.config import Config, rules_for

            rules = rules_for(contact, spacing, allow_private, not ignore_robots)
            if stage == "extract":
                _reextract(directory, begin, packs, dry_run=dry_run)
            kind = "fetch-all" if everything else stage
            _retry(kind, begin, Config(directory, rules, packs or None, state=state), dry_run=dry_run)


def _retag(work: Retag) -> None:
    from pipelines.retag import retag

    done = retag(work)
    click.echo("\n".join(done.changes.lines(done.pack_version, dry_run=work.dry_run)))


def _reextract(directory: str, since: datetime | None, packs: tuple[Path, ...], *, dry_run: bool) -> None:
    from pipelines.reextract import Reextract, reextract

    done = reextract(Reextract(directory, since, packs or None, dry_run))
    click.echo("\n".join(done.lines(dry_run=dry_run)))


def _retry(stage: str, since: datetime | None, config: Config, *, dry_run: bool) -> None:
    from pipelines.retry import retry

    done = retry(stage, since, config, dry_run=dry_run)
    click.echo("\n".join(done.lines()))
    if done.summary is not None and not done.summary.adds_up:
        sys.exit(EXIT_WRONG)
    if done.summary is not None and done.summary.nothing_fetched:
        sys.exit(EXIT_NOTHING_FETCHED)
