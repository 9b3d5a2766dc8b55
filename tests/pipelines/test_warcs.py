"""`newsbeam ingest --warc`: any WARC file is read, with the ids of a live run; what is broken is told."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import cli
from pipelines.ingest import Work, ingest
from pipelines.retry import retry
from pipelines.summary import Summary
from schemas.records import Feed
from tests.pipelines.runs import config_for, rows, run
from tests.pipelines.test_ingest import page, rss
from tests.servers import Site
from tests.warcs import chunked, gzipped, http, record
from transforms.pages.captures import captures_in

pytestmark = pytest.mark.slow

URL = "https://news.example.org/{}"


def read(output: Path, *warcs: Path) -> Summary:
    summary = ingest(Work(warcs=warcs), config_for(output))
    assert summary.adds_up, summary.lines()
    return summary


def crawl() -> list[bytes]:
    """What a crawler leaves: answers of all kinds, requests, metadata, and things that went wrong."""
    one, two = page("First page").encode(), page("Second page").encode()
    return [
        record(b"software: some crawler\r\n", "urn:x", 1, kind="warcinfo"),
        record(b"GET /one HTTP/1.1\r\n\r\n", URL.format("one"), 2, kind="request"),
        record(http(gzip.compress(one), "Content-Type: text/html", "Content-Encoding: gzip"), URL.format("one"), 3),
        record(b"fetchTimeMs: 12\r\n", URL.format("one"), 4, kind="metadata"),
        record(http(chunked(two), "Content-Type: text/html", "Transfer-Encoding: chunked"), URL.format("two"), 5),
        record(http(b"", status="404 Not Found"), URL.format("gone"), 6),
        record(http(b"%PDF-1.7", "Content-Type: application/pdf"), URL.format("report"), 7),
        record(b"no answer", URL.format("odd"), 8),
        record(b"", URL.format("one"), 9, kind="revisit"),
    ]


def damaged(member: bytes) -> bytes:
    return member[:100] + bytes(30) + member[130:]


@pytest.fixture
def warc(tmp_path) -> Path:
    members = [gzipped([one]) for one in crawl()]
    members.insert(3, damaged(gzipped([record(http(page("Damaged").encode()), URL.format("damaged"), 10)])))
    path = tmp_path / "CC-NEWS-1.warc.gz"
    path.write_bytes(b"".join(members))
    return path


def failures(output: Path) -> list[tuple[object, ...]]:
    return rows(output, "SELECT stage, reason, split_part(url, '/', -1) FROM failures ORDER BY ALL")


def test_answers_become_articles_and_what_is_broken_a_failure(warc, tmp_path):
    output = tmp_path / "news"
    summary = read(output, warc)
    assert (summary.seen, summary.written, summary.failed) == (6, 2, 4)
    assert f"{warc}: 5 answers, 1 broken records, 4 other records skipped" in summary.lines()
    found = rows(
        output, "SELECT url, title, source, strftime(ingest_date, '%x'), fetched_at, guid FROM articles ORDER BY 1"
    )
    assert [(url.rsplit("/", 1)[1], title, source, day) for url, title, source, day, *_ in found] == [
        ("one", "First page", "example.org", "2026-09-14"),
        ("two", "Second page", "example.org", "2026-09-14"),
    ]
    assert [reason for _, reason, _ in failures(output)] == [
        "broken_record", "broken_record", "not_found", "unsupported_type"
    ]  # fmt: skip


def test_a_file_that_is_read_again_or_elsewhere_brings_nothing_new(warc, tmp_path):
    output = tmp_path / "news"
    read(output, warc)
    again = read(output, warc)
    assert (again.seen, again.unchanged, again.written, again.failed) == (6, 6, 0, 0)
    copy = tmp_path / "copy.warc.gz"
    warc.rename(copy)
    moved = read(output, copy)
    assert (moved.unchanged, moved.written) == (5, 0)


@pytest.mark.parametrize("pack", [b"".join, gzipped, lambda records: gzip.compress(b"".join(records))])
def test_packed_and_plain_files_give_the_same(pack, tmp_path):
    path = tmp_path / "some.warc"
    path.write_bytes(pack(crawl()))
    summary = read(tmp_path / "news", path)
    assert (summary.written, summary.failed) == (2, 3)


def test_two_captures_of_a_page_are_revisions(tmp_path):
    path = tmp_path / "some.warc"
    captures = [("Early", "2026-09-14T06:00:00Z"), ("Later", "2026-09-15T06:00:00Z"), ("Later", "2026-09-16T06:00:00Z")]
    path.write_bytes(
        b"".join(record(http(page(t).encode()), URL.format("one"), n, at=at) for n, (t, at) in enumerate(captures))
    )
    summary = read(tmp_path / "news", path)
    assert (summary.written, summary.duplicate + summary.unchanged) == (2, 1)
    assert rows(tmp_path / "news", "SELECT title, revision FROM articles_latest") == [("Later", 2)]


def test_our_own_archive_gives_the_ids_and_dates_of_the_live_run(tmp_path):
    live, again = tmp_path / "live", tmp_path / "again"
    with Site() as site:
        linked = [(name, site.put(f"/{name}?utm_source=feed", page(name))) for name in ("one", "two")]
        run(live, [Feed(url=site.put("/feed", rss(*linked), "application/rss+xml"), source="127.0.0.1")])
    read(again, *(live / "_archive").rglob("*.warc.gz"))
    same = "SELECT article_id, canonical_url, ingest_date, fetched_at, content_hash, title FROM articles ORDER BY ALL"
    assert rows(again, same) == rows(live, same) != []


def test_memory_does_not_grow_with_the_file(tmp_path):
    peaks = []
    for count in (5, 50, 250):  # the first one fills caches
        path = tmp_path / f"{count}.warc.gz"
        with path.open("wb") as file:
            for n in range(count):
                file.write(gzipped([record(http(b"<p>%d" % n + bytes(100_000)), URL.format("a"), n)]))
        tracemalloc.start()
        assert sum(1 for _ in captures_in(path)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1]


def test_a_record_that_cannot_be_read_when_its_turn_comes_is_tried_again_by_replay(warc, tmp_path, monkeypatch):
    output = tmp_path / "news"
    away = warc.with_suffix(".away")

    def gone(*_: object) -> object:
        warc.rename(away)
        return []

    monkeypatch.setattr("pipelines.ingest.in_turns", gone)
    assert read(output, warc).reasons["unreadable"] == 5
    monkeypatch.undo()
    away.rename(warc)
    done = retry("fetch", None, config_for(output))
    assert (done.tried["unreadable"], done.mended["unreadable"]) == (5, 2)


def test_a_file_that_is_no_warc_is_one_failure(tmp_path):
    path = tmp_path / "page.warc"
    path.write_text("<html>no WARC file</html>")
    summary = read(tmp_path / "news", path)
    assert (summary.seen, summary.failed, summary.reasons) == (1, 1, {"broken_record": 1})


def test_the_command_takes_several_files(warc, tmp_path):
    other = tmp_path / "other.warc"
    other.write_bytes(record(http(page("Third page").encode()), URL.format("three"), 30))
    output = tmp_path / "news"
    result = CliRunner().invoke(cli, ["ingest", "--output", str(output), "--warc", str(warc), str(other)])
    assert result.exit_code == 0, result.output
    assert rows(output, "SELECT count(*) FROM articles") == [(3,)]
    missing = CliRunner().invoke(cli, ["ingest", "--output", str(output), "--warc", str(warc), "none.warc"])
    assert missing.exit_code == 2
    assert "--warc: none.warc does not exist" in missing.output
