"""The filters' contract: one line out per line in, in order, fields passed on, errors as lines."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import filters
from schemas.outcomes import Reason, Stage
from schemas.records import Problem
from tests.factories import NOON
from tests.servers import Site
from transforms.clock import utc_now
from transforms.web.client import Client, FetchRules, Request

TEXT = (
    "Officials of the two districts met on Tuesday to agree on a shared calendar for dredging the canal, and said that"
    " the silt had risen by half a metre since the spring while the pumps of the lower station failed again."
)


def lines(*objects: object) -> io.BytesIO:
    return io.BytesIO(b"".join(json.dumps(o).encode() + b"\n" for o in objects))


def loads(output) -> list[dict]:
    return [json.loads(line) for line in output]


def echo(line):
    return Problem(Reason.EMPTY, "nothing") if line.get("bad") else {"seen": line["id"]}


def test_fields_are_passed_on_and_only_leaves_them_out():
    given_line = {"id": 7, "note": "kept", "seen": "replaced"}
    assert loads(filters.each(lines(given_line), echo, Stage.TAG)) == [{"id": 7, "note": "kept", "seen": 7}]
    assert loads(filters.each(lines(given_line), echo, Stage.TAG, only=True)) == [{"id": 7, "seen": 7}]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"id": 1', "unreadable"),
        (b"[1]", "unreadable"),
        (b"\xff\xfe", "unreadable"),
        (b'{"id": 1, "bad": true}', "empty"),
        (b'{"x": 1}', "stage_error"),
    ],
)
def test_a_line_that_cannot_be_processed_is_an_error_line_and_the_run_goes_on(raw, reason):
    out = loads(filters.each(io.BytesIO(raw + b'\n\n{"id": 2}\n'), echo, Stage.TAG))
    assert out[0]["error"]["reason"] == reason
    assert out[0]["error"]["stage"] == "tag"
    assert out[1] == {"id": 2, "seen": 2}


def test_an_error_of_an_earlier_filter_is_passed_on():
    error = {"id": 1, "error": {"stage": "fetch", "reason": "dns", "message": "m"}}
    assert loads(filters.each(lines(error), echo, Stage.TAG)) == [error]
    assert loads(filters.cluster_lines(lines(error))) == [error]


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(), st.dictionaries(st.text(), st.integers()))))
def test_one_line_per_line_whatever_comes(objects):
    assert len(loads(filters.each(lines(*objects), echo, Stage.TAG))) == len(objects)


def test_extract_reads_html_and_files(tmp_path):
    body = f"<article><h1>Canal</h1><p>{TEXT}</p></article>"
    html = f"<html lang=en><head><title>Canal</title></head><body>{body}</body></html>"
    path = tmp_path / "a.html"
    path.write_text(html)
    process = filters.extractor(lambda: NOON)
    stream = lines(
        {"id": 1, "url": "https://example.org/a", "html": html},
        {"id": 2, "html_path": str(path)},
        {"id": 3},
        {"id": 4, "html_path": "/nowhere"},
    )
    found = loads(filters.each(stream, process, Stage.EXTRACT, only=True))
    assert [line.get("title") for line in found] == ["Canal", "Canal", None, None]
    assert found[0]["text"].split("\n")[-1] == TEXT
    assert found[0]["language"] == "en"
    assert [line["error"]["reason"] for line in found[2:]] == ["empty", "unreadable"]


def test_tag_finds_places_by_offsets():
    stream = lines(
        {"id": "x", "title": "Border news", "text": "Troops crossed into Tajikistan near Khorog."}, {"id": "y"}
    )
    tagged, refused = loads(filters.each(stream, filters.tagger(None), Stage.TAG))
    whole = "Border news\n\nTroops crossed into Tajikistan near Khorog."
    assert "Tajikistan" in {whole[p["start"] : p["end"]] for p in tagged["places"]}
    assert all(whole[p["start"] : p["end"]] == p["surface"] for p in tagged["places"])
    assert tagged["text"].startswith("Troops")
    assert refused["error"]["reason"] == "empty"


def test_cluster_answers_in_order_with_the_inputs_ids():
    other = "A festival of kites drew crowds to the lake while the town band played and " + " ".join(
        f"stall{i}" for i in range(60)
    )
    long = TEXT + " " + " ".join(f"detail{i}" for i in range(60))
    stream = lines(
        {"id": "a", "text": long, "source": "s1"},
        {"id": "b", "text": other},
        {"id": "c", "text": long, "source": "s2"},
        {"id": "d"},
    )
    out = loads(filters.cluster_lines(stream, only=True))
    assert [line["id"] for line in out] == ["a", "b", "c", "d"]
    assert out[0]["story_id"] == out[2]["story_id"] != out[1]["story_id"]
    assert (out[0]["near_duplicate_of"], out[2]["near_duplicate_of"]) == (None, "a")
    assert "error" in out[3]


def test_parse_gives_a_line_per_entry_and_per_bad_file(tmp_path):
    feed = tmp_path / "feed.xml"
    feed.write_text(
        "<rss version='2.0'><channel><item><title>One</title><link>/one</link></item>"
        "<item><title>Bare</title></item></channel></rss>"
    )
    (tmp_path / "page.xml").write_text("<html><body>no feed</body></html>")
    out = loads(filters.parse_files([feed, tmp_path / "page.xml", tmp_path / "none.xml"], "https://example.org/feed"))
    assert out[0]["url"] == "https://example.org/one"
    assert [line["error"]["reason"] for line in out[1:]] == ["entry_without_link", "not_a_feed", "unreadable"]
    assert out[1]["title"] == "Bare", "what was read of it is told beside the error"


def test_fetch_keeps_the_order_and_tells_what_failed():
    rules = FetchRules(user_agent="test", spacing_s=0.0, allow_private=True)
    with Site() as site, Client(rules, utc_now) as client:
        urls = [site.put(f"/{i}", f"<html><body>page {i}</body></html>") for i in range(5)]
        stream = lines(
            *({"id": i, "url": u} for i, u in enumerate([*urls, site.url + "/gone"])), {"id": 6}, {"id": 7, "error": {}}
        )
        out = [
            (json.loads(line), good) for line, good in filters.fetch_lines(stream, lambda u: client.submit(Request(u)))
        ]
    assert [line["id"] for line, _ in out] == list(range(8))
    assert [good for _, good in out] == [True] * 5 + [False] * 3
    assert out[3][0]["html"] == "<html><body>page 3</body></html>"
    assert out[3][0]["status"] == 200
    assert out[5][0]["error"]["reason"] == "not_found"
