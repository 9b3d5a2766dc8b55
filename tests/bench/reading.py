"""A year of ten million articles: what a question about one week reads and takes, beside files of that week alone.

    python -m tests.bench.reading HOW FOLDER QUESTION

is one answer, in a process of its own: seconds and bytes of opening, then of the question, as JSON. Bytes are those
that it asked the system for (`rchar` of Linux), whether the system had them at hand or not.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from schemas.tables import ARTICLES, in_order
from tests.bench.measure import processor_seconds
from tests.bench.pages import ROOT
from tests.bench.storage import compact
from tests.bench.year import DAYS, START, Year, actor_of
from transforms.storage.dataset import Dataset
from transforms.storage.files import write_file
from transforms.storage.log import add_files

ARTICLES_A_YEAR = 10_000_000
ROOM = 8_000_000_000
"""Bytes that have to be free; the year takes about half of them."""

ROUNDS = 5
FIRST = 214
WEEK = range(FIRST, FIRST + 7)
REGION = "tajik-afghan-border"
_DAYS = [START.date() + timedelta(days=number) for number in (WEEK[0], WEEK[-1])]
QUESTION = (
    f"SELECT title, url, published_at FROM articles WHERE region = '{REGION}'"
    f" AND list_contains(list_transform(actors, lambda a: a.actor_id), '{actor_of(REGION, 3)}')"
)
BY_PARTITION = f"{QUESTION} AND ingest_date BETWEEN DATE '{_DAYS[0]}' AND DATE '{_DAYS[1]}'"
BY_PUBLICATION = f"{QUESTION} AND published_date BETWEEN DATE '{_DAYS[0]}' AND DATE '{_DAYS[1]}'"

Answer = dict[str, float]


def reading(scratch: Path, articles: int = ARTICLES_A_YEAR) -> None:
    """Makes the year, compares, and prints bytes and seconds; the median of the rounds."""
    if (free := shutil.disk_usage(scratch).free) < ROOM:
        print(f"reading: left out, as {free / 1e9:.0f} GB are free and {ROOM / 1e9:.0f} GB are asked for")
        return
    began = time.perf_counter()
    dataset = _write(Dataset(str(scratch / "year")), scratch, Year(articles))
    files = [Path(uri) for uri in dataset.file_uris(ARTICLES)]
    print(
        f"a year of {dataset.log(ARTICLES).count():,} articles: {len(files)} files of"
        f" {sum(file.stat().st_size for file in files) / 1e9:.1f} GB, made in {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    _compare(scratch)


def _compare(scratch: Path) -> None:
    hows = ("hand", "views", "delta", "query")
    rounds: dict[str, list[Answer]] = {how: [] for how in hows}
    for _ in range(ROUNDS):
        for how in hows:
            rounds[how].append(_ask(how, scratch, BY_PARTITION))
    by_hand = _median(rounds["hand"])
    print(f"one region, one actor, one week; {by_hand['rows']:.0f} rows. {_told('files of that week alone', by_hand)}")
    for how, name in (("views", "the view in views.sql"), ("query", "the same view by newsbeam query's connection")):
        found = _median(rounds[how])
        print(
            f"{_told(name, found)}; {found['bytes'] / by_hand['bytes']:.2f} times the bytes (asked: 3 or less),"
            f" {found['seconds'] / by_hand['seconds']:.2f} times the time (asked: 2 or less)",
            flush=True,
        )
    for how, name in (
        ("views", "views.sql in DuckDB"),
        ("delta", "Delta log"),
        ("query", "newsbeam query, without imports"),
    ):
        opened = _median(rounds[how])
        print(
            f"opening the year by {name}: {opened['open_s']:.2f} s (asked: 1 s), of the processor"
            f" {opened['open_cpu_s']:.2f} s; {opened['open_bytes'] / 1e6:.1f} MB"
        )
    for how in ("views", "query"):
        print(_told(f"the week by date of publication, {how}", _ask(how, scratch, BY_PUBLICATION)), flush=True)


def _write(dataset: Dataset, scratch: Path, year: Year) -> Dataset:
    """The year as a compaction leaves it, and its week once more by hand: bare pyarrow, sorted, a file for each day."""
    dataset.create(START)
    (scratch / "hand").mkdir()
    for number in range(DAYS):
        rows = year.day(number)
        day: date = ARTICLES.partition_at(START + timedelta(days=number))
        ordered = in_order(ARTICLES, rows)
        add_files(
            dataset.log(ARTICLES),
            [write_file(dataset.place.filesystem, dataset.folder(ARTICLES), ARTICLES, ordered, day)],
        )
        if number in WEEK:
            by_hand = rows.sort_by([("region", "ascending"), ("published_at", "ascending")])
            pq.write_table(by_hand, scratch / "hand" / f"{day}.parquet", compression="zstd")
    compact(dataset)
    return dataset


def _median(answers: Sequence[Answer]) -> Answer:
    return {name: statistics.median(answer[name] for answer in answers) for name in answers[0]}


def _told(name: str, found: Answer) -> str:
    return f"{name}: {found['bytes'] / 1e6:.1f} MB, {found['seconds'] * 1e3:.0f} ms"


def _ask(how: str, scratch: Path, question: str) -> Answer:
    command = [sys.executable, "-m", "tests.bench.reading", how, str(scratch), question]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    answer: Answer = json.loads(done.stdout)
    return answer


def _answer(how: str, scratch: Path, question: str) -> Answer:
    from pipelines.query import connect

    duckdb.connect().close()  # the library is loaded before the clock starts
    used, at_first, begin = processor_seconds(), _read_so_far(), time.perf_counter()
    if how == "delta":
        dataset = Dataset(str(scratch / "year"))
        rows = len(dataset.file_uris(ARTICLES))
        end, read = time.perf_counter(), _read_so_far()
        return _timed(begin, at_first, end, read, processor_seconds() - used, rows)
    if how == "query":
        connection = connect(Dataset(str(scratch / "year")))
    else:
        connection = duckdb.connect()
        os.chdir(scratch / ("year" if how == "views" else "hand"))
        by_hand = "CREATE VIEW articles AS SELECT *, CAST(filename[-18:-9] AS DATE) AS ingest_date FROM '*.parquet'"
        connection.execute(Path("views.sql").read_text() if how == "views" else by_hand)
    opened, read, used = time.perf_counter(), _read_so_far(), processor_seconds() - used
    rows = len(connection.execute(question).fetchall())
    return _timed(begin, at_first, opened, read, used, rows)


def _timed(begin: float, at_first: int, opened: float, read: int, used: float, rows: int) -> Answer:
    end, in_all = time.perf_counter(), _read_so_far()
    return {
        "open_s": opened - begin,
        "open_cpu_s": used,
        "open_bytes": read - at_first,
        "seconds": end - opened,
        "bytes": in_all - read,
        "rows": rows,
    }


def _read_so_far() -> int:
    """Bytes that this process has asked the system for."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["rchar"])


if __name__ == "__main__":
    print(json.dumps(_answer(sys.argv[1], Path(sys.argv[2]), sys.argv[3])))
