"""The command `status`: how each feed of a dataset is, and whether everything that was seen is accounted for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.cli_options import state_option
from pipelines.exits import EXIT_WRONG, fail


@click.command()
@click.argument("directory", metavar="DIR")
@click.option("--tz", default="UTC", show_default=True, help="Time zone of the times shown, e.g. Asia/Dushanbe.")
@state_option
def status(directory: str, tz: str, state: Path | None) -> None:
    """Show each feed's last success, last new item, expected cadence, failure, next poll and the rule that set it.

    Then come the sums: of the polls, and on this machine of all entries that the ledger knows against the tables.
    Exits with 1 where one does not add up.

    \b
    Example:
      newsbeam status news --tz Asia/Dushanbe
    """
    from pipelines.query import QueryError
    from pipelines.status import read_status, show
    from transforms.clock import utc_now
    from transforms.storage.dataset import Dataset, DatasetError

    try:
        found = read_status(Dataset(directory), utc_now(), tz, state)
    except (QueryError, DatasetError) as error:
        fail(str(error))
    show(found)
    if not found.adds_up:
        sys.exit(EXIT_WRONG)
