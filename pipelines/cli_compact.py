"""The command `compact`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

from pipelines.cli_options import DURATION
from pipelines.exits import EXIT_WRONG, errors_told, fail

_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
_LEAST, _MOST = 10**6, 10**9


class _Size(click.ParamType[int]):
    """Bytes, written as 64MB or 0.5GB."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(kB|MB|GB)", str(value).strip(), re.IGNORECASE)
        units = {unit.lower(): size for unit, size in _UNITS.items()}
        size = round(float(found[1]) * units[found[2].lower()]) if found else 0
        if not _LEAST <= size <= _MOST:
            self.fail(f"{value!r} is no size from 1MB to 1GB; write a number with MB or GB, e.g. 64MB.", param, ctx)
        return size


@click.command()
@click.argument("directory", metavar="DIR")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--target-size",
    type=_Size(),
    default="128MB",
    show_default=True,
    help="Size that files grow to; several times as much memory is used.",
)
@click.option(
    "--retention",
    type=DURATION,
    default="24h",
    show_default=True,
    help="How long replaced files stay for readers that began before; at most 6d.",
)
def compact(directory: str, dry_run: bool, target_size: int, retention: float) -> None:
    """Put small files together, drop repeated rows, and delete files that were replaced longer ago than the retention.

    Reading and writing go on meanwhile. Run it once a day; it may be killed and started again at any moment.

    \b
    Examples:
      newsbeam compact news
      newsbeam compact s3://bucket/news --dry-run
    """
    from pipelines.compact import compact_dataset
    from transforms.clock import utc_now
    from transforms.storage.dataset import Dataset
    from transforms.storage.vacuum import LONGEST_RETENTION

    kept = timedelta(seconds=retention)
    if kept > LONGEST_RETENTION:
        fail(f"--retention {kept}: at most {LONGEST_RETENTION.days}d, as the log keeps its entries for a day more.")
    try:
        if dry_run:
            click.echo("newsbeam: dry run, nothing is changed", err=True)
        with errors_told():
            for report in compact_dataset(Dataset(directory), target_size, kept, utc_now, dry_run=dry_run):
                click.echo(report.line())
    except OSError as error:
        fail(f"{directory}: {error}. What was done stands; start the command again to go on.", EXIT_WRONG)
