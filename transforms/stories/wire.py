"""Whose text is it? Agency credit in the dateline, at the end, in the byline or in the first lines of an article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from transforms.articles.agencies import NAME_OF, agency_of

_AMBIGUOUS = frozenset({"ANI", "APA", "APP", "Anadolu", "Avesta", "Bakhtar", "PTI", "SANA", "SPA", "UNI", "Авеста"})
"""Also parties, provinces and firms: an agency in a dateline or a credit, not where someone "told PTI"."""


def _alternatives(aliases: Iterable[str]) -> str:
    return "|".join(re.escape(alias) for alias in sorted(aliases, key=len, reverse=True))


_KNOWN = _alternatives(NAME_OF)
_SPEAKING = _alternatives(NAME_OF.keys() - _AMBIGUOUS)
_DASH = r"(?:--?|[–—―])"
# An agency that the table lacks is believed where its place is unmistakable: after a place in capitals, in brackets,
# before a dash; or where the words "news agency" say what it is.
_DATELINE_LINES = 4
_UNKNOWN = r"[A-Z][\w.&'-]*(?:\s[A-Z][\w.&'-]*){0,3}"
_DATELINES = tuple(
    re.compile(pattern)
    for pattern in (
        # (AP) Two people …
        rf"^\((?P<name>{_KNOWN})\)\s",
        # KABUL, July 5 (Xinhua) -- and KABUL (Pajhwok):
        rf"^[^()]{{1,60}}\((?P<name>{_KNOWN})\)\s*(?:{_DASH}|:)\s",
        # МОСКВА, 5 июл - РИА Новости.   MOSCOW, July 5. /TASS/.
        rf"^[^a-zа-яё]{{3}}.{{0,50}}?(?:{_DASH}\s|/)(?P<name>{_KNOWN})(?:\.|/|\s?{_DASH}|:)",
        # KABUL, July 5 (Some Press) -
        rf"^[A-Z][A-Z .'-]{{2,40}}(?:[,/][^()]{{0,40}})?\((?P<name>{_UNKNOWN})\)\s*{_DASH}\s",
    )
)
_CREDITS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"[(\[]\s*(?:(?:[Ww]ith|[Ff]rom)\s)?(?P<name>{_KNOWN})[)\]]\s*\.?$",
        rf"(?:{_DASH}|/|©|\(c\))\s*(?:\d{{4}}\s)?(?P<name>{_KNOWN})\s*/?\.?$",
        rf"^(?:Source|Credit|Agency|Источник)s?\s*:\s*(?P<name>{_KNOWN})\b",
        r"^(?:Source|Credit|Agency|Источник)s?\s*:\s*"
        rf"(?P<name>{_UNKNOWN}?\s(?:News|Press|Information) (?:Agency|Service))\.?$",
        rf"^[Ww]ith (?:inputs?|reporting|material|additional reporting) (?:from|by) (?P<name>{_KNOWN})\b",
    )
)
_SAID = (
    r"according to|as reported by|reported by|reports?|quoted by|cited by|citing|told|interview (?:with|to)|says"
    r"|сообщает|сообщил[аи]?|передаёт|передает|пишет|по данным|со ссылкой на|в интервью"
)
_REPORTED = "reported|reports|said|quoted|сообщает|сообщило|передаёт|передает"
_ATTRIBUTION = re.compile(
    rf"\b(?:{_SAID})\s(?:the\s|агентств[оуа]\s)?[«\"“]?(?P<name>{_SPEAKING})\b(?!\sV\b)"
    rf"|\b(?P<before>{_SPEAKING})[»\"”]?(?:\snews agency)?,?\s(?:{_REPORTED})\b"
)
_OPENING = 600
"""Characters from the start within which a named source counts as the origin; further down it is one voice of many."""


def detect_wire_origin(text: str, authors: Sequence[str] = (), stated: str | None = None) -> str | None:
    """Agency that a text is credited to, None where none is.

    The signs are tried from the strongest to the weakest: dateline, closing credit, what the page around the text
    states, byline, and a source named in the first lines ("according to TASS"), which may also be one report that the
    article leans on.

    Args:
        text: Clean article text, paragraphs parted by line feeds.
        authors: Names from the byline.
        stated: Agency that the page credits outside the text.

    Returns:
        The name in `AGENCIES`, or the credit as written where the table does not know the agency.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return (
        _in_dateline(lines[:_DATELINE_LINES])
        or _in_credit(lines[-2:])
        or stated
        or next(filter(None, map(agency_of, authors)), None)
        or _in_opening(text)
    )


def _in_dateline(lines: Sequence[str]) -> str | None:
    for line in lines:
        for pattern in _DATELINES:
            if match := pattern.search(line[:160]):
                return _name(match["name"])
    return None


def _in_credit(lines: Sequence[str]) -> str | None:
    for line in reversed(lines):
        for pattern in _CREDITS:
            if match := pattern.search(line):
                return _name(match["name"])
    return None


def _in_opening(text: str) -> str | None:
    match = _ATTRIBUTION.search(text[:_OPENING])
    return _name(match["name"] or match["before"]) if match else None


def _name(written: str) -> str:
    """Name of the agency; one that the table lacks loses its "Agency", which datelines leave out as well."""
    return NAME_OF.get(written) or written.removesuffix(" Agency")
