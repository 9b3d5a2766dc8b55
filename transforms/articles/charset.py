"""Bytes to text, as a browser would read them, and a little more forgiving of wrong labels.

The order of witnesses follows the WHATWG Encoding and HTML standards (byte order mark, transport, `<meta>`, detection)
with two departures that the open web makes necessary: bytes that are valid UTF-8 beyond ASCII are UTF-8 whatever the
label says (other text is valid UTF-8 by chance almost never), and a label whose text would be implausible is not
believed.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from schemas.outcomes import Reason
from schemas.records import Problem

MAX_LOST_SHARE = 0.01
"""Share of characters that may be lost in decoding before the text is refused."""

MAX_CONTROL_SHARE = 0.01
"""Share of control characters above which bytes are no text; a stray one in a page is tolerated."""

_SNIFF_BYTES = 1024  # how far the HTML standard looks for a <meta> that names the charset; pages in the wild need more
_META_BYTES = 8 * _SNIFF_BYTES
_DETECT_BYTES = 20_000
_MIN_WIDE_NULS = 4  # fewer NULs are an accident, not a charset

# Longest first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# First bytes of formats that are often served as text by mistake (WHATWG MIME Sniffing, section 6 and 7).
_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x7fELF", "ELF"),
    (b"OggS\x00", "Ogg"),
    (b"ID3", "MP3"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE2 document"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"PAR1", "Parquet"),
)

# Labels that browsers read as a superset of what they say (WHATWG Encoding, section 4.2).
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-7": "utf-8",  # browsers refuse UTF-7: it smuggles markup
}
_LATIN = {"cp1252", "cp1254", "cp1250", "cp1257", "iso8859-2", "iso8859-15"}
_META_CHARSET = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})["']""")
_TAGS = re.compile(rb"(?is)<(script|style)\b.*?</\1\s*>|<[^>]*>")
_CONTROLS = tuple(bytes((code,)) for code in set(range(32)) - set(b"\t\n\r\f\x1b"))


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the Python name of the charset it was read in."""

    text: str
    charset: str


def decode(body: bytes, transport_charset: str | None, *, markup: bool) -> Decoded | Problem:
    """Read bytes as text.

    Args:
        body: The bytes as they came, not compressed.
        transport_charset: Charset named by the transport, if any.
        markup: True for HTML, where `<meta>` may name the charset and a stray NUL is dropped; plain text with any NUL
            is no text.

    Returns:
        The text without byte order mark and NULs, or a problem: EMPTY, BINARY or BAD_ENCODING.
    """
    if not body.strip(b" \t\r\n\f\v\x00"):
        return Problem(Reason.EMPTY, f"The body of {len(body)} bytes holds nothing but white space.")
    for magic, name in _MAGIC:
        if body.startswith(magic):
            return Problem(Reason.BINARY, f"The body starts like a {name} file: only HTML and plain text are read.")
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return _accept(body[len(mark) :], charset)
    wide = _wide_charset(body)
    if wide is not None:
        return _accept(body, wide)
    refusal = _controls_problem(body, markup=markup)
    if refusal is not None:
        return refusal
    return _decode_bytewise(body, transport_charset, markup=markup)


def _wide_charset(body: bytes) -> str | None:
    """UTF-16 without a mark: NULs, nearly all of them on one side of the byte pairs."""
    head = body[: 4 * _SNIFF_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    pairs = max(1, len(head) // 2)
    if max(even, odd) < max(_MIN_WIDE_NULS, 0.2 * pairs) or min(even, odd) > 0.01 * pairs:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _controls_problem(body: bytes, *, markup: bool) -> Problem | None:
    nuls = body.count(0)
    if nuls and not markup:
        return Problem(Reason.BINARY, f"The body holds {nuls} NUL bytes: plain text has none.")
    controls = sum(body.count(control) for control in _CONTROLS if control in body)  # a search is quicker than a count
    if controls > MAX_CONTROL_SHARE * len(body):
        return Problem(
            Reason.BINARY,
            f"{controls} of {len(body)} bytes are control characters: text has at most {MAX_CONTROL_SHARE:.0%}.",
        )
    return None


def _decode_bytewise(body: bytes, transport_charset: str | None, *, markup: bool) -> Decoded | Problem:
    """Decode bytes that are in no wide charset, by the first witness whose reading is plausible."""
    try:
        return _finish(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    labelled = _labels(body, transport_charset, markup=markup)
    for charset in labelled:
        text = _strict(body, charset)
        if text is not None and _plausible(text, charset):
            return _finish(text, charset)
    # A page in UTF-8 with some broken bytes (cut strings, a pasted quotation) stays UTF-8.
    if _mostly_utf8(body):
        return _accept(body, "utf-8")
    detected = _detect(body, markup=markup)
    if detected is not None:
        return _accept(body, detected)
    return _accept(body, next((name for name in labelled if name != "utf-8"), "utf-8"))


def _labels(body: bytes, transport_charset: str | None, *, markup: bool) -> list[str]:
    """Charsets named by the transport and by the page, best first."""
    transport = _codec(transport_charset)
    declared = None
    if markup:
        found = _META_CHARSET.search(body[:_META_BYTES]) or _XML_ENCODING.search(body[:_SNIFF_BYTES])
        declared = _codec(found[1].decode("ascii")) if found else None
    # Servers send Latin-1 unasked (it was HTTP's default until RFC 7231); the page then knows better.
    ordered = [declared, transport] if transport == "cp1252" else [transport, declared]
    return list(dict.fromkeys(name for name in ordered if name is not None))


def _codec(label: str | None) -> str | None:
    """Python's name of the charset that browsers use for a label; None for an unknown one or one that is no text."""
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name.startswith(("utf-16", "utf-32", "idna", "punycode")):
        return None  # the bytes have been shown not to be wide already
    return _SUPERSETS.get(info.name, info.name)


