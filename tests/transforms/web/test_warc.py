"""Records of answers: ours go there and back unchanged, others' are read as they come."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import Reason
from schemas.records import Problem
from tests.warcs import AT, bare_deflate, chunked, gzip_of, http, record
from transforms.web.messages import Response
from transforms.web.warc import Capture, packed, read_record, resource_record, response_record

BODY = "<p>Навбатдорӣ дар Панҷ</p>".encode()
CAP = 10_000


def answer(**changed: object) -> Response:
    fields = {
        "url": "https://news.example.org/a?utm=1", "final_url": "https://news.example.org/a", "status": 200,
        "headers": {"content-type": "text/html", "etag": 'W/"1"'}, "body": BODY, "fetched_at": AT, "elapsed_ms": 12,
    }  # fmt: skip
    return Response(**(fields | changed))


def read(data: bytes) -> Capture:
    capture = read_record(data, CAP)
    assert isinstance(capture, Capture), capture
    return capture


@pytest.mark.parametrize("status", [200, 304, 404, 503])
def test_our_own_answers_come_back(status):
    kept = answer(status=status)
    record_id, written = response_record(kept)
    capture = read(written)
    assert (capture.kind, capture.record_id, capture.url, capture.at) == ("response", record_id, kept.final_url, AT)
    back = capture.answer
    assert back is not None
    assert (back.status, back.body, back.fetched_at) == (status, BODY, AT)
    assert kept.headers.items() <= back.headers.items()


def test_headers_of_the_packing_go_by_other_names():
    _, written = response_record(answer(headers={"content-encoding": "gzip", "content-length": "7"}))
    back = read(written).answer
    assert back is not None
    assert back.body == BODY
    assert back.headers["x-archive-orig-content-encoding"] == "gzip"
    assert back.headers["content-length"] == str(len(BODY))


def test_the_same_answer_has_the_same_record_id_and_another_body_another():
    one, again, other = (response_record(answer(body=body))[0] for body in (BODY, BODY, BODY + b"."))
    assert one == again != other


@given(
    st.binary(max_size=300),
    st.dictionaries(st.from_regex(r"[a-z][a-z-]{0,20}", fullmatch=True), st.text(st.characters(codec="latin-1"))),
)
def test_any_answer_comes_back(body, headers):
    told = {name: " ".join(value.split()) for name, value in headers.items()}
    told = {name: value for name, value in told.items() if value.isprintable() and name != "transfer-encoding"}
    back = read(response_record(answer(body=body, headers=told))[1]).answer
    assert back is not None
    assert back.body == body


def test_bytes_that_were_no_answer_come_back_as_one():
    _, written = resource_record("https://news.example.org/feed", AT, "text/html; charset=utf-8", BODY)
    capture = read(written)
    assert (capture.kind, capture.answer.body, capture.answer.fetched_at) == ("resource", BODY, AT)


@pytest.mark.parametrize(
    ("block", "body"),
    [
        (http(BODY), BODY),
        (http(chunked(BODY), "Transfer-Encoding: chunked"), BODY),
        (http(gzip_of(BODY), "Content-Encoding: gzip"), BODY),
        (http(bare_deflate(BODY), "Content-Encoding: deflate"), BODY),
        (http(chunked(gzip_of(BODY)), "Transfer-Encoding: chunked", "content-encoding: GZIP"), BODY),
        # Common Crawl and others leave headers of a packing that they have undone.
        (http(BODY, "Transfer-Encoding: chunked", "Content-Encoding: gzip"), BODY),
        (http(BODY, "X-Crawl-Content-Encoding: gzip", f"Content-Length: {len(BODY)}"), BODY),
        (http(BODY, status="404 Not Found"), BODY),
        (http(b""), b""),
    ],
)
def test_answers_are_unpacked_as_their_headers_tell(block, body):
    back = read(record(block)).answer
    assert back is not None
    assert back.body == body


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (http(gzip_of(BODY * 50)[:-9], "Content-Encoding: gzip"), Reason.TRUNCATED),
        (http(b"60\r\n" + BODY, "Transfer-Encoding: chunked"), Reason.TRUNCATED),
        (http(gzip_of(bytes(CAP + 1)), "Content-Encoding: gzip"), Reason.TOO_LARGE),
        (http(bytes(CAP + 1)), Reason.TOO_LARGE),
        (b"no answer at all", Reason.BROKEN_RECORD),
    ],
)
def test_what_cannot_be_unpacked_is_told(block, reason):
    found = read_record(record(block), CAP)
    assert isinstance(found, Problem)
    assert found.reason is reason


def test_a_record_that_does_not_say_when_is_told():
    found = read_record(record(http(BODY), at="yesterday"), CAP)
    assert isinstance(found, Problem)
    assert "when it was fetched" in found.message


@pytest.mark.parametrize("kind", ["request", "metadata", "warcinfo", "revisit"])
def test_other_records_hold_no_answer(kind):
    capture = read(record(b"GET / HTTP/1.1\r\n\r\n", kind=kind))
    assert (capture.kind, capture.answer) == (kind, None)


def test_other_readers_read_ours():
    from fastwarc.warc import ArchiveIterator

    data = packed(response_record(answer())[1])
    (one,) = [
        (r.headers["WARC-Type"], r.http_headers.status_code, r.reader.read()) for r in ArchiveIterator(BytesIO(data))
    ]
    assert one == ("response", 200, BODY)
    (digest,) = [r.verify_block_digest() for r in ArchiveIterator(BytesIO(data), parse_http=False)]
    assert digest
