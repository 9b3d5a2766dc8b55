"""The main job with its dataset in an object store, and the ledger on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.config import Config, rules_for, usual_state_dir
from pipelines.ingest import Work, ingest
from schemas.records import Feed
from tests.pipelines.runs import rows
from tests.servers import Site
from tests.stores import store
from transforms.pool import PoolRules
from transforms.storage.dataset import Dataset, DatasetError

RULES = rules_for("test", 0.0, allow_private=True, obey_robots=True)
PROSE = "The river commission of the two districts met on Tuesday to agree on a shared calendar for dredging the canal."


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    with store("s3", tmp_path_factory.mktemp("s3") / "requests.log"):
        yield "s3://news"


def page(n: int) -> str:
    text = " ".join(f"{PROSE} Pump {n}-{i} failed." for i in range(4))
    return f"<html lang=en><body><article><h1>Canal story {n}</h1><p>{text}</p></article></body></html>"


def feed(site: Site, count: int) -> Feed:
    links = [site.put(f"/story-{n}", page(n)) for n in range(count)]
    items = "".join(f"<item><title>S</title><link>{link}</link><guid>{link}</guid></item>" for link in links)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    return Feed(site.put("/feed", body, "application/rss+xml"), "canal-news")


def newsbeam(*arguments: str) -> str:
    done = CliRunner().invoke(cli, list(arguments))
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.slow
def test_feeds_become_a_dataset_in_a_store_that_is_read_compacted_and_gone_on_with(bucket, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    root = f"{bucket}/whole"
    config = Config(root, RULES, pool=PoolRules(0))
    with Site() as site:
        first = ingest(Work([feed(site, 2)], poll_all=True), config)
        site.asked.clear()
        second = ingest(Work([feed(site, 2)], poll_all=True), config)
        assert [path for path in site.asked_pages() if path.startswith("/story")] == []
        third = ingest(Work([feed(site, 3)], poll_all=True), config)
        assert [path for path in site.asked_pages() if path.startswith("/story")] == ["/story-2"]
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
        with pytest.raises(DatasetError, match=r"no ledger of it \(.*Name the ledger's folder with --state DIR"):
            ingest(Work([feed(site, 3)], poll_all=True), config)
        made_anew = str(tmp_path / "anew")
        assert "3 entries (written 3)" in newsbeam("state", "rebuild", root, "--state", made_anew)
        site.asked.clear()
        known = ingest(Work([feed(site, 3)], poll_all=True), replace(config, state=Path(made_anew)))
        assert [path for path in site.asked_pages() if path.startswith("/story")] == []
        again = ingest(Work([feed(site, 3)], poll_all=True), replace(config, state=tmp_path / "new"))
    assert [(s.seen, s.written, s.adds_up) for s in (first, second, third, known, again)] == [
        (2, 2, True), (0, 0, True), (3, 1, True), (3, 0, True), (3, 3, True)
    ]  # fmt: skip
    assert not Path("s3:").exists()
    state = ["--state", str(tmp_path / "new")]
    sql = "SELECT title, count(*) FROM articles GROUP BY ALL ORDER BY ALL"
    expected = [(f"Canal story {n}", 1) for n in range(3)]
    assert rows(root, sql) == expected
    assert "articles: 4 files -> 1" in newsbeam("compact", root)
    assert rows(root, sql) == expected
    assert "Canal story 2" in newsbeam("query", root, "SELECT title FROM articles")
    assert "entries in the ledger: 3 = written 3" in newsbeam("status", root, *state)
    assert "failures to try again: none" in newsbeam("replay", root, "--stage", "fetch", *state)
    assert "3 rows in 1 files" in newsbeam("export", root, "--to", str(tmp_path / "copy"))


@pytest.mark.parametrize("command", [["query", "SELECT 1"], ["compact"], ["status"]])
def test_a_bucket_that_is_not_there_is_told_in_one_line(bucket, command):
    done = CliRunner().invoke(cli, [command[0], f"{bucket}-of-nobody/x", *command[1:]])
    assert done.exit_code == 2
    assert "The specified bucket does not exist" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "<" not in done.stderr


def test_the_ledger_of_a_store_is_named_by_its_address():
    local, stored = usual_state_dir("out/news", {}), usual_state_dir("s3://b/news", {"XDG_STATE_HOME": "/s"})
    assert local == Path("out/news/_state")
    assert stored.parent == Path("/s/newsbeam")
    assert stored.name.startswith("s3-b-news-")
    assert usual_state_dir("s3://b/news/", {"XDG_STATE_HOME": "/s"}) == stored
    assert usual_state_dir("s3://b-news", {"XDG_STATE_HOME": "/s"}) != stored
    assert usual_state_dir("gs://b/x", {}).parent == Path.home() / ".local" / "state" / "newsbeam"
    assert Dataset("s3://b/news").is_local is False