def _strict(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except (UnicodeError, ValueError):
        return None


def _plausible(text: str, charset: str) -> bool:
    """Refuse a reading that gives C1 controls, or a Latin one in which most letters carry marks (Cyrillic misread)."""
    beyond = [c for c in text if c >= "\x80"]
    if sum(1 for c in beyond if c <= "\x9f") > 0.05 * len(beyond):
        return False
    if charset not in _LATIN:
        return True
    words = re.findall(r"[^\W\d_]{4,}", text)
    marked = sum(1 for word in words if all(c >= "\x80" for c in word))
    return marked <= max(3, 0.05 * len(words))


def _mostly_utf8(body: bytes) -> bool:
    """True where well-formed multi-byte sequences outnumber broken bytes by ten to one."""
    text = body.decode("utf-8", errors="replace")
    lost = text.count("\ufffd")
    good = sum(1 for c in text if c >= "\x80") - lost
    return good >= 10 * lost


def _detect(body: bytes, *, markup: bool) -> str | None:
    sample = _TAGS.sub(b" ", body[: 10 * _DETECT_BYTES]) if markup else body
    # ASCII says nothing of the charset: lines beyond it are what the detector should see.
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:_DETECT_BYTES]
    best = from_bytes(telling or sample[:_DETECT_BYTES]).best()
    return _codec(best.encoding) if best is not None else None


def _accept(body: bytes, charset: str) -> Decoded | Problem:
    """Decode with replacement; refuse where too much is lost."""
    text = body.decode(charset, errors="replace")
    lost = text.count("\ufffd")
    if lost > MAX_LOST_SHARE * len(text):
        return Problem(
            Reason.BAD_ENCODING,
            f"{lost} of {len(text)} characters are unreadable as {charset}, the best reading found: "
            f"at most {MAX_LOST_SHARE:.0%} may be. Save the document as UTF-8.",
        )
    return _finish(text, charset)


def _finish(text: str, charset: str) -> Decoded | Problem:
    text = text.replace("\x00", "").removeprefix("\ufeff")
    if not text.strip():
        return Problem(Reason.EMPTY, f"The body, read as {charset}, holds nothing but white space.")
    return Decoded(text, charset)
