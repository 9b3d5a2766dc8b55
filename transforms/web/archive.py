"""The archive of a dataset: every answer as it came, in WARC files that grow until the day or the file is full.

    _archive/2026-11-22/newsbeam-20261122T060000Z-4711.warc.gz         closed
    _archive/2026-11-22/newsbeam-20261122T061500Z-4711.warc.gz.open    being written

A record is one gzip member, written at one stroke together with what is to be known of it. A kill can tear the last
one alone; the next run cuts the torn end off (`mend`). A row names its record by an `ArchiveRef`.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from schemas.outcomes import Reason
from schemas.records import Problem
from schemas.versions import pipeline_version
from transforms.web.messages import Response
from transforms.web.records import Broken, Raw, Spot, walk
from transforms.web.warc import (
    METADATA,
    Capture,
    info_record,
    metadata_record,
    packed,
    read_record,
    resource_record,
    response_record,
    revisit_record,
)

FOLDER: Final = "_archive"
OPEN: Final = ".open"
FILE_BYTES: Final = 2**28
"""A file is closed once it holds so many bytes."""

MOST_BYTES: Final = 2**26
"""Largest record that is read, unpacked: three times the cap on a body, as feeds' own content comes along."""


_KNOWN: Final = 10_000
"""Addresses whose last body is remembered."""


class ArchiveRefused(OSError):
    """The disk refused to take a record; the message says why and what to do."""


@dataclass(frozen=True)
class Keeping:
    """Where a dataset's archive is.

    Attributes:
        root: The dataset's folder.
        writes: False where answers are not kept; what was kept earlier is read all the same.
    """

    root: Path
    writes: bool = True


@dataclass(frozen=True, slots=True)
class ArchiveRef:
    """Where a record is, as a row names it: `file#offset:id`, or `file#offset+inner:id`.

    Attributes:
        file: Path under the dataset's folder; of a file that was read from elsewhere its URI.
        record_id: The record's own id, without `<urn:uuid:` and `>`.
    """

    file: str
    spot: Spot
    record_id: str

    def __str__(self) -> str:
        inner = f"+{self.spot.inner}" if self.spot.inner else ""
        return f"{self.file}#{self.spot.offset}{inner}:{self.record_id}"

    @classmethod
    def parse(cls, written: str) -> ArchiveRef | None:
        """What a row names; None for what is no such name."""
        file, _, where = written.rpartition("#")
        place, _, record_id = where.partition(":")
        offset, _, inner = place.partition("+")
        if not (file and offset.isascii() and offset.isdigit() and (not inner or inner.isdigit())):
            return None
        return cls(file, Spot(int(offset), int(inner or 0)), record_id)


def bare_id(record_id: str) -> str:
    """A record's id as references hold it."""
    return record_id.strip("<>").removeprefix("urn:uuid:")


@dataclass(frozen=True, slots=True)
class _Known:
    """The last body that an address gave within the open file."""

    digest: bytes
    ref: str
    record_id: str
    at: datetime


