"""Bytes to text: witnesses in their order, wrong labels, and what is no text at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.articles.charset import Decoded, decode

RUSSIAN = "Паводок затопил три села, жителей вывезли на лодках. " * 4
PERSIAN = "بارندگی شدید راه‌های اصلی را در شمال کشور بست. " * 4
FRENCH = "Le préfet a déclaré que l’évacuation était terminée à l’aube. " * 3


def html(text: str, head: str = "") -> str:
    return f"<html><head>{head}<title>x</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize(
    ("body", "transport", "charset"),
    [
        pytest.param(html(RUSSIAN).encode(), None, "utf-8", id="utf-8 unlabelled"),
        pytest.param(b"\xef\xbb\xbf" + html(RUSSIAN).encode(), "windows-1251", "utf-8", id="mark beats transport"),
        pytest.param(html(RUSSIAN).encode(), "iso-8859-1", "utf-8", id="valid utf-8 beats a wrong label"),
        pytest.param(html(RUSSIAN).encode("cp1251"), "windows-1251", "cp1251", id="transport"),
        pytest.param(
            html(RUSSIAN, '<meta charset="windows-1251">').encode("cp1251"), None, "cp1251", id="meta charset"
        ),
        pytest.param(
            html(RUSSIAN, '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">').encode("koi8-r"),
            "ISO-8859-1",
            "koi8-r",
            id="meta beats the server's default",
        ),
        pytest.param(html(RUSSIAN).encode("cp1251"), "iso-8859-1", "cp1251", id="implausible label, detected"),
        pytest.param(html(RUSSIAN).encode("cp1251"), "utf-8", "cp1251", id="utf-8 label that fails, detected"),
        pytest.param(html(PERSIAN.replace("\u200c", " ")).encode("utf-16"), None, "utf-16-le", id="utf-16 with mark"),
        pytest.param(html(FRENCH).encode("utf-16-be"), "utf-8", "utf-16-be", id="utf-16 without mark"),
        pytest.param(html(FRENCH).encode("cp1252"), "iso-8859-1", "cp1252", id="latin-1 is read as windows-1252"),
        pytest.param(html("北京的春天很美").encode("gb18030"), "gb2312", "gb18030", id="gb2312 is read as gb18030"),
    ],
)
def test_reads_as_a_browser_would(body: bytes, transport: str | None, charset: str) -> None:
    found = decode(body, transport, markup=True)
    assert isinstance(found, Decoded)
    assert found.charset == charset
    assert "\ufffd" not in found.text
    assert any(word in found.text for word in ("Паводок", "بارندگی", "préfet", "北京"))


def test_a_few_broken_bytes_do_not_spoil_utf8() -> None:
    body = html(RUSSIAN * 5).encode().replace("лодках".encode(), "лодках".encode()[:-1], 1)
    found = decode(body, None, markup=True)
    assert isinstance(found, Decoded)
    assert found.charset == "utf-8"
    assert found.text.count("\ufffd") == 1


@pytest.mark.parametrize(
    ("body", "markup", "reason"),
    [
        (b"", True, Reason.EMPTY),
        (b" \r\n\t ", False, Reason.EMPTY),
        (b"\xef\xbb\xbf  \n", False, Reason.EMPTY),
        (b"%PDF-1.7 text", True, Reason.BINARY),
        (b"\x89PNG\r\n\x1a\n", False, Reason.BINARY),
        (b"PK\x03\x04rest", False, Reason.BINARY),
        (b"\x1f\x8b\x08rest", True, Reason.BINARY),
        (b"a line\x00of text", False, Reason.BINARY),
        (bytes(range(1, 9)) * 50, True, Reason.BINARY),
    ],
)
def test_refuses_what_is_no_text(body: bytes, markup: bool, reason: Reason) -> None:
    found = decode(body, None, markup=markup)
    assert isinstance(found, Problem)
    assert found.reason is reason
    assert found.message


def test_refuses_heavy_loss() -> None:
    # Valid in no multi-byte charset, and full of code points that no single-byte one assigns.
    body = b"\xef\xbb\xbf" + bytes([0x41, 0xFF, 0xFE, 0x81]) * 200
    found = decode(body, None, markup=False)
    assert isinstance(found, Problem)
    assert found.reason is Reason.BAD_ENCODING
    assert "UTF-8" in found.message


def test_a_stray_nul_in_a_page_is_dropped() -> None:
    found = decode((html(FRENCH) + "x" * 200).encode().replace(b"aube", b"au\x00be", 1), None, markup=True)
    assert isinstance(found, Decoded)
    assert "\x00" not in found.text
    assert "aube" in found.text


@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "windows-1251", "utf-7", "nonsense", "utf-16", ""]))
def test_never_raises(body: bytes, charset: str | None) -> None:
    for markup in (True, False):
        found = decode(body, charset, markup=markup)
        assert isinstance(found, Problem) or found.text.strip()


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\x00" not in text))
def test_utf8_text_comes_back_or_is_refused_as_binary(text: str) -> None:
    body = text.encode("utf-8", "ignore")
    found = decode(body, None, markup=False)
    if isinstance(found, Decoded) and found.charset == "utf-8":
        assert found.text == body.decode().removeprefix("\ufeff")
