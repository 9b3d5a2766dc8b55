"""Compaction: fewer files, the same views, and nothing lost to writers, other compactions or a kill."""

from __future__ import annotations

import contextlib
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.records import StoryLink
from schemas.tables import ARTICLES, FAILURES, PARTITION, POLLS, STORY_LINKS, TABLES, to_arrow
from tests.factories import NOON, article, failure, poll
from tests.transforms.storage.conftest import bare_views, data_files, log_views
from transforms.storage import compact as compact_module
from transforms.storage import files as files_module
from transforms.storage import log as log_module
from transforms.storage.compact import compact_table
from transforms.storage.dataset import Dataset, DatasetError
from transforms.storage.files import write_file
from transforms.storage.log import LiveFile, add_files, live_files
from transforms.storage.plan import plan

MB = 1_000_000
LATER = timedelta(minutes=5)


def compact(dataset: Dataset, target: int = 100 * MB):
    return {t.name: compact_table(dataset, t, target, NOON, dry_run=False) for t in TABLES.values()}


def link(n: int, **changes: object) -> StoryLink:
    return StoryLink(**{"story_id": f"s{n}", "joined_story_id": "s9", "evidence": "e", "linked_at": NOON, **changes})


TODAY = NOON.date()


def live(path: str, size: int, rows: int = 1, day: date = TODAY) -> LiveFile:
    return LiveFile(path, size, rows, day)


@pytest.mark.parametrize(
    ("files", "bins", "dropped"),
    [
        ([live("a", 1)], [], []),
        ([live("a", 1), live("b", 2)], [["a", "b"]], []),
        ([live("a", 90), live("b", 2)], [], []),  # a full file is not written again for a small one
        ([live("a", 90), live("b", 2), live("c", 1)], [["c", "b"]], []),
        ([live("a", 40), live("b", 40), live("c", 40), live("d", 40)], [["a", "b"], ["c", "d"]], []),
        ([live("a", 0, 0)], [], []),  # bare readers need a schema
        ([live("a", 0, 0), live("b", 0, 0)], [], ["b"]),
        ([live("a", 0, 0), live("b", 1)], [], ["a"]),
        ([live("a", 0, 0), live("b", 1, day=date(2026, 9, 15))], [], ["a"]),
        ([live("a", 1), live("b", 1, day=date(2026, 9, 15))], [], []),
    ],
)
def test_what_is_put_together(files, bins, dropped):
    planned = plan(ARTICLES, files, 100)
    assert [[f.path for f in group] for todo in planned for group in todo.bins] == bins
    assert [f.path for todo in planned for f in todo.dropped] == dropped


def test_days_of_a_small_table_move_to_their_month():
    planned = plan(POLLS, [live("a", 1, day=date(2026, 9, 14)), live("b", 1, day=date(2026, 10, 1))], 100)
    assert [(todo.partition, [f.path for g in todo.bins for f in g]) for todo in planned] == [(date(2026, 9, 1), ["a"])]


def fill(dataset: Dataset) -> None:
    for n in range(4):
        again = article("https://example.org/again", processed_at=NOON + n * LATER)
        dataset.commit(ARTICLES, [article(f"https://example.org/{n}", region=f"r{n % 2}"), again])
        dataset.commit(FAILURES, [failure(f"k{n}"), failure("again")])
        dataset.commit(POLLS, [poll(f"https://example.org/{n}"), poll(polled_at=NOON + n * LATER)])
        dataset.commit(STORY_LINKS, [link(n), link(0)])


def test_files_become_one_sorted_and_named_by_its_bytes(dataset):
    fill(dataset)
    done = compact(dataset)
    assert [(d.files_before, d.files_after, d.repeats) for d in done.values()] == [(5, 1, 3)] * 3 + [(5, 1, 4)]
    (path,) = dataset.file_uris(ARTICLES)
    data = pq.read_table(path, partitioning=None)
    assert data["region"].to_pylist() == sorted(data["region"].to_pylist())
    assert pq.read_metadata(path).metadata[b"newsbeam.pack_version"] == b"p1"
    same = data.select(ARTICLES.schema.names).cast(ARTICLES.schema)
    rewritten = write_file(dataset.place.filesystem, dataset.folder(ARTICLES), ARTICLES, same, NOON.date())
    assert path.endswith(rewritten.path)
    assert dataset.log(ARTICLES).history(1)[0]["pack_version"] == "p1"
    again = compact(dataset)
    assert {d.partitions for d in again.values()} == {0}, "the second run finds nothing to do"


