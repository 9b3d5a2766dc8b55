"""Pages out of the archive, as they came when they were fetched."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from schemas.outcomes import Reason
from schemas.records import FeedEntry, Page, Problem
from transforms.pages.page import page_from_feed, page_from_response
from transforms.web.archive import read_back
from transforms.web.warc import RESOURCE, Capture


class About(msgspec.Struct, forbid_unknown_fields=True):
    """What stands beside a page's record in the archive: the entry as its feed gave it."""

    entry: FeedEntry


def recall(entry: FeedEntry, root: Path, max_bytes: int) -> Page | Problem:
    """The page of an entry from the record that it names.

    Args:
        root: The dataset's folder.
        max_bytes: Cap on the body, decoded.

    Returns:
        The page; UNREADABLE or BROKEN_RECORD where the record cannot be had, or why its answer is no page.
    """
    found = read_back(root, entry.archive_ref or "", max_bytes)
    return found if isinstance(found, Problem) else _page(found[0], entry, entry.archive_ref)


def recall_with_entry(ref: str, root: Path, max_bytes: int) -> Page | Problem:
    """A page with the entry that stands beside it in the archive.

    Returns:
        The page; else as `recall`, and UNREADABLE where no entry stands there.
    """
    found = read_back(root, ref, max_bytes)
    if isinstance(found, Problem):
        return found
    entry = entry_told(found[1])
    if entry is None:
        return Problem(Reason.UNREADABLE, f"the archive does not tell which entry {ref} belongs to")
    return _page(found[0], entry, ref)


def recall_entry(ref: str, root: Path, max_bytes: int) -> FeedEntry | None:
    """The entry that stands beside a record in the archive; None where none does, or the record is not there."""
    found = read_back(root, ref, max_bytes)
    return None if isinstance(found, Problem) else entry_told(found[1])


def entry_told(told: bytes | None) -> FeedEntry | None:
    """The entry that the archive names beside a record; None where it names none."""
    try:
        return msgspec.json.decode(told or b"", type=About).entry
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def _page(capture: Capture, entry: FeedEntry, ref: str | None) -> Page | Problem:
    answer = capture.answer
    if answer is None:
        return Problem(Reason.BROKEN_RECORD, f"{ref} is a record of type {capture.kind!r}, not an answer")
    page: Page | Problem
    if capture.kind == RESOURCE:
        page = page_from_feed(entry, answer.fetched_at) or Page(
            entry, capture.url, answer.body, "text/html", "utf-8", None, answer.fetched_at
        )
    else:
        page = page_from_response(entry, answer)
    return page if isinstance(page, Problem) else replace(page, archive_ref=ref)
