"""Reads a dataset with one tool, knowing nothing of newsbeam: `python read.py TOOL DIR REGION DAY` prints JSON.

The answer is the same for every tool:
    count: rows of articles
    zone: whether the tool knows that published_at is UTC
    rows: of one region and one ingest date, sorted by row_id, each with what is nested in it
    pruned: whether the tool shows that it left the other days unread; null where it shows nothing

It runs in an environment of its own (tests/readers/requirements.txt), so it imports nothing of the project.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

Answer = dict[str, Any]
COLUMNS = ["row_id", "title", "published_at", "published_date", "word_count", "places", "actors"]


def row_of(row: dict[str, Any]) -> list[Any]:
    """A row as every tool must see it: nested places, actors and mentions within reach, times in UTC."""
    at: datetime | None = row["published_at"]
    return [
        row["row_id"],
        row["title"],
        None if at is None else at.isoformat(),
        None if row["published_date"] is None else str(row["published_date"]),
        int(row["word_count"]),
        [[p["surface"], p["lat"], int(p["start"])] for p in row["places"]],
        [[a["name"], list(a["plover_sectors"]), [m["surface"] for m in a["mentions"]]] for a in row["actors"]],
    ]


def answer(count: int, zone: bool, rows: Iterable[dict[str, Any]], pruned: bool | None) -> Answer:
    return {"count": count, "zone": zone, "rows": sorted(map(row_of, rows)), "pruned": pruned}


def duckdb_bare(folder: str, region: str, day: date) -> Answer:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    source = f"read_parquet('{folder}/articles/ingest_date=*/*.parquet')"
    wanted = f"{source} WHERE region = $1 AND ingest_date = $2"
    plan = connection.execute(f"EXPLAIN ANALYZE SELECT row_id FROM {wanted}", [region, day]).fetchall()[0][1]
    found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM {wanted}", [region, day])
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]
    count = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    zone = connection.execute(f"SELECT typeof(published_at) FROM {source} LIMIT 1").fetchone()
    read, files = map(int, re.search(r"Scanning Files: (\d+)/(\d+)", plan).groups())
    return answer(count, zone == ("TIMESTAMP WITH TIME ZONE",), rows, read < files)


def pyarrow_dataset(folder: str, region: str, day: date) -> Answer:
    import pyarrow as pa
    import pyarrow.dataset as pads

    partitioning = pads.partitioning(pa.schema([("ingest_date", pa.date32())]), flavor="hive")
    dataset = pads.dataset(f"{folder}/articles", partitioning=partitioning)
    wanted = (pads.field("region") == region) & (pads.field("ingest_date") == day)
    rows = dataset.to_table(columns=COLUMNS, filter=wanted).to_pylist()
    left = list(dataset.get_fragments(filter=pads.field("ingest_date") == day))
    zone = dataset.schema.field("published_at").type == pa.timestamp("us", tz="UTC")
    return answer(dataset.count_rows(), zone, rows, len(left) < len(list(dataset.get_fragments())))


def polars_bare(folder: str, region: str, day: date) -> Answer:
    import polars as pl

    return _polars(pl.scan_parquet(f"{folder}/articles/ingest_date=*/*.parquet", hive_partitioning=True), region, day)


def polars_delta(folder: str, region: str, day: date) -> Answer:
    import polars as pl

    return _polars(pl.scan_delta(f"{folder}/articles"), region, day)


def _polars(lazy: Any, region: str, day: date) -> Answer:
    import polars as pl

    wanted = lazy.filter(pl.col("region") == region, pl.col("ingest_date") == day).select(COLUMNS)
    zone = lazy.collect_schema()["published_at"] == pl.Datetime("us", "UTC")
    return answer(lazy.select(pl.len()).collect().item(), zone, wanted.collect().to_dicts(), None)


def pandas_filters(folder: str, region: str, day: date) -> Answer:
    import pandas as pd

    wanted = [("region", "==", region), ("ingest_date", "==", day.isoformat())]
    frame = pd.read_parquet(f"{folder}/articles", columns=COLUMNS, filters=wanted)
    zone = str(frame["published_at"].dtype) == "datetime64[us, UTC]"
    count = len(pd.read_parquet(f"{folder}/articles", columns=["row_id"]))
    rows = [
        {name: None if pd.api.types.is_scalar(value) and pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    return answer(count, zone, rows, None)


def spark(folder: str, region: str, day: date) -> Answer:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    frame = session.read.parquet(f"{folder}/articles")
    wanted = frame.where((frame.region == region) & (frame.ingest_date == day)).select(*COLUMNS)
    plan = wanted._jdf.queryExecution().toString()
    pruned = "PartitionFilters: [isnotnull(ingest_date" in plan and "EqualTo(region" in plan
    rows = [json_row.asDict(recursive=True) for json_row in wanted.collect()]
    for row in rows:  # pyspark gives naive local times
        row["published_at"] = row["published_at"] and row["published_at"].astimezone(UTC)
    zone = frame.schema["published_at"].dataType.typeName() == "timestamp"
    made = answer(frame.count(), zone, rows, pruned)
    session.stop()
    return made


TOOLS: dict[str, Callable[[str, str, date], Answer]] = {
    "duckdb": duckdb_bare,
    "pyarrow": pyarrow_dataset,
    "polars": polars_bare,
    "polars-delta": polars_delta,
    "pandas": pandas_filters,
    "spark": spark,
}

if __name__ == "__main__":
    tool, folder, region, day = sys.argv[1:]
    print(json.dumps(TOOLS[tool](folder, region, date.fromisoformat(day))))
