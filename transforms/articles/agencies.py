"""News agencies, the ways they are written, and how a byline or a note names one."""

from __future__ import annotations

import re

AGENCIES: dict[str, tuple[str, ...]] = {
    "AFP": ("AFP", "Agence France-Presse"),
    "AKIpress": ("AKIpress", "AKI Press"),
    "ANI": ("ANI", "Asian News International"),
    "ANSA": ("ANSA",),
    "AP": ("AP", "The Associated Press", "Associated Press"),
    "APA": ("APA",),
    "APP": ("APP", "Associated Press of Pakistan"),
    "Anadolu": ("Anadolu Agency", "Anadolu Ajansı", "Anadolu"),
    "Asia-Plus": ("Asia-Plus", "Азия-Плюс"),
    "Avesta": ("Avesta", "Авеста"),
    "Bakhtar": ("Bakhtar News Agency", "Bakhtar"),
    "Bloomberg": ("Bloomberg",),
    "DPA": ("dpa", "DPA", "Deutsche Presse-Agentur"),
    "EFE": ("EFE",),
    "Fars": ("Fars News Agency", "FARS"),
    "IANS": ("IANS", "Indo-Asian News Service"),
    "IRNA": ("IRNA",),
    "ISNA": ("ISNA",),
    "Interfax": ("Interfax", "Интерфакс"),
    "Kabar": ("Kabar", "Кабар"),
    "Kazinform": ("Kazinform", "Казинформ"),
    "Khaama Press": ("Khaama Press", "KP News"),
    "Khovar": ("Khovar", "Ховар"),
    "Kyodo": ("Kyodo News", "Kyodo"),
    "Mehr": ("Mehr News Agency",),
    "PA": ("PA Media", "Press Association"),
    "PTI": ("PTI", "Press Trust of India"),
    "Pajhwok": ("Pajhwok Afghan News", "Pajhwok"),
    "RIA Novosti": ("RIA Novosti", "RIA", "РИА Новости"),
    "Reuters": ("Thomson Reuters", "Reuters", "REUTERS", "Рейтер"),
    "SANA": ("SANA",),
    "SPA": ("SPA", "Saudi Press Agency"),
    "Sputnik": ("Sputnik", "Спутник"),
    "TASS": ("TASS", "ITAR-TASS", "ТАСС", "ИТАР-ТАСС"),
    "TOLOnews": ("TOLOnews", "Tolo News"),
    "TRT": ("TRT World",),
    "Tasnim": ("Tasnim News Agency", "Tasnim"),
    "Trend": ("Trend News Agency",),
    "UNI": ("UNI", "United News of India"),
    "UPI": ("UPI", "United Press International"),
    "UzA": ("UzA",),
    "Xinhua": ("Xinhua News Agency", "Xinhua"),
    "Yonhap": ("Yonhap News Agency", "Yonhap"),
    "dpa-AFX": ("dpa-AFX",),
}
"""Name under which an agency is reported, and the ways it is written. Case counts: `AP` is an agency, `ap` is not."""

NAME_OF = {alias: name for name, aliases in AGENCIES.items() for alias in aliases}
"""Agency by each way it is written."""

_MIN_FOLDED = 7  # letters: shorter ones, and capitals alone, are acronyms, and words in another case
_FOLDED = {alias.casefold(): name for alias, name in NAME_OF.items() if len(alias) >= _MIN_FOLDED}
_WORD = re.compile(r"\w+")
# Every spelling holds one of these; most statements hold none and need no closer look.
_HINTS = frozenset(_WORD.findall(alias.casefold())[-1] for alias in NAME_OF) | {"agency", "service"}
_UNKNOWN = re.compile(
    r"(?P<name>[A-Z][\w.&'-]*(?:\s[A-Z][\w.&'-]*){0,3}?\s(?:News|Press|Information) (?:Agency|Service))"
)
_LABEL = re.compile(
    r"(?i)^\W*(?:(?:published|posted|reported|written|words|story|text)\s+by|by|from|via|with|source|credit|agency"
    r"|источник|автор|منبع|نویسنده)\b\s*[:：]?\s*"
)
_COPYRIGHT = re.compile(r"(?i)^\W*(?:copyright\b|c\))?\W*(?:by\s)?(?:\d{4}\b\W*)?(?:by\s)?(?:the\s)?")
_SPLIT = re.compile(r"\s*(?:[,;|/·•()\[\]]|\s[-–—]\s|\.(?=\s|$)|\s(?:and|with|for|via|и)\s)\s*")


def agency_of(statement: str) -> str | None:
    """Agency that a byline or a note on the source names; None where it names none.

    Args:
        statement: E.g. `Reuters`, `By Ida Holm, Associated Press`, `Source: TASS`, `© 2026 AFP. All rights reserved.`

    Returns:
        The name in `AGENCIES`; what calls itself a news agency and is not among them, without its "Agency", which
        datelines leave out as well.
    """
    if _HINTS.isdisjoint(_WORD.findall(statement.casefold())):
        return None
    rest = _COPYRIGHT.sub("", _LABEL.sub("", statement.strip(), count=1), count=1)
    for part in _SPLIT.split(rest):
        found = NAME_OF.get(part) or _FOLDED.get(part.casefold())
        if found is not None:
            return found
        if (unknown := _UNKNOWN.fullmatch(part)) is not None:
            return unknown["name"].removesuffix(" Agency")
    return None
