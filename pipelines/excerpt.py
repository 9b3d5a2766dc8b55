"""A row for sharing: what an article is about, with evidence, and never the article itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from schemas.tables import ARTICLES, PARTITION
from schemas.views import EVIDENCE_CHARS

MOST_SHARE = 3
"""Evidence is at most one third of a text, however short: a text of one sentence is not given away by its tags."""

_LEFT_OUT = ("text", "lead", "authors", "guid", "image_url", "published_raw", "archive_ref", "quotes")
"""Columns that hold the publisher's own words, persons, or the owner's paths; quotes only point into the text."""

_EVIDENCE = pa.list_(
    pa.struct({"id": pa.string(), "start": pa.int32(), "end": pa.int32(), "words": pa.string()}),
)


def excerpt_schema() -> pa.Schema:
    """Columns of an export by excerpts: those of `articles` without the text, and `evidence`."""
    kept = [pa.field(c.name, c.type) for c in ARTICLES.columns if c.name not in _LEFT_OUT]
    return pa.schema([*kept, pa.field("evidence", _EVIDENCE), pa.field(PARTITION, pa.date32())])


def excerpted(row: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """A row of the view `articles` with evidence instead of its text.

    A later revision has none: a text that grows in many revisions would else be given away a third at a time.

    Args:
        limit: Most characters of the text that all evidence of the row may hold together.
    """
    kept = {name: value for name, value in row.items() if name not in _LEFT_OUT}
    mentions = first_mentions(row) if row["supersedes"] is None else []
    return {**kept, "evidence": evidence(row["title"], row["text"], mentions, limit)}


def first_mentions(row: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Start, end and id of the first mention of every place and actor, in the order of the text."""
    found = [(p["start"], p["end"], p["place_id"]) for p in row["places"] or ()]
    found += [(m["start"], m["end"], a["actor_id"]) for a in row["actors"] or () for m in a["mentions"] or ()]
    first: dict[str, tuple[int, int, str]] = {}
    for mention in sorted(found):
        first.setdefault(mention[2], mention)
    return list(first.values())


def evidence(
    title: str | None, text: str, mentions: Sequence[tuple[int, int, str]], limit: int
) -> list[dict[str, Any]]:
    """Words around mentions, in order, none twice, until together they hold as much as may be given.

    Args:
        mentions: Start and end of each mention in title + two line feeds + text, and the id of what is mentioned.
        limit: Most characters in all; fewer where a third of the text is less.
    """
    offset = len(title) + 2 if title else 0
    left = min(limit, len(text) // MOST_SHARE)
    given_to = 0
    pieces: list[dict[str, Any]] = []
    for mention_start, mention_end, tag in mentions:
        start, end = mention_start - offset, mention_end - offset
        side = min(EVIDENCE_CHARS, (left - (end - start)) // 2)
        if start < given_to or side < 0:  # in the title, in the words given already, or too long for what is left
            continue
        begin, stop = max(start - side, given_to), min(end + side, len(text))
        pieces.append({"id": tag, "start": begin + offset, "end": stop + offset, "words": text[begin:stop]})
        left -= stop - begin
        given_to = stop
    return pieces