class Archive:
    """Writes the archive under a dataset's folder. Threads may share it; each process has files of its own.

    Args:
        root: The dataset's folder.
        file_bytes: A file is closed once it holds so many.
    """

    def __init__(self, root: Path, file_bytes: int = FILE_BYTES) -> None:
        self._root = root
        self._file_bytes = file_bytes
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path = root
        self._end = 0
        self._known: dict[str, _Known] = {}

    def keep(self, answer: Response, about: bytes) -> str:
        """Writes an answer, and what is to be known of it (JSON); gives the reference for its row.

        A body that the same address gave before in the same file is not written again: the answer is a record without
        a body (revisit), and the reference is that of the earlier one.

        Raises:
            ArchiveRefused: The disk refused it; what was written before stands.
        """
        digest = hashlib.sha256(answer.body).digest() if answer.status == 200 and answer.body else b""
        with self._lock:
            known = self._known.get(answer.final_url) if self._is_open(answer.fetched_at) else None
        if known is not None and digest and known.digest == digest:
            record_id, record = revisit_record(answer, known.record_id, known.at)
            self._keep(record_id, record, answer.final_url, answer.fetched_at, about)
            return known.ref
        record_id, record = response_record(answer)
        ref = self._keep(record_id, record, answer.final_url, answer.fetched_at, about)
        if digest:
            with self._lock:
                if len(self._known) >= _KNOWN:
                    self._known.clear()
                self._known[answer.final_url] = _Known(digest, ref, record_id, answer.fetched_at)
        return ref

    def keep_bytes(self, url: str, body: bytes, at: datetime, about: bytes) -> str:
        """The same for HTML that was no answer by itself, such as the content that a feed gives of an entry.

        Raises:
            ArchiveRefused: The disk refused it.
        """
        record_id, record = resource_record(url, at, "text/html; charset=utf-8", body)
        return self._keep(record_id, record, url, at, about)

    def _keep(self, record_id: str, record: bytes, url: str, at: datetime, about: bytes) -> str:
        written = packed(record) + packed(metadata_record(record_id, url, at, about))
        with self._lock:
            try:
                offset = self._append(written, at)
            except OSError as error:
                raise ArchiveRefused(
                    f"{self._root / FOLDER} cannot be written: {error}. Nothing is lost: free space or mend the rights,"
                    " and start the same command again; --no-archive goes on without the archive."
                ) from error
            name = self._path.relative_to(self._root).as_posix().removesuffix(OPEN)
        return str(ArchiveRef(name, Spot(offset), bare_id(record_id)))

    def _append(self, written: bytes, at: datetime) -> int:
        if not self._is_open(at):
            self._close()
            self._open(at.astimezone(UTC).date(), at)
        offset = self._end
        self._write(written)
        return offset

    def _is_open(self, at: datetime) -> bool:
        """True where a record of a moment would go into the file that is open."""
        day = at.astimezone(UTC).date().isoformat()
        return self._file is not None and self._path.parent.name == day and self._end < self._file_bytes

    def _write(self, written: bytes) -> None:
        assert self._file is not None
        try:
            done = 0
            while done < len(written):
                done += os.write(self._file, written[done:])
        except OSError:
            os.ftruncate(self._file, self._end)  # a full disk leaves no torn record behind
            raise
        self._end += len(written)

    def _open(self, day: date, at: datetime) -> None:
        folder = self._root / FOLDER / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(folder.glob("newsbeam-*.warc.gz"), reverse=True):
            if path.stat().st_size < self._file_bytes and self._reopen(path):
                return
        begun, number = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"), os.getpid()
        while True:
            path = folder / f"newsbeam-{begun}-{number}.warc.gz"
            with suppress(FileExistsError):
                if not path.exists():
                    self._file = os.open(f"{path}{OPEN}", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
                    self._path, self._end = Path(f"{path}{OPEN}"), 0
                    self._write(packed(info_record(path.name, at, f"newsbeam/{pipeline_version()}")))
                    return
            number += 1

    def _reopen(self, path: Path) -> bool:
        """Goes on with a file that was closed; another process may have taken it first."""
        opened = Path(f"{path}{OPEN}")
        try:
            os.rename(path, opened)
        except FileNotFoundError:
            return False
        self._file = os.open(opened, os.O_WRONLY | os.O_APPEND)
        self._path, self._end = opened, os.fstat(self._file).st_size
        return True

    def sync(self) -> None:
        """Has everything safe on the disk that was kept so far."""
        with self._lock:
            if self._file is not None:
                os.fsync(self._file)

    def close(self) -> None:
        """Closes the file; what is kept afterwards goes on with it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file is None:
            return
        os.fsync(self._file)
        os.close(self._file)
        self._file = None
        self._known.clear()
        with suppress(FileNotFoundError):  # somebody has cleared the archive away meanwhile
            os.rename(self._path, str(self._path).removesuffix(OPEN))


_shared: dict[Path, Archive] = {}
_lock = threading.Lock()


def shared_archive(root: Path) -> Archive:
    """The process's archive of a dataset: one file is written at a time, whoever writes."""
    with _lock:
        return _shared.setdefault(root.absolute(), Archive(root.absolute()))


def close_shared_archives() -> None:
    """Closes all archives of the process; a later use opens them anew."""
    with _lock:
        for archive in _shared.values():
            archive.close()
        _shared.clear()


atexit.register(close_shared_archives)


def mend(root: Path) -> int:
    """Closes files that a killed run left open, without their torn ends; gives their number.

    For the dataset's one writer, before it writes.
    """
    left = sorted((root / FOLDER).glob(f"*/*{OPEN}"))
    for path in left:
        whole = 0
        with path.open("rb") as file:
            for found in walk(file, MOST_BYTES):
                whole = found.end if isinstance(found, Raw) else whole
        if whole:
            os.truncate(path, whole)
            os.rename(path, str(path).removesuffix(OPEN))
        else:
            path.unlink()
    return len(left)


def expire(root: Path, keep: timedelta, now: datetime) -> int:
    """Deletes the days that ended longer ago than `keep`; gives their number."""
    last, dropped = (now - keep).astimezone(UTC).date(), 0
    for folder in sorted((root / FOLDER).glob("????-??-??")):
        with suppress(ValueError):
            if date.fromisoformat(folder.name) < last:
                shutil.rmtree(folder)
                dropped += 1
    return dropped


def read_back(root: Path, written: str, max_bytes: int) -> tuple[Capture, bytes | None] | Problem:
    """The record that a row names, and what was to be known of it (JSON), where it stands beside it.

    Args:
        root: The dataset's folder.
        written: The row's reference.
        max_bytes: Cap on a body, decoded.

    Returns:
        Both; or UNREADABLE where the record is not there any more, and what is wrong with one that is.
    """
    ref = ArchiveRef.parse(written)
    if ref is None:
        return Problem(Reason.UNREADABLE, f"{written} names no record of a WARC file")
    path = path_of(root, ref.file)
    try:
        with path.open("rb") as file:
            return _read_at(walk(file, MOST_BYTES, ref.spot.offset), ref, max_bytes)
    except OSError as error:
        return Problem(
            Reason.UNREADABLE,
            f"{path} cannot be read ({error.strerror}): the archive keeps a day for as long as --archive-keep said",
        )


def _read_at(found: Iterator[Raw | Broken], ref: ArchiveRef, max_bytes: int) -> tuple[Capture, bytes | None] | Problem:
    first = next((item for item in found if item.spot.inner >= ref.spot.inner), None)
    if first is None or isinstance(first, Broken):
        why = first.why if first else "the file ends before it"
        return Problem(Reason.BROKEN_RECORD, f"{ref.file} holds no whole record at byte {ref.spot.offset}: {why}")
    capture = read_record(first.data, max_bytes)
    if isinstance(capture, Problem):
        return capture
    if bare_id(capture.record_id) != ref.record_id:
        return Problem(
            Reason.BROKEN_RECORD,
            f"{ref.file} holds another record at byte {ref.spot.offset} than {ref.record_id}: it was written anew",
        )
    second = next(found, None)
    about = read_record(second.data, max_bytes) if isinstance(second, Raw) else None
    told = about.block if isinstance(about, Capture) and about.kind == METADATA else None
    return capture, told


def path_of(root: Path, file: str) -> Path:
    """The file of a reference, by the name that it has now."""
    if file.startswith("file:"):
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        return Path(url2pathname(urlsplit(file).path))
    path = root / file
    opened = Path(f"{path}{OPEN}")
    return opened if not path.exists() and opened.exists() else path