moments = st.sampled_from([NOON + n * LATER for n in range(3)] + [NOON + timedelta(days=1)])
articles = st.builds(
    lambda n, text, fetched, processed: article(
        f"https://example.org/{n}", text, fetched_at=fetched, processed_at=processed, story_id=f"s{n % 2}"
    ),
    st.integers(0, 2),
    st.sampled_from(["Guards met at Ishkashim.", "Guards parted again at Ishkashim."]),
    moments,
    moments,
)
failures = st.builds(
    lambda n, at, attempt: failure(f"k{n}", failed_at=at, attempt=attempt),
    st.integers(0, 1),
    moments,
    st.integers(1, 2),
)
polls = st.builds(lambda n, at: poll(f"https://f/{n}", polled_at=at), st.integers(0, 1), moments)
links = st.builds(lambda n, at: link(n, linked_at=at), st.integers(0, 2), moments)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    commits=st.lists(
        st.tuples(*(st.lists(rows, max_size=3) for rows in (articles, failures, polls, links))), min_size=1, max_size=4
    )
)
def test_every_view_shows_the_same_before_and_after(commits, tmp_path_factory):
    dataset = Dataset(str(tmp_path_factory.mktemp("views")))
    dataset.create(NOON)
    for commit in commits:
        for table, rows in zip(TABLES.values(), commit, strict=True):
            dataset.commit(table, rows)
    before = log_views(dataset)
    assert bare_views(dataset) == before
    compact(dataset)
    assert log_views(dataset) == before
    assert bare_views(dataset) == before, "old and new files lie side by side until the vacuum"


def test_a_full_file_loses_its_repeats_too(dataset):
    many = [article(f"https://example.org/{n}", f"Text {n} " * 200) for n in range(50)]
    dataset.commit(ARTICLES, many)
    for n in range(2):
        dataset.commit(
            ARTICLES, [article("https://example.org/0", "Text 0 " * 200, processed_at=NOON + (n + 1) * LATER)]
        )
    big = max(live_files(dataset.log(ARTICLES)), key=lambda file: file.size)
    done = compact_table(dataset, ARTICLES, int(big.size * 1.5), NOON, dry_run=False)
    assert (done.repeats, dataset.log(ARTICLES).count()) == (2, 50)


def test_the_small_tables_of_an_earlier_version_move_to_their_month(dataset):
    day = NOON.date()
    data = pa.concat_tables([to_arrow(POLLS, [poll(f"https://f/{n}")]) for n in range(2)])
    add_files(dataset.log(POLLS), [write_file(dataset.place.filesystem, dataset.folder(POLLS), POLLS, data, day)])
    before = log_views(dataset)
    compact(dataset)
    (path,) = dataset.file_uris(POLLS)
    assert f"{PARTITION}=2026-09-01" in path
    assert log_views(dataset)["polls"] == before["polls"]
    assert any("2026, 9, 14" in row for row in before["polls"]), "the view shows the day"


def test_a_dry_run_says_the_same_and_changes_nothing(dataset):
    fill(dataset)
    paths = {t.name: data_files(dataset, t.name) for t in TABLES.values()}
    told = [compact_table(dataset, t, MB, NOON, dry_run=True) for t in TABLES.values()]
    assert {t.name: data_files(dataset, t.name) for t in TABLES.values()} == paths
    done = compact(dataset)
    assert [(d.files_after, d.repeats, d.partitions) for d in told] == [
        (d.files_after, d.repeats, d.partitions) for d in done.values()
    ]


def test_a_column_of_a_newer_version_is_not_lost(dataset):
    from deltalake import Field

    fill(dataset)
    dataset.log(ARTICLES).alter.add_columns([Field("mood", "string")])
    with pytest.raises(DatasetError, match=r"column 'mood'.*version that wrote it"):
        compact(dataset)


