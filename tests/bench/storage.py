"""How many files a month and a year of a small user's load come to, and how long a first query takes.

The load: 40 feeds, 800 articles a day, a window every five minutes. A window's files are those that the writer makes;
to save time the log gets one entry a day instead of one per window.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from pipelines.compact import compact_dataset
from schemas.ids import stable_hash
from schemas.records import StoryLink
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS, TABLES, Table, in_order, to_arrow
from tests.factories import NOON, article, failure, poll
from transforms.clock import utc_now
from transforms.storage.dataset import Dataset
from transforms.storage.files import DataFile, write_file
from transforms.storage.log import add_files
from transforms.storage.vacuum import RETENTION

DAY = timedelta(days=1)
WINDOWS = 288
FEEDS = 40
ROWS_A_DAY = {ARTICLES: 800, POLLS: FEEDS * 96, FAILURES: 24, STORY_LINKS: 12}
"""A poll of every feed each quarter of an hour; a few failures and merges of stories."""

QUERY = "SELECT count(*) AS articles, sum(length(text)) AS chars FROM articles WHERE region = 'fergana-valley'"
REGIONS = ("none", "none", "fergana-valley", "south-asia", "eastern-europe", "western-asia")


def storage(scratch: Path) -> None:
    """Prints the figures of a month in small files, of the same compacted, and of a year."""
    month = _fill(Dataset(str(scratch / "month")), days=30, windows=WINDOWS)
    print(f"a month in windows of five minutes: {_count(month)} files, first query {_first_query(month):.1f} s")
    began = time.perf_counter()
    compact(month)
    print(
        f"the same after newsbeam compact ({time.perf_counter() - began:.0f} s): {_count(month)} files in all tables"
        f" (asked: 100 or fewer), first query {_first_query(month):.1f} s"
    )
    year = _fill(Dataset(str(scratch / "year")), days=365, windows=1)
    compact(year)
    print(
        f"a year, compacted: {_count(year)} files in all tables, first query {_first_query(year):.1f} s, of which the"
        f" command without a query {_first_query(year, 'SELECT 1'):.1f} s"
    )


def _fill(dataset: Dataset, days: int, windows: int) -> Dataset:
    dataset.create(NOON)
    models = {table: _model(table, rows) for table, rows in ROWS_A_DAY.items()}
    for day in range(days):
        for table, model in models.items():
            start = NOON.replace(hour=0) + day * DAY
            add_files(dataset.log(table), [_file(dataset, table, part, start) for part in _windows(model, windows)])
    return dataset


def _windows(model: pa.Table, windows: int) -> Iterator[tuple[int, pa.Table]]:
    """A day's rows in as many parts as there are windows, with the number of the first row; empty ones left out."""
    bounds = [len(model) * n // windows for n in range(windows + 1)]
    for first, end in pairwise(bounds):
        if end > first:
            yield first, model.slice(first, end - first)


def _file(dataset: Dataset, table: Table, part: tuple[int, pa.Table], start: datetime) -> DataFile:
    """One window's file: the model's rows with ids and times of their own."""
    first, data = part
    times = [start + DAY * (first + n) / ROWS_A_DAY[table] for n in range(len(data))]
    ids = [stable_hash(table.name, time.isoformat()) for time in times]
    for name in data.column_names:
        if data.schema.field(name).type == pa.timestamp("us", tz="UTC"):
            data = _with(data, name, times)
        elif name in ("row_id", "article_id", "poll_id", "key", "joined_story_id"):
            data = _with(data, name, ids)
    return write_file(
        dataset.place.filesystem, dataset.folder(table), table, in_order(table, data), table.partition_at(start)
    )


def _with(data: pa.Table, name: str, values: list[object]) -> pa.Table:
    index = data.schema.get_field_index(name)
    return data.set_column(index, data.schema.field(name), pa.array(values, data.schema.field(name).type))


def _model(table: Table, rows: int) -> pa.Table:
    """A day's rows: texts of 150 to 700 random words, up to eight places and actors each."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(3, 9))) for _ in range(8_000)]
    one = article()

    def article_like(n: int) -> object:
        return article(
            f"https://site{n % FEEDS}.example/{n}",
            " ".join(chance.choices(words, k=chance.randint(150, 700))),
            region=chance.choice(REGIONS),
            places=one.places * chance.randint(0, 8),
            actors=one.actors * chance.randint(0, 8),
        )

    make = {
        ARTICLES: article_like,
        POLLS: lambda n: poll(f"https://site{n % FEEDS}.example/feed"),
        FAILURES: lambda n: failure(str(n)),
        STORY_LINKS: lambda n: StoryLink(f"s{n}", "s", "shared bands", NOON),
    }[table]
    return to_arrow(table, [make(n) for n in range(rows)])


def compact(dataset: Dataset) -> None:
    """Compacts, and then deletes what was replaced, as if the retention had passed."""
    for clock in (utc_now, partial(_later, 2 * RETENTION)):
        for _ in compact_dataset(dataset, 128_000_000, RETENTION, clock, dry_run=False):
            pass


def _later(span: timedelta) -> datetime:
    return utc_now() + span


def _count(dataset: Dataset) -> int:
    return sum(len(list(Path(dataset.root, name).glob("ingest_date=*/*.parquet"))) for name in TABLES)


def _first_query(dataset: Dataset, sql: str = QUERY) -> float:
    """Seconds of the command in a process of its own, as a user waits for it."""
    command = [sys.executable, "-m", "pipelines.cli", "query", dataset.root, sql, "--format", "csv"]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=Path(__file__).resolve().parents[2])
    return time.perf_counter() - began
