"""Real feeds and a parser's own test feeds, read from the bench material."""

from __future__ import annotations

import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from schemas.records import Feed, FeedEntry, Problem
from transforms.feeds.entries import ParsedFeed, language_tag, plain_text
from transforms.feeds.parse import parse_feed

FEED = Feed("http://127.0.0.1:8097/feed.xml", "example")
LEAST_SHARE = 0.97
"""Share of the gold's field checks that must hold, of the fields that we keep."""

BY_DESIGN = ("/sanitize/", "/base/", "/namespace/")
"""Folders that test cleaning and rewriting of HTML inside the feed, which we leave as the publisher wrote it."""


def read(body: bytes) -> ParsedFeed | Problem:
    return parse_feed(body, feed=FEED, base_url=FEED.url, headers={})


@pytest.fixture(scope="module")
def suite(bench_dir: Path) -> dict[str, bytes]:
    with tarfile.open(bench_dir / "feeds" / "feedparser-suite.tar.gz") as archive:
        members = [member for member in archive if member.isfile()]
        return {member.name: file.read() for member in members if (file := archive.extractfile(member)) is not None}


def test_real_news_feeds_are_read_whole(bench_dir: Path) -> None:
    paths = sorted((bench_dir / "feeds" / "news20").iterdir())
    items = 0
    for path in paths:
        parsed = read(path.read_bytes())
        assert isinstance(parsed, ParsedFeed), (path.name, parsed)
        assert parsed.bozo is None, path.name
        assert parsed.rejected == (), path.name
        assert all(entry.url and entry.title and entry.published_at for entry in parsed.entries), path.name
        items += len(parsed.entries) + parsed.repeated
    assert (len(paths), items) == (20, 964)


def test_no_feed_of_the_suite_raises(suite: dict[str, bytes]) -> None:
    results = [read(body) for body in suite.values()]
    assert len(results) > 2000
    assert sum(isinstance(result, ParsedFeed) for result in results) / len(results) > 0.99


def test_fields_agree_with_the_gold(suite: dict[str, bytes], bench_dir: Path) -> None:
    right, wrong = 0, []
    for line in (bench_dir / "gold" / "feeds_fields.jsonl").read_text().splitlines():
        case = json.loads(line)
        if any(folder in case["file"] for folder in BY_DESIGN):
            continue
        parsed = read(with_links(suite[case["file"].removeprefix("feedparser/")]))
        for check in case["checks"]:
            kept, got = field_of(parsed, check["path"])
            if kept and got in accepted(check["path"], check["value"]):
                right += 1
            elif kept:
                wrong.append((case["file"], check, got))
    assert right > 300
    assert right / (right + len(wrong)) >= LEAST_SHARE, wrong


def with_links(body: bytes) -> bytes:
    """The suite's items hold one field each; an item with neither link nor text is rejected, so they get a link."""
    if b"<link" in body.split(b"-->", 1)[-1] or b"<guid" in body:
        return body
    body = re.sub(rb"</item>", b"<link>http://added.example.org/</link></item>", body, flags=re.IGNORECASE)
    return re.sub(rb"</entry>", b"<link href='http://added.example.org/'/></entry>", body)


def field_of(parsed: ParsedFeed | Problem, path: list[Any]) -> tuple[bool, object]:
    """Whether we keep a field of the gold, and what we have."""
    if isinstance(parsed, Problem):
        return True, parsed.reason
    match path:
        case ["feed", "title"]:
            return True, parsed.title
        case ["feed", "language"]:
            return True, parsed.language
        case ["entries", int(index), str(name)] if name in ENTRY_FIELDS:
            return True, ENTRY_FIELDS[name](parsed.entries[index]) if index < len(parsed.entries) else None
    return False, None


def moment(entry: FeedEntry) -> list[int] | None:
    return list(entry.published_at.timetuple()[:6]) if entry.published_at else None


ENTRY_FIELDS = {
    "title": lambda entry: entry.title,
    "summary": lambda entry: entry.summary,
    "description": lambda entry: entry.summary,
    "link": lambda entry: entry.url,
    "id": lambda entry: entry.guid,
    "author": lambda entry: ", ".join(entry.authors),
    "language": lambda entry: entry.language,
    "published": lambda entry: entry.published_raw,
    "updated": lambda entry: entry.published_raw,
    "published_parsed": moment,
    "updated_parsed": moment,
}


def accepted(path: list[Any], value: Any) -> tuple[Any, ...]:
    """The gold in our forms: titles as they stand or without markup, authors without their mail address, times to the
    second, tags of languages as RFC 5646 writes them."""
    if path[-1] == "title":
        return value, plain_text(value)
    if path[-1] == "author":
        return (value.split(" (")[0],)
    if path[-1] == "language":
        return value, language_tag(value)
    return (value[:6] if isinstance(value, list) else value,)
