"""Commands that read a dataset."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from pipelines.exits import fail
from schemas.bigquery import EXAMPLE_URI, bigquery_external, bigquery_schema
from schemas.codebook import codebook
from schemas.ddl import duckdb_ddl
from schemas.documents import contract
from schemas.tables import TABLES


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


@click.command()
@click.argument("directory", metavar="DIR")
@click.option("--to", required=True, type=click.Path(path_type=Path), help="Folder to make; it may exist if empty.")
@click.option(
    "--partition-by",
    default="ingest_date",
    show_default=True,
    help="Columns whose values name the folders, outermost first, parted by commas; an empty text for none.",
)
@click.option("--where", metavar="SQL", help="Condition on the rows of the view articles.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["parquet", "csv", "jsonl"]),
    default="parquet",
    show_default=True,
    help="Form of the files; in csv nested columns are JSON.",
)
@click.option(
    "--excerpt",
    metavar="N",
    type=click.IntRange(min=0),
    help="No full text, for sharing: title, source, url, dates, tags, and of each text at most N characters, and at"
    " most a third, around what is tagged.",
)
@click.option("--as-of", metavar="TIME", help="Export the dataset as it was at this moment (ISO 8601, else UTC).")
def export(
    directory: str,
    to: Path,
    partition_by: str,
    where: str | None,
    fmt: str,
    excerpt: int | None,
    as_of: str | None,
) -> None:
    """Write the view articles, each row once, in another layout or form; with --excerpt without its texts.

    \b
    Examples:
      newsbeam export news --to by-region --partition-by region,published_date
      newsbeam export news --to shared --excerpt 300 --where "region = 'tajik-afghan-border'" --format jsonl
    """
    from pipelines.export import Export, ExportError
    from pipelines.export import export as run_export
    from pipelines.query import QueryError
    from transforms.storage.dataset import Dataset, DatasetError

    columns = tuple(name.strip() for name in partition_by.split(",") if name.strip())
    wanted = Export(to, columns, where, fmt, excerpt, moment(as_of, "UTC") if as_of else None)
    try:
        counted = run_export(Dataset(directory), wanted)
    except (ExportError, QueryError, DatasetError) as error:
        fail(str(error))
    click.echo(f"{counted.rows} rows in {counted.files} files in {to}")


@click.command()
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["codebook", "bigquery", "bigquery-external", "duckdb", "json"]),
    default="codebook",
    show_default=True,
    help="codebook: Markdown for people; bigquery: schema of a native table; bigquery-external: definition of a table"
    " over the files as they lie; duckdb: CREATE TABLE; json: names and types.",
)
@click.option(
    "--table",
    type=click.Choice(list(TABLES)),
    default="articles",
    show_default=True,
    help="Table of the BigQuery formats; the others hold all.",
)
@click.option("--uri", default=EXAMPLE_URI, show_default=True, help="Address of the dataset, for bigquery-external.")
def schema(fmt: str, table: str, uri: str) -> None:
    """Print the columns of the dataset for people or for other tools.

    \b
    Examples:
      newsbeam schema --format duckdb
      newsbeam schema --format bigquery-external --table articles --uri gs://my-bucket/news > articles.json
    """
    made = {
        "codebook": codebook,
        "bigquery": lambda: bigquery_schema(TABLES[table]),
        "bigquery-external": lambda: bigquery_external(TABLES[table], uri),
        "duckdb": duckdb_ddl,
        "json": contract,
    }
    click.echo(made[fmt](), nl=False)


def moment(text: str, zone: str, option: str = "--as-of") -> datetime:
    """A moment as an option gives it, in the zone where it has no offset; ends the command on a wrong one."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        fail(
            f"{option} {text}: not a time in ISO 8601, such as 2026-11-22, 2026-11-22T06:00 or 2026-11-22T06:00+05:00."
        )
    try:
        return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(zone) if zone != "UTC" else UTC)
    except (ValueError, OSError, KeyError):
        fail(f"--tz {zone}: no such time zone.")
