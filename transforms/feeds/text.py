"""The text of a feed's element, mended where an editor's tools broke its letters."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

_WINDOWS: Final = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_CONTROLS: Final = re.compile("[\x80-\x9f]")
_MAIL: Final = r"[\w.+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,4}"
_PERSON: Final = re.compile(
    rf"{_MAIL}|{_MAIL}\s*\((?P<after>[^@()<>&]*)\)|(?P<before>[^@()<>&]+?)\s*(?:<{_MAIL}>|\({_MAIL}\))", re.ASCII
)


def as_text(raw: str | None) -> str:
    """An element's text without white space around it, and with its letters as they were meant.

    UTF-8 that was taken for Latin-1 and coded again is set right, and so are the letters of Windows-1252 that stand
    where Unicode has control characters: both as feedparser does, since ids of entries hang on their texts.
    """
    text = (raw or "").strip()
    if text.isascii():
        return text
    with suppress(UnicodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_WINDOWS) if _CONTROLS.search(text) else text


def name_in(author: str) -> str | None:
    """The name in an author who is stated as RSS asks, `mail (name)`, or the other way round.

    Returns:
        An empty text for a bare mail address, and None for a mail address within anything else.
    """
    if "@" not in author:
        return author
    found = _PERSON.fullmatch(author)
    return (found["after"] or found["before"] or "").strip() if found else None
