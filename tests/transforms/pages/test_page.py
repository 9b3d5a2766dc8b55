"""From answers and files to pages."""

from __future__ import annotations

import codecs
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.ids import document_key
from schemas.outcomes import Reason
from schemas.records import FeedEntry, Page, Problem
from transforms.pages.page import find_documents, page_from_response, read_document
from transforms.web.client import Response

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ENTRY = FeedEntry(key="k", source="example.org", url="https://example.org/a")
HTML = b"<!DOCTYPE html><html><body><p>Text</p></body></html>"


def respond(body: bytes, content_type: str | None = "text/html; charset=UTF-8", status: int = 200) -> Response:
    headers = {} if content_type is None else {"content-type": content_type}
    return Response("https://example.org/a", "https://www.example.org/a", status, headers, body, NOW, 5, None)


class TestAnswers:
    def test_a_page(self) -> None:
        page = page_from_response(ENTRY, respond(HTML))
        assert page == Page(ENTRY, "https://www.example.org/a", HTML, "text/html", "utf-8", 200, NOW)

    @pytest.mark.parametrize(
        ("body", "content_type", "media_type"),
        [
            (HTML, None, "text/html"),
            (HTML, "", "text/html"),
            (HTML, "application/octet-stream", "text/html"),
            (HTML, "text/plain", "text/html"),
            (HTML, "TEXT/HTML;Charset=x", "text/html"),
            (HTML, "text/html, text/html", "text/html"),
            (b"\n<!-- c -->\n<p>Hello", None, "text/html"),
            (HTML, "application/xhtml+xml", "application/xhtml+xml"),
            (b"Plain words.", "text/plain; charset=koi8-r", "text/plain"),
            ("Слова".encode(), None, "text/plain"),
        ],
    )
    def test_media_types(self, body: bytes, content_type: str | None, media_type: str) -> None:
        page = page_from_response(ENTRY, respond(body, content_type))
        assert isinstance(page, Page)
        assert page.media_type == media_type

    @pytest.mark.parametrize(
        ("body", "content_type", "status", "reason"),
        [
            (HTML, "text/html", 404, Reason.NOT_FOUND),
            (HTML, "text/html", 410, Reason.GONE),
            (HTML, "text/html", 403, Reason.FORBIDDEN),
            (HTML, "text/html", 429, Reason.RATE_LIMITED),
            (HTML, "text/html", 418, Reason.HTTP_CLIENT_ERROR),
            (HTML, "text/html", 502, Reason.HTTP_SERVER_ERROR),
            (b"", "text/html", 204, Reason.EMPTY),
            (b" \n", "text/html", 200, Reason.EMPTY),
            (b"%PDF-1.7 ...", "text/html", 200, Reason.UNSUPPORTED_TYPE),
            (b"%PDF-1.7 ...", "application/pdf", 200, Reason.UNSUPPORTED_TYPE),
            (b"\x89PNG\r\n\x1a\n", None, 200, Reason.UNSUPPORTED_TYPE),
            (b"\xff\xd8\xff\xe0", "text/html", 200, Reason.UNSUPPORTED_TYPE),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", 200, Reason.UNSUPPORTED_TYPE),
            (b"PK\x03\x04", "application/octet-stream", 200, Reason.UNSUPPORTED_TYPE),
            (b"\0\0\0\x18ftypmp42", None, 200, Reason.UNSUPPORTED_TYPE),
            (b"x", "audio/mpeg", 200, Reason.UNSUPPORTED_TYPE),
            (b"x", "video/mp4", 200, Reason.UNSUPPORTED_TYPE),
            (b'{"a": 1}', "application/json", 200, Reason.UNSUPPORTED_TYPE),
            (bytes(range(32)), None, 200, Reason.UNSUPPORTED_TYPE),
        ],
    )
    def test_no_page(self, body: bytes, content_type: str | None, status: int, reason: Reason) -> None:
        problem = page_from_response(ENTRY, respond(body, content_type, status))
        assert isinstance(problem, Problem)
        assert problem.reason is reason
        assert "https://www.example.org/a" in problem.message


class TestDocuments:
    def test_a_text_file(self, tmp_path: Path) -> None:
        path = tmp_path / "Нота 1.txt"
        path.write_bytes(b"Words.\n")
        page = read_document(path, now=NOW, max_bytes=100)
        assert isinstance(page, Page)
        assert (page.media_type, page.status, page.charset, page.body) == ("text/plain", None, None, b"Words.\n")
        assert page.final_url == page.entry.url == path.as_uri()
        assert (page.entry.source, page.entry.feed_url) == ("local", None)
        assert page.entry.key == document_key(path.as_uri())
        assert page.fetched_at == NOW

    @pytest.mark.parametrize(
        ("name", "body", "reason"),
        [
            ("a.txt", b"x" * 101, Reason.TOO_LARGE),
            ("a.txt", b"", Reason.EMPTY),
            ("a.txt", codecs.BOM_UTF8 + b" \n", Reason.EMPTY),
            ("a.txt", b"%PDF-1.7", Reason.BINARY),
            ("a.html", bytes(range(64)), Reason.BINARY),
            ("a.pdf", b"%PDF-1.7", Reason.UNSUPPORTED_TYPE),
        ],
    )
    def test_what_is_no_document(self, tmp_path: Path, name: str, body: bytes, reason: Reason) -> None:
        path = tmp_path / name
        path.write_bytes(body)
        problem = read_document(path, now=NOW, max_bytes=100)
        assert isinstance(problem, Problem)
        assert problem.reason is reason
        assert str(path) in problem.message

    def test_what_cannot_be_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "folder.txt"
        folder.mkdir()
        os.mkfifo(tmp_path / "pipe.txt")
        (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
        for path in (folder, tmp_path / "absent.txt", tmp_path / "pipe.txt", tmp_path / "loop.txt"):
            problem = read_document(path, now=NOW, max_bytes=100)
            assert isinstance(problem, Problem)
            assert problem.reason is Reason.UNREADABLE

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251", "cp1256", "shift_jis", "iso2022_jp"])
    def test_text_of_any_encoding_is_no_binary(self, tmp_path: Path, encoding: str) -> None:
        sample = {"cp1256": "مرز", "shift_jis": "国境", "iso2022_jp": "国境"}.get(encoding, "Граница")
        path = tmp_path / "a.txt"
        path.write_bytes((sample * 20).encode(encoding))
        assert isinstance(read_document(path, now=NOW, max_bytes=1000), Page)


class TestFinding:
    def test_folders_files_and_order(self, tmp_path: Path) -> None:
        for name in ("b.txt", "a.HTML", "c.htm", "d.pdf", ".hidden.txt", "sub/e.txt", ".git/f.txt", "sub/.x/g.txt"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("x")
        named = tmp_path / "d.pdf"
        found = find_documents([named, tmp_path, tmp_path / "b.txt"])
        assert [str(path.relative_to(tmp_path)) for path in found] == ["a.HTML", "b.txt", "c.htm", "d.pdf", "sub/e.txt"]

    def test_a_missing_path_is_not_swallowed(self, tmp_path: Path) -> None:
        assert find_documents([tmp_path / "absent.txt"]) == [tmp_path / "absent.txt"]
