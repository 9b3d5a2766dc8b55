"""Commands that read a dataset."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.exits import fail


@click.command()
@click.argument("directory", metavar="DIR")
@click.argument("sql")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["table", "csv", "jsonl", "parquet"]),
    default="table",
    show_default=True,
    help="Form of the output; parquet needs --to.",
)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="File to write instead of the terminal.")
@click.option("--tz", default="UTC", show_default=True, help="Time zone of timestamps, e.g. Asia/Dushanbe.")
def query(directory: str, sql: str, fmt: str, to: Path | None, tz: str) -> None:
    """Run SQL (DuckDB's dialect) over the views articles, articles_latest, article_places, article_actors, mentions,
    stories, failures, polls and story_links. Each row is seen once.

    \b
    Examples:
      newsbeam query news "SELECT region, count(*) FROM articles GROUP BY ALL"
      newsbeam query news "FROM mentions WHERE id = 'taliban'" --format csv --to mentions.csv
    """
    from pipelines.query import QueryError, run_query
    from transforms.storage.dataset import Dataset, DatasetError

    if fmt == "parquet" and to is None:
        fail("--format parquet needs --to FILE.")
    try:
        text = run_query(Dataset(directory), sql, fmt, to, tz)
    except (QueryError, DatasetError) as error:
        fail(str(error))
    if text:
        click.echo(text)
    sys.stdout.flush()
