"""What clings to an article's text above, below and between its paragraphs, told by the page it came from.

A line of the text is compared with the page: is it a heading there, or wholly a link? Only whole lines are dropped,
and none at all where a page would lose so much that it is rather a list of links than an article. Credits of agencies
stay: they say where a text is from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from transforms.articles.elements import raw_text
from transforms.articles.sites import bare
from transforms.articles.worded import HAS_YEAR, parse_worded

MIN_KEPT_SHARE = 0.6
"""Share of the characters that must be left, else the text is given back as it was."""

_HEAD_LINES = 6
_BIO_LINES = 4  # a note on the author stands within the last lines
_MAX_BIO_CHARS = 700
_MAX_FURNITURE_CHARS = 140
_MAX_DATE_WORDS = 6  # words of a line that is a date: weekday, month, zone and a label
_MAX_LABELLED_WORDS = 9
_TEASER_WORDS = 5  # a headline of another story has more words than a link to a product or a source
_MAX_CREDIT_CHARS = 120
_STOPS = (".", "!", "?", "…", "”", '"', "؟", "۔", "。")
_ITEM = "- "

_WORD = re.compile(r"[^\W\d_]+")
_CLOCK_END = re.compile(r"(?i)\b[ap]\.m\.$")
_LABEL = re.compile(
    r"(?i)\b(?:published|posted|updated|modified|reviewed|created|опубликовано|обновлено|publicado|publié|ver[öo]ffentlicht)\b"
)
_ADDRESS = re.compile(r"(?i)(?:https?://|www\.)\S+$")
_BY = re.compile(r"(?i)^\W*(?:(?:written|words|story|posted|published)\s+)?by\b:?\s+\S")
_READING_TIME = re.compile(r"(?i)^\W*\d{1,3}\s*(?:-\s*)?min(?:ute)?s?\s+(?:read|to read)\W*$")
_CONTENTS = re.compile(
    r"(?i)^\W*(?:table of contents|contents|in this (?:article|story|guide)|on this page|jump to|inhaltsverzeichnis"
    r"|содержание|оглавление|فهرست مطالب)\W*$"
)
_TRAIL = re.compile(r"\S\s[>›»]\s.*\S\s[>›»]\s\S")
_COPYRIGHT = re.compile(
    r"(?i)^\W*copyright\s*(?:©|ⓒ|\(c\)|.{0,40}\b\d{4}\b)|^\s*(?:©|ⓒ|\(c\))\s*(?:copyright\s*)?\d{4}"
    r"|^.{0,60}\ball rights reserved\W*$"
)
_PICTURE_CREDIT = re.compile(
    r"(?i)^\W*(?:(?:main|featured?|cover|header|file|top|lead)\s+)?(?:image|photo(?:graph)?|picture|illustration)s?"
    r"(?:\s+(?:credit|courtesy)s?)?\s*(?::|©)\s*\S.{0,80}$|^\W*credits?\s*:.{0,60}$"
)
_COOKIES = re.compile(r"(?i)\bcookies?\b")
_COOKIE_TALK = re.compile(r"(?i)\b(?:websites?|browser|consent|categor(?:y|ies)|visitors?|third[- ]part(?:y|ies))\b")
_AFTER_NAME = re.compile(
    r"[’']s\b|,?\s+(?:is|was|has|covers|writes|works|worked|joined|lives|reports|leads|serves|edits|hosts"
    r"|contribut\w+|specializes|studied)\b|\s*[,|—–]|\s*$"
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the page says of its lines: texts of its headings and of its links, white space folded."""

    headings: frozenset[str]
    links: frozenset[str]

    @classmethod
    def of(cls, tree: Any) -> Signs:
        """Read them from a page; the tree is not changed."""
        return cls(_texts(tree, "h1", "h2", "h3", "h4", "h5", "h6"), _texts(tree, "a"))


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of the article besides its text; `titles` are all wordings of its title."""

    titles: tuple[str, ...]
    authors: tuple[str, ...]
    language: str | None
    latest: datetime


def trim(lines: list[str], signs: Signs, said: Said) -> list[str]:
    """The lines without what clings to them; the same lines where little would be left.

    Args:
        lines: The text's lines, white space folded; a list's items begin with "- ".
        signs: What the page says of them.
        said: What is known of the article.
    """
    lines = [line for line in lines if not _is_aside(line)]
    kept = [line for index, line in enumerate(lines) if index == 0 or not _is_long_link(line, signs)]
    kept = kept[_head(kept, signs, said) :]
    kept = kept[: _tail(kept, signs, said)]
    return kept if sum(map(len, kept)) >= MIN_KEPT_SHARE * sum(map(len, lines)) else lines


def _texts(tree: Any, *tags: str) -> frozenset[str]:
    return frozenset(" ".join(raw_text(node).split()) for node in tree.iter(*tags))


def _is_aside(line: str) -> bool:
    """True for the credit of a picture and for talk of cookies."""
    if len(line) <= _MAX_CREDIT_CHARS and _PICTURE_CREDIT.match(line):
        return True
    return line.lower().count("cookie") > 1 and len(_COOKIES.findall(line)) > 1 and bool(_COOKIE_TALK.search(line))


def _is_long_link(line: str, signs: Signs) -> bool:
    """True for a paragraph that is wholly one link, and long: the headline of another story, not a bare address."""
    if line not in signs.links or line in signs.headings or line.startswith(_ITEM) or " " not in line:
        return False
    return not line.endswith(".") and len(_WORD.findall(line)) >= _TEASER_WORDS


def _head(lines: list[str], signs: Signs, said: Said) -> int:
    """How many lines at the top are none of the article: its title, a byline, a date, a heading, a trail of links."""
    titles = [form for title in said.titles if (form := bare(title))]
    count = 0
    for index, line in enumerate(lines[:_HEAD_LINES]):
        text = line.removeprefix(_ITEM)
        short_item = line.startswith(_ITEM) and len(text) <= 40 and not text.endswith(_STOPS)
        if (
            _is_title(text, titles)
            or _is_furniture(text, said)
            or (text in signs.headings and not text.endswith(_STOPS))
            or _CONTENTS.match(text)
            or (_TRAIL.search(text) and len(text) <= _MAX_FURNITURE_CHARS)
            or (short_item and index == count)
        ):
            count = index + 1
        else:
            break
    return count if count < len(lines) else 0


def _tail(lines: list[str], signs: Signs, said: Said) -> int:
    """Where the article ends: before headings with nothing under them, links to other stories, notes on the author."""
    end = len(lines)
    names = [name for name in said.authors if " " in name]
    while end > 1:
        line = lines[end - 1]
        text = line.removeprefix(_ITEM)
        teaser = (text in signs.links and not text.endswith(_STOPS) and not _ADDRESS.match(text)) or (
            line.startswith(_ITEM)
            and any(len(_WORD.findall(link)) >= _TEASER_WORDS - 1 and text.startswith(link) for link in signs.links)
        )
        bio = (
            end > len(lines) - _BIO_LINES
            and len(text) <= _MAX_BIO_CHARS
            and any(text.startswith(name) and _AFTER_NAME.match(text, len(name)) for name in names)
        )
        copied = len(text) <= 2 * _MAX_FURNITURE_CHARS and _COPYRIGHT.match(text)
        dangling = text in signs.headings and not text.endswith((".", "…", "!"))
        if not (dangling or teaser or bio or copied or _is_furniture(text, said)):
            break
        end -= 1
    return end


def _is_title(text: str, titles: list[str]) -> bool:
    form = bare(text)
    return any(
        form == title
        or (len(form) >= 15 and title.startswith(form))
        or (len(title) >= 15 and form.startswith(title) and len(form) <= 1.6 * len(title))
        for title in titles
    )


def _is_furniture(text: str, said: Said) -> bool:
    """True for a line that is only a byline, a date or a reading time, with what usually goes with it."""
    if len(text) > _MAX_FURNITURE_CHARS or (text.endswith(_STOPS) and not _CLOCK_END.search(text)):
        return False
    if _READING_TIME.match(text) or text in said.authors or (_BY.match(text) and len(text.split()) <= 7):
        return True
    if not HAS_YEAR.search(text):
        return False
    rest = text
    for author in said.authors:
        rest = rest.replace(author, " ")
    allowed = _MAX_LABELLED_WORDS if _LABEL.search(text) else _MAX_DATE_WORDS
    if len(_WORD.findall(rest)) > allowed:
        return False
    return parse_worded(text, language=said.language, latest=said.latest) is not None
