"""The archive: files that rotate, ends that a kill tore, days that are over, and records found by their reference."""

from __future__ import annotations

import errno
import json
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.outcomes import Reason
from schemas.records import Problem
from tests.transforms.web.test_warc import answer
from tests.warcs import AT
from transforms.web.archive import Archive, ArchiveRef, ArchiveRefused, expire, mend, read_back
from transforms.web.records import Broken, Spot, walk
from transforms.web.warc import Capture, read_record

MOST = 10**6


def numbered(number: int, **changed: object) -> object:
    return answer(body=b"<p>%d</p>" % number, final_url=f"https://news.example.org/{number}", **changed)


def told(number: int) -> bytes:
    return json.dumps({"n": number}).encode()


def files(root: Path) -> list[str]:
    return [path.name for path in sorted((root / "_archive").rglob("*.warc.gz*"))]


def body_at(root: Path, ref: str) -> tuple[bytes, bytes | None]:
    found = read_back(root, ref, MOST)
    assert not isinstance(found, Problem), found
    assert found[0].answer is not None
    return found[0].answer.body, found[1]


@pytest.fixture
def archive(tmp_path):
    made = Archive(tmp_path)
    yield made
    made.close()


def test_each_answer_is_found_by_its_reference_while_the_file_is_open_and_after(archive, tmp_path):
    refs = [archive.keep(numbered(n), told(n)) for n in range(20)]
    for _ in ("open", "closed"):
        assert [body_at(tmp_path, ref) for ref in refs] == [(b"<p>%d</p>" % n, told(n)) for n in range(20)]
        archive.close()
    (name,) = files(tmp_path)
    assert name.endswith(".warc.gz")
    assert all(ref.startswith(f"_archive/2026-09-14/{name}#") for ref in refs)


def test_any_reader_reads_the_file_from_the_beginning(archive, tmp_path):
    from fastwarc.warc import ArchiveIterator

    for n in range(3):
        archive.keep(numbered(n), told(n))
    archive.close()
    (path,) = (tmp_path / "_archive").rglob("*.warc.gz")
    with path.open("rb") as file:
        kinds = [record.headers["WARC-Type"] for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", *["response", "metadata"] * 3]


def test_the_next_run_goes_on_with_the_days_file(archive, tmp_path):
    first = archive.keep(numbered(1), told(1))
    archive.close()
    second = archive.keep(numbered(2), told(2))
    archive.close()
    assert len(files(tmp_path)) == 1
    assert [body_at(tmp_path, ref)[0] for ref in (first, second)] == [b"<p>1</p>", b"<p>2</p>"]


def test_a_full_file_and_a_new_day_begin_another_one(tmp_path):
    archive = Archive(tmp_path, file_bytes=2_000)
    refs = [archive.keep(numbered(n), told(n)) for n in range(12)]
    refs.append(archive.keep(numbered(12, fetched_at=AT + timedelta(days=1)), told(12)))
    archive.close()
    by_day = {folder.name: len(list(folder.iterdir())) for folder in (tmp_path / "_archive").iterdir()}
    assert by_day["2026-09-14"] > 2
    assert by_day["2026-09-15"] == 1
    assert [body_at(tmp_path, ref)[1] for ref in refs] == [told(n) for n in range(13)]


def test_two_processes_have_files_of_their_own(tmp_path):
    one, other = Archive(tmp_path), Archive(tmp_path)
    refs = [kept.keep(numbered(n), told(n)) for n, kept in enumerate([one, other, one, other])]
    assert len(files(tmp_path)) == 2
    one.close()
    other.close()
    assert [body_at(tmp_path, ref)[0] for ref in refs] == [b"<p>%d</p>" % n for n in range(4)]


def test_threads_share_one(archive, tmp_path):
    refs: dict[int, str] = {}
    threads = [
        threading.Thread(
            target=lambda n=n: refs.update({i: archive.keep(numbered(i), told(i)) for i in range(n, 80, 8)})
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files(tmp_path)) == 1
    assert {n: body_at(tmp_path, ref)[1] for n, ref in refs.items()} == {n: told(n) for n in range(80)}


@pytest.mark.parametrize("cut", [1, 40, 200, 10**6])
def test_a_torn_end_costs_the_last_record_alone_and_the_next_run_cuts_it_off(archive, tmp_path, cut):
    refs = [archive.keep(numbered(n), told(n)) for n in range(3)]
    (path,) = (tmp_path / "_archive").rglob("*.open")
    last = int(refs[2].rpartition("#")[2].partition(":")[0])
    os.truncate(path, max(path.stat().st_size - cut, last + 5))  # as a loss of power leaves it
    assert [body_at(tmp_path, ref)[0] for ref in refs[:2]] == [b"<p>0</p>", b"<p>1</p>"]
    assert mend(tmp_path) == 1
    assert mend(tmp_path) == 0
    (name,) = files(tmp_path)
    assert name.endswith(".gz")
    with (tmp_path / "_archive" / "2026-09-14" / name).open("rb") as file:
        assert not [found for found in walk(file, MOST) if isinstance(found, Broken)]
    anew = Archive(tmp_path)
    refs[2] = anew.keep(numbered(2), told(2))
    anew.close()
    assert [body_at(tmp_path, ref)[1] for ref in refs] == [told(n) for n in range(3)]


def test_a_file_in_which_nothing_is_whole_is_deleted(archive, tmp_path):
    archive.keep(numbered(0), told(0))
    (path,) = (tmp_path / "_archive").rglob("*.open")
    os.truncate(path, 7)
    assert mend(tmp_path) == 1
    assert files(tmp_path) == []


def test_a_disk_that_refuses_leaves_what_was_written(archive, tmp_path, monkeypatch):
    kept = archive.keep(numbered(0), told(0))
    write, calls = os.write, []

    def full(file: int, data: bytes) -> int:
        calls.append(file)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:10])

    with monkeypatch.context() as patch:
        patch.setattr("transforms.web.archive.os.write", full)
        with pytest.raises(ArchiveRefused, match=r"No space left.*--no-archive"):
            archive.keep(numbered(1), told(1))
    second = archive.keep(numbered(2), told(2))
    assert [body_at(tmp_path, ref)[0] for ref in (kept, second)] == [b"<p>0</p>", b"<p>2</p>"]


