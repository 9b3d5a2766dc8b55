"""The writer with its commits beside bare pyarrow writing the same tables: same rows, same order, same compression.

Ours also hashes each file, names it by that, waits until it is safe on the disk, and commits it to the log.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.records import Article, StoryLink
from schemas.tables import ARTICLES, FAILURES, POLLS, STORY_LINKS, Table, from_plain, in_order, to_arrow
from tests.bench.measure import seconds, spread
from tests.bench.year import START, Year
from tests.factories import failure, poll
from transforms.storage.dataset import Dataset
from transforms.storage.files import write_file
from transforms.storage.log import add_files

ROUNDS = 7
ROWS = {ARTICLES: 20_000, POLLS: 2_000, FAILURES: 200, STORY_LINKS: 100}
"""Of one window of a large load. `add_files` and the disk take the same time for one row as for a thousand."""

SLICE = 500
"""Articles of one slice of a local run."""


def writer(scratch: Path) -> None:
    """Prints rows per second of both, round by round, and the ratios."""
    articles = Year(10_000_000).day(0).slice(0, ROWS[ARTICLES])
    tables = {
        ARTICLES.name: (ARTICLES, articles),
        POLLS.name: (POLLS, to_arrow(POLLS, [poll(f"https://paper{n}.example/feed") for n in range(ROWS[POLLS])])),
        FAILURES.name: (FAILURES, to_arrow(FAILURES, [failure(str(n)) for n in range(ROWS[FAILURES])])),
        STORY_LINKS.name: (
            STORY_LINKS,
            to_arrow(STORY_LINKS, [StoryLink(f"s{n}", "s", "shared bands", START) for n in range(ROWS[STORY_LINKS])]),
        ),
    }
    dataset = Dataset(str(scratch / "news"))
    dataset.create(START)
    _compare("articles", dataset, scratch, [(ARTICLES, articles)])
    _compare("all four tables, a commit each", dataset, scratch, list(tables.values()))
    _compare(f"a slice of {SLICE} articles", dataset, scratch, [(ARTICLES, articles.slice(0, SLICE))])
    _from_records(dataset, scratch, articles)


def _compare(name: str, dataset: Dataset, scratch: Path, parts: list[tuple[Table, pa.Table]]) -> None:
    rows = sum(len(data) for _, data in parts)
    ratios = []
    for number in range(ROUNDS):
        bare = seconds(lambda number=number: [_bare(scratch / f"{number}-{t.name}.parquet", t, d) for t, d in parts])
        ours = seconds(lambda number=number: [_ours(dataset, t, d, number) for t, d in parts])
        ratios.append(bare / ours)
        print(
            f"round {number + 1}: {name}: writer with commits {rows / ours:,.0f} rows/s, bare pyarrow"
            f" {rows / bare:,.0f} rows/s, ratio {bare / ours:.2f}",
            flush=True,
        )
    print(f"{name}: writer with commits / bare pyarrow: {spread(ratios)}", flush=True)


def _bare(path: Path, table: Table, data: pa.Table) -> None:
    ordered = data.sort_by([(name, "ascending") for name in table.sort_by])
    pq.write_table(ordered, path, compression="zstd")


def _ours(dataset: Dataset, table: Table, data: pa.Table, day: int) -> None:
    partition = table.partition_at(START + timedelta(days=32 * day))  # a new file each time
    filesystem, folder = dataset.place.filesystem, dataset.folder(table)
    add_files(dataset.log(table), [write_file(filesystem, folder, table, in_order(table, data), partition)])


def _from_records(dataset: Dataset, scratch: Path, articles: pa.Table) -> None:
    """From records to what a reader finds: as a run does it, beside the short way with pyarrow."""
    records: list[Article] = [from_plain(Article, row) for row in articles.to_pylist()]

    def bare(number: int) -> None:
        data = pa.Table.from_pylist([asdict(record) for record in records], schema=ARTICLES.schema)
        _bare(scratch / f"{number}.parquet", ARTICLES, data)

    ratios = []
    for number in range(3):
        alone = seconds(lambda number=number: bare(number))
        ratios.append(alone / seconds(lambda: dataset.commit(ARTICLES, records)))
    print(f"from records: Dataset.commit / pyarrow's from_pylist and write_table: {spread(ratios)}", flush=True)
