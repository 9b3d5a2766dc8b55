"""The command `state`: what local runs remember beside the tables."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli_options import state_option
from pipelines.exits import errors_told, quiet_libraries


@click.group()
def state() -> None:
    """Look after what local runs remember in DIR/_state."""


@state.command()
@click.argument("directory", metavar="DIR")
@state_option
def rebuild(directory: str, state: Path | None) -> None:
    """Make DIR/_state, or the ledger of a dataset in a store, anew from the tables, after it was lost or damaged.

    Known are then the feeds with their next polls and failures, the entries that became articles or failed, and the
    stories. Not in the tables, and so lost: the feeds' validators (each feed is read in full once) and entries that
    still waited. A ledger that is there is put aside.

    \b
    Example:
      newsbeam state rebuild news
    """
    quiet_libraries()
    from pipelines.config import Config, rules_for
    from pipelines.rebuild import rebuild as run_rebuild

    with errors_told():
        rules = rules_for(None, 5.0, allow_private=False, obey_robots=True)
        done = run_rebuild(Config(directory, rules, state=state))
    click.echo("\n".join(done.lines()))
