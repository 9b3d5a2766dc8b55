"""Commands that read a dataset."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pipelines.exits import fail


@click.command()
@click.argument("directory", metavar="DIR")
@click.argument("sql")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["table", "csv", "jsonl", "parquet", "geojson"]),
    default="table",
    show_default=True,
    help="Form of the output; parquet needs --to, geojson the columns lat and lon.",
)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write instead of the terminal.")
@click.option("--tz", default="UTC", show_default=True, help="Time zone of timestamps, e.g. Asia/Dushanbe.")
@click.option(
    "--as-of",
    metavar="TIME",
    help="Read all tables as they were at this moment (ISO 8601; without an offset in the zone of --tz; a date is its"
    " first moment).",
)
def query(directory: str, sql: str, fmt: str, to: Path | None, tz: str, as_of: str | None) -> None:
    """Run SQL (DuckDB's dialect) over the views articles, articles_latest, article_places, article_actors, mentions,
    stories, failures, polls and story_links. Each row is seen once.

    \b
    Examples:
      newsbeam query news "SELECT region, count(*) FROM articles GROUP BY ALL"
      newsbeam query news "FROM mentions WHERE id = 'taliban'" --format csv --to mentions.csv
      newsbeam query news "SELECT name, kind, lat, lon, title FROM article_places" --format geojson --to places.geojson
      newsbeam query news "SELECT count(*) FROM articles" --as-of 2026-11-22T06:00+05:00
    """
    from pipelines.query import QueryError, run_query
    from transforms.storage.dataset import Dataset, DatasetError

    if fmt == "parquet" and to is None:
        fail("--format parquet needs --to FILE.")
    try:
        text = run_query(Dataset(directory), sql, fmt, to, tz, moment(as_of, tz) if as_of else None)
    except (QueryError, DatasetError) as error:
        fail(str(error))
    if text:
        click.echo(text)
    sys.stdout.flush()


def moment(text: str, zone: str) -> datetime:
    """A moment as --as-of gives it, in the zone where it has no offset; ends the command on a wrong one."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        fail(f"--as-of {text}: not a time in ISO 8601, such as 2026-11-22, 2026-11-22T06:00 or 2026-11-22T06:00+05:00.")
    try:
        return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone) if zone != "UTC" else UTC)
    except (ValueError, OSError, KeyError):
        fail(f"--tz {zone}: no such time zone.")
