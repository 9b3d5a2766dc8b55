"""Records of WARC files, whole and damaged: a fault costs what is damaged and nothing else."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.warcs import gzip_of, gzipped, http, record
from transforms.web.records import Broken, Raw, Spot, walk
from transforms.web.warc import Capture, read_record

MOST = 1 << 20


def body(number: int) -> bytes:
    chosen = random.Random(number)
    return b"<p>page %d " % number + b" ".join(b"%d" % chosen.randrange(10**9) for _ in range(300))


PLAIN = [record(http(body(n)), f"https://news.example.org/{n}", n) for n in range(6)]
PACKED = [gzipped([one]) for one in PLAIN]


def found(data: bytes, most: int = MOST) -> tuple[list[int], list[str]]:
    """Numbers of the pages that are read, and what is told of the rest."""
    pages, told = [], []
    for item in walk(io.BytesIO(data), most):
        if isinstance(item, Broken):
            told.append(item.why)
            continue
        capture = read_record(item.data, most)
        assert isinstance(capture, Capture)
        number = int(capture.url.rsplit("/", 1)[1])
        assert capture.answer is not None
        assert capture.answer.body == body(number)
        pages.append(number)
    return pages, told


ALL = [0, 1, 2, 3, 4, 5]
OTHERS = [0, 1, 3, 4, 5]


def damaged(member: bytes) -> bytes:
    middle = len(member) // 2
    return member[:middle] + bytes(60) + member[middle + 60 :]


def lying(length: int) -> bytes:
    return record(http(body(2)), "https://news.example.org/2", 2, length=length)


@pytest.mark.parametrize(
    ("data", "pages", "told"),
    [
        (b"".join(PLAIN), ALL, []),
        (b"".join(PACKED), ALL, []),
        (gzip_of(b"".join(PLAIN)), ALL, []),
        (b"", [], []),
        (b"".join([*PACKED[:2], damaged(PACKED[2]), *PACKED[3:]]), OTHERS, ["no gzip member can be read here"]),
        (b"".join([*PACKED[:2], bytes(1000), *PACKED[2:]]), ALL, ["no gzip member can be read here"]),
        (b"".join([*PACKED[:2], b"no gzip", *PACKED[2:]]), ALL, ["no gzip member can be read here"]),
        (b"".join([*PACKED[:2], gzip_of(b"no record"), *PACKED[2:]]), ALL, ["no head of a WARC record"]),
        (b"".join([*PACKED[:2], PACKED[2][:700], *PACKED[3:]]), OTHERS, ["no gzip member can be read here"]),
        (b"".join(PACKED)[:-500], ALL[:-1], ["the file ends within a gzip member"]),
        (b"".join(PLAIN)[:-500], ALL[:-1], ["the file ends within the record"]),
        (b"".join([*PLAIN[:2], lying(100), *PLAIN[3:]]), OTHERS, ["the length that the record tells"]),
        (b"".join([*PLAIN[:2], lying(99_999), *PLAIN[3:]]), OTHERS, ["the file ends within the record"]),
        (b"".join([*PACKED[:2], gzipped([lying(100)]), *PACKED[3:]]), OTHERS, ["the length that the record tells"]),
        (b"".join([*PACKED[:2], gzipped([lying(99_999)]), *PACKED[3:]]), OTHERS, ["the file ends within the record"]),
        (b"<html>no WARC file</html>", [], ["no head of a WARC record"]),
        (b"\x28\xb5\x2f\xfd....", [], ["the file is packed by zstd; unpack it"]),
    ],
)
def test_a_fault_costs_what_is_damaged(data, pages, told):
    read, why = found(data)
    assert read == pages
    assert [said[: len(begin)] for said, begin in zip(why, told, strict=True)] == told


def test_a_record_over_the_cap_is_told_and_left_out():
    large = record(http(b"x" * 40_000), "https://news.example.org/9", 9)
    for data in (b"".join([PLAIN[0], large, PLAIN[1]]), gzipped([PLAIN[0], large, PLAIN[1]])):
        assert found(data, 20_000) == ([0, 1], ["the record is over the cap of 20000 bytes"])


def test_one_gzip_stream_over_many_records_is_told_with_the_remedy():
    pages, (told,) = found(gzip_of(b"".join(PLAIN)), 12_000)
    assert pages == []
    assert "unpack it by gunzip" in told


@pytest.mark.parametrize("data", [b"".join(PLAIN), b"".join(PACKED), gzip_of(b"".join(PLAIN))])
def test_each_record_is_found_again_where_it_began(data, tmp_path: Path):
    path = tmp_path / "some.warc"
    path.write_bytes(data)
    with path.open("rb") as file:
        for item in list(walk(file, MOST)):
            again = next(i for i in walk(file, MOST, item.spot.offset) if i.spot.inner >= item.spot.inner)
            assert again == item


def test_memory_holds_one_record_at_a_time():
    """The file is read on as records are taken, not before."""
    file = io.BytesIO(b"".join(PACKED))
    records = walk(file, MOST)
    assert isinstance(next(records), Raw)
    assert next(records).spot == Spot(len(PACKED[0]))


@given(st.binary(max_size=400), st.integers(0, 5), st.booleans())
@example(b"WARC/", 0, False)
def test_whatever_lies_between_records_the_others_are_found(junk, place, packed):
    parts = PACKED if packed else PLAIN
    data = b"".join([*parts[:place], b"\r\n", junk, b"\r\n", *parts[place:]])
    if packed == data.startswith(b"\x1f\x8b\x08"):
        pages, _ = found(data)
        lost = set(ALL) - set(pages)
        assert lost <= {place - 1}, "junk can make the record before it doubtful, and no other"
