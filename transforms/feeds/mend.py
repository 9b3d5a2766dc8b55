"""The commonest fault of feeds mended: ampersands that stand for themselves, and HTML's names of letters."""

from __future__ import annotations

import re
from html.entities import name2codepoint
from typing import Final

_LOOSE: Final = re.compile(rb"&(?!#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{0,30};)")
_NAME: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{0,30});")


def mend_ampersands(body: bytes) -> bytes:
    """The body with each `&` that names nothing in XML written out, and each letter that HTML names in its place.

    CDATA sections stay as they are: there an ampersand is no fault.

    Args:
        body: An XML document in UTF-8.
    """
    parts, end = [], 0
    while (start := body.find(b"<![CDATA[", end)) >= 0 and (close := body.find(b"]]>", start)) >= 0:
        parts += [_mended(body[end:start]), body[start : close + 3]]
        end = close + 3
    return b"".join([*parts, _mended(body[end:])])


def _mended(markup: bytes) -> bytes:
    return _NAME.sub(_letter, _LOOSE.sub(b"&amp;", markup))


def _letter(found: re.Match[bytes]) -> bytes:
    letter = name2codepoint.get(found[1].decode("ascii"))
    return chr(letter).encode() if letter else b"&amp;" + found[0][1:]
