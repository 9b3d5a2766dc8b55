"""`newsbeam replay --stage tag` on real datasets, with packs of the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from pipelines.cli import cli
from pipelines.retag import Retag, retag
from schemas.tables import ARTICLES
from tests.factories import NOON, article
from tests.pipelines.runs import rows
from transforms.clock import utc_now
from transforms.pool import PoolRules
from transforms.storage.dataset import Dataset

PACK = """
format = 1
name = "test"
version = {version}

[[actor]]
id = "canal-board"
name = "Canal Board"
type = "organisation"
aliases = ["Canal Board"]
"""
TEXT = "The Canal Board met in Dushanbe on Monday. Officials said that the Canal Board would meet again."
HERE = PoolRules(workers=0)
"""Tags in the test's own process: what is tested here is not the pool."""


@pytest.fixture
def dataset(tmp_path):
    made = Dataset(str(tmp_path / "news"))
    made.create(NOON)
    days = [NOON + timedelta(days=n // 2) for n in range(4)]
    made.commit(
        ARTICLES,
        [
            article(f"https://example.org/{n}", TEXT, title=f"Title {n}", fetched_at=day, story_id=f"s{n}")
            for n, day in enumerate(days)
        ],
    )
    return made


@pytest.fixture
def pack(tmp_path):
    return write_pack(tmp_path, "1")


def write_pack(folder: Path, version: str) -> Path:
    path = folder / f"pack-{version}.toml"
    path.write_text(PACK.format(version=version))
    return path


def stored(dataset: Dataset, columns: str) -> list[tuple[object, ...]]:
    return rows(Path(dataset.root), f"SELECT {columns} FROM articles ORDER BY title")


def test_rows_keep_their_ids_dates_and_stories_and_get_the_tags_of_now(dataset, pack):
    kept = "row_id, article_id, content_hash, ingest_date, fetched_at, story_id, text, published_at, archive_ref"
    before = stored(dataset, kept)
    done = retag(Retag(dataset.root, packs=(pack,), pool=HERE))
    assert (done.changes.retagged, done.changes.changed, done.changes.current, done.changes.failed) == (4, 4, 0, 0)
    assert stored(dataset, kept) == before
    tagged = stored(dataset, "list_transform(actors, lambda a: a.actor_id), pack_version, processed_at > fetched_at")
    assert [actors.count("canal-board") for actors, *_ in tagged] == [1] * 4
    assert {tuple(rest) for _, *rest in tagged} == {(done.pack_version, True)}
    assert rows(Path(dataset.root), "SELECT count(*), count(DISTINCT row_id) FROM articles") == [(4, 4)]
    lines = done.changes.lines(done.pack_version)
    assert [line.count("+ Title") for line in lines if line.startswith("  canal-board, Canal Board  +4 -0")] == [2]
    assert [line.count("- Title") for line in lines if line.startswith("  tajik-afghan-border  +0 -4")] == [2]


def test_a_second_replay_has_nothing_to_do_unless_it_is_told_to(dataset, pack):
    retag(Retag(dataset.root, packs=(pack,), pool=HERE))
    files = dataset.file_uris(ARTICLES)
    again = retag(Retag(dataset.root, packs=(pack,), pool=HERE)).changes
    everything = retag(Retag(dataset.root, packs=(pack,), pool=HERE, everything=True)).changes
    assert (again.retagged, again.current) == (0, 4)
    assert (everything.retagged, everything.changed) == (4, 0)
    assert dataset.file_uris(ARTICLES) == files


def test_a_dry_run_tells_the_same_and_writes_nothing(dataset, pack):
    files = dataset.file_uris(ARTICLES)
    told = retag(Retag(dataset.root, packs=(pack,), pool=HERE, dry_run=True)).changes
    assert dataset.file_uris(ARTICLES) == files
    assert not Path(dataset.root, "_state").exists()
    assert told == retag(Retag(dataset.root, packs=(pack,), pool=HERE)).changes


def test_since_leaves_earlier_articles_as_they_are(dataset, pack):
    done = retag(Retag(dataset.root, since=NOON + timedelta(hours=1), packs=(pack,), pool=HERE))
    assert done.changes.retagged == 2
    assert [version == done.pack_version for (version,) in stored(dataset, "pack_version")] == [False] * 2 + [True] * 2


def test_only_the_row_that_stands_is_tagged(dataset, pack):
    first = article("https://example.org/0", TEXT, title="Title 0", story_id="s0")
    dataset.commit(ARTICLES, [replace(first, processed_at=NOON + timedelta(hours=h), lead=str(h)) for h in (2, 1)])
    assert retag(Retag(dataset.root, packs=(pack,), pool=HERE)).changes.retagged == 4
    assert stored(dataset, "lead")[0] == ("2",)


def test_a_replay_that_was_cut_off_goes_on_where_it_was(dataset, pack, monkeypatch):
    commit, committed = Dataset.commit, []

    def cut_off(self, table, written):
        if table is ARTICLES and written:
            if len(committed) == 2:
                raise KeyboardInterrupt("killed")
            committed.extend(written)
        return commit(self, table, written)

    work = Retag(dataset.root, packs=(pack,), pool=HERE, rows_per_commit=1)
    with monkeypatch.context() as patch:
        patch.setattr(Dataset, "commit", cut_off)
        with pytest.raises(KeyboardInterrupt):
            retag(work)
    again = retag(work).changes
    assert (again.retagged, again.current) == (2, 2)


def test_an_article_that_cannot_be_tagged_is_a_failure_and_keeps_its_tags(dataset, pack, monkeypatch):
    from pipelines import work

    tag_article = work.tag_article

    def fail_on_one(one, tagger):
        if one.title == "Title 1":
            raise ValueError("no")
        return tag_article(one, tagger)

    monkeypatch.setattr(work, "tag_article", fail_on_one)
    done = retag(Retag(dataset.root, packs=(pack,), pool=HERE)).changes
    assert (done.retagged, done.failed) == (3, 1)
    found = rows(
        Path(dataset.root), "SELECT stage, reason, url, mended, message LIKE '%ValueError: no;%' FROM failures"
    )
    assert found == [("tag", "stage_error", "https://example.org/1", False, True)]
    assert stored(dataset, "pack_version")[1] == ("p1",)


def test_a_writer_that_is_at_work_refuses_it(dataset, pack):
    state = Path(dataset.root, "_state")
    state.mkdir()
    with FileLock(state / "lock"):
        result = CliRunner().invoke(cli, ["replay", dataset.root, "--stage", "tag", "--packs", str(pack)])
    assert result.exit_code == 4
    assert "is being written by another newsbeam" in result.output


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nowhere", "--stage", "tag"], "is no newsbeam dataset"),
        (["nowhere", "--stage", "fetch"], "is no newsbeam dataset"),
        (["nowhere", "--stage", "extract", "--all"], "--all belongs to --stage fetch and --stage tag"),
        (["nowhere", "--stage", "tag", "--since", "yesterday"], "--since yesterday: not a time"),
        (["nowhere"], "--stage"),
    ],
)
def test_wrong_use_is_exit_code_2(args, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(cli, ["replay", *args])
    assert result.exit_code == 2
    assert message in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_command_tags_in_worker_processes(dataset, tmp_path):
    Dataset(dataset.root).commit(ARTICLES, [article("https://example.org/9", TEXT, fetched_at=utc_now())])
    result = CliRunner().invoke(
        cli, ["replay", dataset.root, "--stage", "tag", "--packs", str(write_pack(tmp_path, "2"))]
    )
    assert result.exit_code == 0, result.output
    assert result.output.startswith("tagged 5 articles with ")
    assert "canal-board, Canal Board  +5 -0" in result.output