def test_days_that_are_over_for_longer_than_asked_are_deleted(tmp_path):
    archive = Archive(tmp_path)
    for day in range(5):
        archive.keep(numbered(day, fetched_at=AT + timedelta(days=day)), told(day))
    archive.close()
    (tmp_path / "_archive" / "notes-mine").mkdir()
    assert expire(tmp_path, timedelta(days=2), AT + timedelta(days=4)) == 2
    left = sorted(folder.name for folder in (tmp_path / "_archive").iterdir())
    assert left == ["2026-09-16", "2026-09-17", "2026-09-18", "notes-mine"]
    assert expire(tmp_path / "nowhere", timedelta(days=2), AT) == 0


def test_a_body_that_is_the_same_again_is_written_once(archive, tmp_path):
    first, again, other = (
        archive.keep(answer(body=body, fetched_at=AT + timedelta(minutes=n)), told(n))
        for n, body in enumerate([b"<rss/>", b"<rss/>", b"<rss />"])
    )
    assert first == again != other
    archive.close()
    (path,) = (tmp_path / "_archive").rglob("*.warc.gz")
    with path.open("rb") as file:
        captures = [read_record(found.data, MOST) for found in walk(file, MOST)]
    kinds = [capture.kind for capture in captures if isinstance(capture, Capture)]
    assert kinds == ["warcinfo", "response", "metadata", "revisit", "metadata", "response", "metadata"]
    assert captures[3].at == AT + timedelta(minutes=1)


@pytest.mark.parametrize("written", ["", "a#1", "nonsense", "_archive/x#12:a", "_archive/x#-1:a"])
def test_a_reference_to_nothing_is_told(tmp_path, written):
    found = read_back(tmp_path, written, MOST)
    assert isinstance(found, Problem)
    assert found.reason is Reason.UNREADABLE


def test_a_reference_to_another_record_is_told(archive, tmp_path):
    ref = ArchiveRef.parse(archive.keep(numbered(0), told(0)))
    assert ref is not None
    for wrong in (ArchiveRef(ref.file, ref.spot, "other"), ArchiveRef(ref.file, Spot(ref.spot.offset + 1), "")):
        found = read_back(tmp_path, str(wrong), MOST)
        assert isinstance(found, Problem)
        assert found.reason is Reason.BROKEN_RECORD


@pytest.mark.parametrize("spot", [Spot(0), Spot(17, 4)])
def test_references_are_read_as_they_are_written(spot):
    ref = ArchiveRef("file:///some%20place/x#y.warc.gz", spot, "0-1")
    assert ArchiveRef.parse(str(ref)) == ref
