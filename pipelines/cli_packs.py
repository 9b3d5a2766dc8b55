"""`newsbeam packs`: work on packs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.exits import EXIT_USAGE


@click.group()
def packs() -> None:
    """Work on packs, the files that say who is an actor and what is a region."""


@packs.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    """Name everything that is wrong with packs, with file and line; several are checked as one set.

    Errors first, then warnings. Exit code 2 where there is an error.

    \b
    Example:
      newsbeam packs check mine.toml
    """
    from transforms.tags.packs_check import check_packs

    findings = check_packs(files)
    errors = [finding for finding in findings if finding.is_error]
    warnings = [finding for finding in findings if not finding.is_error]
    for finding in (*errors, *warnings):
        click.echo(str(finding))
    click.echo(f"{len(errors)} errors, {len(warnings)} warnings in {len(files)} files.")
    if errors:
        sys.exit(EXIT_USAGE)