def during_the_commit(monkeypatch, what) -> None:
    """Does something between the writing of the new files and the commit that puts them in place, once."""
    real, todo = compact_module.replace_files, [what]

    def replaced(*args: object) -> None:
        if todo:
            todo.pop()()
        real(*args)

    monkeypatch.setattr(compact_module, "replace_files", replaced)


def test_appends_during_a_compaction_do_not_hinder_it(dataset, monkeypatch):
    fill(dataset)
    during_the_commit(monkeypatch, lambda: dataset.commit(ARTICLES, [article("https://example.org/new")]))
    done = compact_table(dataset, ARTICLES, MB, NOON, dry_run=False)
    assert (done.repeats, done.files_after) == (3, 2)
    assert dataset.log(ARTICLES).count() == 6


def test_of_two_compactions_at_once_one_plans_again(dataset, monkeypatch):
    fill(dataset)

    def other() -> None:
        dataset.commit(ARTICLES, [article("https://example.org/new")])
        compact_table(Dataset(dataset.root), ARTICLES, MB, NOON, dry_run=False)

    during_the_commit(monkeypatch, other)
    compact_table(dataset, ARTICLES, MB, NOON, dry_run=False)
    table = dataset.log(ARTICLES)
    assert (table.count(), len(table.file_uris())) == (6, 1), "no row twice, none lost"


def test_one_that_is_always_overtaken_says_so(dataset, monkeypatch):
    fill(dataset)

    def overtaken(*args: object) -> None:
        raise log_module.Overtaken("Concurrent transaction failed")

    monkeypatch.setattr(compact_module, "replace_files", overtaken)
    with pytest.raises(DatasetError, match=r"another compaction runs .*Nothing is lost"):
        compact_table(dataset, ARTICLES, MB, NOON, dry_run=False)
    assert dataset.log(ARTICLES).count() == 8


def test_rows_that_come_again_after_a_compaction_are_dropped_by_the_next(dataset):
    rows = [article(), article("https://example.org/b")]
    dataset.commit(ARTICLES, rows[:1])
    dataset.commit(ARTICLES, rows[1:])
    compact(dataset)
    paths = dataset.file_uris(ARTICLES)
    dataset.commit(ARTICLES, rows[:1])
    compact(dataset)
    assert dataset.file_uris(ARTICLES) == paths, "the same rows are the same file again"
    assert dataset.log(ARTICLES).count() == 2


def test_a_row_that_says_what_the_one_before_it_said_is_dropped(dataset):
    for minute in range(3):
        dataset.commit(ARTICLES, [article(fetched_at=NOON + timedelta(minutes=minute))])
    before = log_views(dataset, "articles")
    done = compact_table(dataset, ARTICLES, MB, NOON, dry_run=False)
    assert (done.repeats, dataset.log(ARTICLES).count()) == (2, 1)
    assert bare_views(dataset, "articles") == log_views(dataset, "articles") == before


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("module", "seam", "after"),
    [
        (compact_module, "write_file", False),
        (compact_module, "write_file", True),
        (files_module, "put_file", True),
        (compact_module, "replace_files", False),
        (compact_module, "replace_files", True),
        (log_module, "_commit", True),
        (compact_module, "shorten_log", False),
        (compact_module, "shorten_log", True),
    ],
)
def test_a_compaction_that_is_killed_loses_nothing(dataset, monkeypatch, module, seam, after, nth):
    fill(dataset)
    dataset.commit(ARTICLES, [article(f"https://example.org/{n}", fetched_at=NOON + timedelta(days=1)) for n in (7, 8)])
    dataset.commit(ARTICLES, [article("https://example.org/9", fetched_at=NOON + timedelta(days=1))])
    before = log_views(dataset, *TABLES)
    real, calls = getattr(module, seam), []

    def dying(*args: object) -> object:
        calls.append(args)
        result = real(*args) if after or len(calls) < nth else None
        if len(calls) == nth:
            raise Killed
        return result

    with monkeypatch.context() as patched:
        patched.setattr(module, seam, dying)
        with contextlib.suppress(Killed):
            compact(dataset)
    assert log_views(dataset, *TABLES) == before
    assert bare_views(dataset, *TABLES) == before
    compact(dataset)
    assert log_views(dataset, *TABLES) == before
    assert bare_views(dataset, *TABLES) == before
    assert len(dataset.file_uris(ARTICLES)) == 2
