"""WARC files from anywhere: each HTTP answer in them is an entry, whose page is read when its turn comes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.ids import document_key
from schemas.outcomes import Reason
from schemas.records import FeedEntry, Problem
from transforms.web.addresses import parse_url, registrable_domain
from transforms.web.archive import MOST_BYTES, ArchiveRef, bare_id
from transforms.web.records import Broken, Raw, walk
from transforms.web.warc import RESPONSE, Capture, read_head

_LONGEST_URL: Final = 8_192


@dataclass(frozen=True, slots=True)
class Unusable:
    """A stretch of a WARC file, or a whole one, that gives no entry.

    Attributes:
        place: The file's URI with the byte, as its row's address.
    """

    place: str
    problem: Problem

    @property
    def key(self) -> str:
        """Key of its row; the same when the file is read again."""
        return document_key(self.place)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record of another kind: a request, metadata, a revisit, …"""


def captures_in(path: Path) -> Iterator[FeedEntry | Unusable | Skipped]:
    """What a WARC file holds, record by record, so that memory does not grow with the file.

    An entry's key is made of its record's id: the same record, in whatever file, is the same entry.
    """
    uri = Path(os.path.abspath(path)).as_uri()
    try:
        with path.open("rb") as file:
            for found in walk(file, MOST_BYTES):
                yield _what(found, uri)
    except OSError as error:
        yield Unusable(uri, Problem(Reason.UNREADABLE, f"{path} cannot be read ({error.strerror}); check its rights"))


def _what(found: Raw | Broken, uri: str) -> FeedEntry | Unusable | Skipped:
    place = str(ArchiveRef(uri, found.spot, "")).removesuffix(":")
    if isinstance(found, Broken):
        return Unusable(place, Problem(Reason.BROKEN_RECORD, f"{place}: {found.why}"))
    head = read_head(found.data)
    if isinstance(head, Problem):
        return Unusable(place, Problem(head.reason, f"{place}: {head.message}"))
    if head.kind != RESPONSE or not head.url.lower().startswith(("http:", "https:")):
        return Skipped()
    url = parse_url(head.url, max_length=_LONGEST_URL)
    if isinstance(url, Problem):
        return Unusable(place, url)
    return _entry(head, registrable_domain(url), ArchiveRef(uri, found.spot, bare_id(head.record_id)))


def _entry(head: Capture, source: str, ref: ArchiveRef) -> FeedEntry:
    identity = head.record_id or f"{head.url} {head.at}"
    return FeedEntry(
        key=document_key(identity),
        source=source,
        url=head.url,
        guid=identity,
        fingerprint=identity,
        archive_ref=str(ref),
    )
