"""Bare text as a crawler left it: find the title line, drop residual boilerplate, keep every sentence.

The output's lines are always lines of the input, in their order. Works by the form of lines (see `boilerplate`) and by
their place: above the lead, among the paragraphs, below the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.articles.boilerplate import (
    ends_like_sentence,
    has_hard_stop,
    is_cased_teaser,
    is_marked_teaser,
    is_prompt,
    is_sentence_cased,
)

MAX_TITLE_CHARS = 200
_LEAD_CHARS = 80  # a paragraph at least this long, or one that ends in a stop, opens the article's text
_LOOK_AHEAD = 4  # title and kicker stand within the first lines
_BYLINE = re.compile(r"^(?:By|BY|Автор:|نویسنده:)\s+(?P<names>[^\W\d_][^\d:;!?]{2,80})$")
_CREDIT = re.compile(
    r"(?i)^[(\[]?(?:image|photo(?:graph)?|picture|video|file photo|credit|caption|фото|видео|عکس)\b.{0,20}[:|/©]"
    r"|©|\bgetty images\b"
)
_KICKER = re.compile(r"^[^\W\d_][^:.!?]{1,40}: \S")
_SCREAM = re.compile(r"^[A-Z]{4,20}:?$")


@dataclass(frozen=True, slots=True)
class CleanText:
    """A plain text parted into its title, its paragraphs and the rest; `text` has one paragraph per line."""

    title: str | None
    authors: tuple[str, ...]
    text: str
    dropped: tuple[str, ...] = ()


def clean_plain_text(raw: str) -> CleanText:
    """Part a bare text into title, byline and clean paragraphs.

    The title is the first short line that is unlike a sentence (no final stop) and is followed by longer paragraphs;
    None where the text starts at once. White space at the ends of lines is dropped, inside them nothing is changed.
    """
    lines = [line for line in (part.strip() for part in raw.splitlines()) if line]
    sentence_cased = is_sentence_cased(lines)
    title_at = _title_index(lines)
    start = 0 if title_at is None else title_at + 1
    lead_at = next((i for i in range(start, len(lines)) if _opens_text(lines[i])), start)
    byline = next((i for i in range(start, lead_at) if _BYLINE.match(lines[i])), None)
    doomed = _teaser_runs(lines) | {i for i, line in enumerate(lines) if is_prompt(line)}
    doomed |= set(range(start)) | ({byline} if byline is not None else set())
    doomed |= {i for i in range(start, lead_at) if _is_caption(lines[i], titled=title_at is not None)}
    if sentence_cased:
        doomed |= {i for i in range(start, len(lines)) if is_cased_teaser(lines[i]) or _SCREAM.match(lines[i])}
        doomed |= _signature(lines, doomed)
    kept = [line for i, line in enumerate(lines) if i not in doomed]
    return CleanText(
        lines[title_at] if title_at is not None else None,
        _names(lines[byline]) if byline is not None else (),
        "\n".join(kept),
        tuple(lines[i] for i in sorted(doomed) if i != title_at),
    )


def _title_index(lines: list[str]) -> int | None:
    """Index of the title line among the first lines; only prompts and very short kickers may stand before it."""
    for index, line in enumerate(lines[:_LOOK_AHEAD]):
        if is_prompt(line) or is_marked_teaser(line):
            continue
        if _like_title(line, lines[index + 1 :]):
            return index
        if len(line.split()) > 3 or has_hard_stop(line):
            return None
    return None


def _like_title(line: str, following: list[str]) -> bool:
    if not 12 <= len(line) <= MAX_TITLE_CHARS or has_hard_stop(line) or _BYLINE.match(line):
        return False
    if len(line.split()) < 3 and line.isascii():
        return False
    if line[0] in '-–—•*“"«' and ends_like_sentence(line):
        return False
    longer = sorted((len(text) for text in following), reverse=True)[:3]
    return bool(longer) and longer[0] > 1.3 * len(line) and sum(longer) / len(longer) > 0.9 * len(line)


def _opens_text(line: str) -> bool:
    return (
        (ends_like_sentence(line) or len(line) > 2 * _LEAD_CHARS) and len(line) >= _LEAD_CHARS and not is_prompt(line)
    )


def _is_caption(line: str, *, titled: bool) -> bool:
    """A line above the lead that labels a picture or film, or is too short for a standfirst."""
    if ends_like_sentence(line) or len(line) > 2 * _LEAD_CHARS:
        return bool(_CREDIT.search(line)) and len(line) <= _LEAD_CHARS
    words = len(line.split())
    return bool(_CREDIT.search(line)) or (titled and words <= 15 and (words <= 4 or bool(_KICKER.match(line))))


def _teaser_runs(lines: list[str]) -> set[int]:
    """Marked teasers, and unmarked lines without a stop in a block of lines of which at least half are marked."""
    marked = {i for i, line in enumerate(lines) if is_marked_teaser(line)}
    doomed = set(marked)
    run: list[int] = []
    for i, line in enumerate([*lines, "."]):
        if len(line) <= MAX_TITLE_CHARS and (i in marked or not ends_like_sentence(line)) and i > 0:
            run.append(i)
            continue
        if len(run) > 1 and 2 * sum(1 for at in run if at in marked) >= len(run):
            doomed |= set(run)
        run = []
    return doomed


def _signature(lines: list[str], doomed: set[int]) -> set[int]:
    """Names below the end: one or two very short lines without a stop after the last paragraph."""
    last = next((i for i in range(len(lines) - 1, -1, -1) if i not in doomed and ends_like_sentence(lines[i])), None)
    if last is None or len(lines[last]) < _LEAD_CHARS:
        return set()
    tail = [i for i in range(last + 1, len(lines)) if i not in doomed]
    short = all(len(lines[i].split()) <= 4 and len(lines[i]) <= 40 for i in tail)
    return set(tail) if short and len(tail) <= 2 else set()


def _names(byline: str) -> tuple[str, ...]:
    found = _BYLINE.match(byline)
    parts = re.split(r"\s*(?:,|\band\b|&|\bи\b)\s*", found["names"]) if found else []
    return tuple(part for part in parts if 1 < len(part.split()) <= 4 and part[0].isupper())
