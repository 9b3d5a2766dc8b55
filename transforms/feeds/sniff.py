"""Look at a body before it is parsed: what it claims to be, and whether its DTD or its markup is a bomb."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF8, "utf-8"),
)
_MARKS: Final = (
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
"""How `<` begins a document without a byte order mark (XML 1.0, appendix F)."""

_HEAD: Final = 65_536
_FEED_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?(rss|feed|rdf|channel)(?=[\s>/])", re.IGNORECASE)
_SITEMAP_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?urlset[\s>]")
_BEFORE_ROOT: Final = re.compile(rb"\s+|<!--.*?-->|<\?[^>]*>", re.DOTALL)
_HTML: Final = re.compile(rb"<(?:html|head|body)[\s>]", re.IGNORECASE)
_HTML_DOCTYPE: Final = re.compile(rb"<!doctype\s+html", re.IGNORECASE)
_ENTITY: Final = re.compile(
    rb"""<!ENTITY\s+(%\s+)?([^\s"'<>]{1,256})\s+(?:"([^"]{0,65536})"|'([^']{0,65536})'|([^"'>\s]))"""
)
_REFERENCE: Final = re.compile(rb"&([^\s;&<]{1,256});")
_MAX_ENTITIES: Final = 1_000
"""HTML names 253 letters; a DTD that declares many more is no feed's."""
_NESTED: Final = re.compile(rb"[&%](?!#)[^\s;&%]+;")
_MAX_AMPLIFICATION: Final = 8
_FREE_EXPANSION: Final = 2**20
_MAX_OPEN: Final = 5_000
_MAX_TAG: Final = 65_536
_MAX_TAGS: Final = 100_000
_BLOCK: Final = 65_536
_LONG_TAG: Final = re.compile(rb"<[^<>]{%d}" % _MAX_TAG)


class BodyKind(Enum):
    """What a body looks like."""

    XML_FEED = "xml feed"
    SITEMAP = "sitemap"
    JSON = "json"
    HTML = "html"
    OTHER = "other"


def as_ascii_bytes(body: bytes) -> bytes:
    """The body in an encoding whose ASCII letters are single bytes, for looking at only."""
    for mark, encoding in (*_BOMS, *_MARKS):
        if body.startswith(mark):
            return body.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")
    return body


def kind_of(readable: bytes) -> BodyKind:
    """What a body (of `as_ascii_bytes`) looks like. Junk before a feed's root, such as a PHP warning, is forgiven."""
    head = readable[:_HEAD]
    if head.lstrip()[:1] == b"{":
        return BodyKind.JSON
    if _SITEMAP_ROOT.match(head, _root_of(head)):
        return BodyKind.SITEMAP
    html = _HTML.search(head)
    # A long DTD may push the root far down, so that the whole body is searched where no HTML begins.
    if _FEED_ROOT.search(readable, 0, html.start() if html else len(readable)):
        return BodyKind.XML_FEED
    return BodyKind.HTML if html or _HTML_DOCTYPE.search(head) else BodyKind.OTHER


def _root_of(head: bytes) -> int:
    """Where the first element may begin: after white space, comments and processing instructions.

    One after the other, by a loop: one pattern for all would go back through them, and the atomic groups that would
    keep it from that are broken in Python 3.11.2, which Debian 12 has.
    """
    at = 0
    while passed := _BEFORE_ROOT.match(head, at):
        at = passed.end()
    return at


def bomb_in(readable: bytes) -> str | None:
    """What makes a body's DTD dangerous, or None.

    Refused are entities that name others or lie outside the document, and such as would blow the document up:
    billion laughs, quadratic blow-up and external entities (OWASP, XML Security Cheat Sheet). Parameter entities, by
    which old RSS names HTML's letters, are let through: feedparser drops the DTD that they stand in.
    """
    declared = readable.count(b"<!ENTITY")
    if not declared:
        return None
    if declared > _MAX_ENTITIES:
        return f"{declared:,} entities"
    uses = Counter(_REFERENCE.findall(readable))
    expansion = 0
    for parameter, name, double_quoted, single_quoted, unquoted in _ENTITY.findall(readable):
        shown = name[:40].decode("ascii", "replace")
        value = double_quoted or single_quoted
        if parameter:
            continue
        if unquoted:
            return f"external entity {shown!r}"
        if _NESTED.search(value):
            return f"entity {shown!r}, which is made of others,"
        expansion += len(value) * uses[name]
    if expansion > _FREE_EXPANSION + _MAX_AMPLIFICATION * len(readable):
        return f"entities that add {expansion:,} bytes"
    return None


def tangle_in(readable: bytes) -> str | None:
    """What makes a body's markup too tangled to parse, or None.

    feedparser's time grows with the square of the depth of elements, of the attributes of one tag, and of tags that
    are never closed: two MiB of `<item>` keep it busy for half a minute. No real feed comes near the caps.
    """
    markup = _without_cdata(readable)
    if _LONG_TAG.search(markup):
        return f"a tag of more than {_MAX_TAG:,} bytes"
    if markup.count(b"<") - markup.count(b">") > _MAX_OPEN:
        return f"more than {_MAX_OPEN:,} unfinished tags"
    depth = 0
    for start in range(0, len(markup), _BLOCK):
        block = markup[start : start + _BLOCK]
        ends = block.count(b"</")
        others = block.count(b"<!") + block.count(b"<?")
        depth = max(0, depth + block.count(b"<") - others - 2 * ends - block.count(b"/>"))
        if depth > _MAX_OPEN:
            return f"elements nested more than {_MAX_OPEN:,} deep"
    return None


def toil_in(readable: bytes) -> str | None:
    """What makes a body too long for feedparser to read, or None.

    A tag takes it up to 60 µs and an ampersand up to 4 µs, so that ten MiB of either would keep it busy for minutes;
    at the cap it is done in some seconds. Feeds of the usual kind never come to it, and may be as long as they like.
    """
    markup = _without_cdata(readable)
    tags, ampersands = markup.count(b"<"), markup.count(b"&")
    if tags + ampersands // 16 <= _MAX_TAGS:
        return None
    return f"it is no plain XML feed and holds {tags:,} tags and {ampersands:,} ampersands, too many to mend"


def _without_cdata(body: bytes) -> bytes:
    """The body without its CDATA sections, whose content no parser takes for markup."""
    parts, end = [], 0
    while (start := body.find(b"<![CDATA[", end)) >= 0 and (close := body.find(b"]]>", start)) >= 0:
        parts.append(body[end:start])
        end = close + 3
    return b"".join([*parts, body[end:]]) if parts else body


def parser_headers(readable: bytes, headers: Mapping[str, str], *, transcoded: bool) -> dict[str, str]:
    """Headers that make feedparser choose the right encoding.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever the server or the document claims: no other encoding
    looks like that by chance. Else the server's charset counts, then the document's own (RFC 7303).

    Args:
        readable: The bytes that the parser gets.
        headers: Of the answer, names in lower case.
        transcoded: True if `as_ascii_bytes` made them UTF-8.
    """
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", headers.get("content-type", ""), re.IGNORECASE)
    if transcoded or (not readable.isascii() and _is_utf8(readable)):
        media = "application/xml; charset=utf-8"
    elif charset and _known_encoding(charset.group(1)):
        media = f"application/xml; charset={charset.group(1)}"
    else:
        media = "application/xml"
    chosen = {"content-type": media}
    if "content-language" in headers:
        chosen["content-language"] = headers["content-language"]
    return chosen


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _known_encoding(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
