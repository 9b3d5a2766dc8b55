"""The records of a WARC file one after the other, packed or not, whatever lies between them.

Readers of WARC give up at the first fault. Here a fault costs what is damaged: after it the next record is looked for.
One record is held at a time.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, Final

_GZIP: Final = b"\x1f\x8b\x08"
_STEP: Final = 1 << 16
_HEAD: Final = 1 << 16
"""Longest head of a record."""

_BEGIN: Final = b"WARC/"
_LENGTH: Final = re.compile(rb"\n\s*content-length\s*:\s*(\d{1,15})\s*\r?\n", re.IGNORECASE)
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_FIRST_LINE: Final = re.compile(rb"WARC/\d\.\d\r?\n[A-Za-z-]+:")
_NEXT: Final = re.compile(rb"\n" + _FIRST_LINE.pattern)
_BLANK: Final = b"\r\n"

OTHER_PACKINGS: Final = {b"\x28\xb5\x2f\xfd": "zstd", b"\x04\x22\x4d\x18": "lz4", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a record begins.

    Attributes:
        offset: Byte of the file; of its gzip member where the file is packed.
        inner: Byte within the unpacked member: 0 but where a member holds several records.
    """

    offset: int
    inner: int = 0


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one record, unpacked.

    Attributes:
        end: Where its record, or its gzip member, ends in the file.
    """

    spot: Spot
    data: bytes
    end: int


@dataclass(frozen=True, slots=True)
class Broken:
    """A stretch of the file that gives no record, and why."""

    spot: Spot
    why: str


def walk(file: BinaryIO, most: int, begin: int = 0) -> Iterator[Raw | Broken]:
    """The records of a file from a byte on.

    Args:
        file: Open for reading, with `seek`.
        most: Bytes of one record at the most, unpacked; a larger one is told as broken.
        begin: Where a record, or its gzip member, begins.
    """
    file.seek(begin)
    head = file.read(6)
    packing = next((name for magic, name in OTHER_PACKINGS.items() if head.startswith(magic)), None)
    if packing is not None:
        yield Broken(Spot(begin), f"the file is packed by {packing}; unpack it and give the .warc")
    elif head.startswith(_GZIP):
        yield from _packed(file, most, begin)
    else:
        yield from _plain(file, most, begin)


# -- packed files: one gzip member per record


def _packed(file: BinaryIO, most: int, begin: int) -> Iterator[Raw | Broken]:
    offset: int | None = begin
    while offset is not None:
        member = _inflate(file, offset, most)
        if member is None:
            return
        if isinstance(member, Broken):
            yield member
            offset = _find_member(file, offset + 1)
            continue
        data, end = member
        for found in _plain(BytesIO(data), most, 0):
            spot = Spot(offset, found.spot.offset)
            yield Raw(spot, found.data, end) if isinstance(found, Raw) else Broken(spot, found.why)
        offset = end


def _inflate(file: BinaryIO, offset: int, most: int) -> tuple[bytes, int] | Broken | None:
    """A member's bytes and its end; None at the end of the file."""
    file.seek(offset)
    inflater, parts, size = zlib.decompressobj(zlib.MAX_WBITS | 16), [], 0
    read = offset
    while chunk := file.read(_STEP):
        read += len(chunk)
        try:
            while chunk and not inflater.eof:
                parts.append(inflater.decompress(chunk, _STEP * 16))
                size += len(parts[-1])
                chunk = inflater.unconsumed_tail
                if size > most:
                    return Broken(Spot(offset), _too_large(b"".join(parts), most))
        except zlib.error as error:
            return Broken(Spot(offset), f"no gzip member can be read here ({error})")
        if inflater.eof:
            return b"".join(parts), read - len(inflater.unused_data)
    return None if read == offset else Broken(Spot(offset), "the file ends within a gzip member")


def _too_large(data: bytes, most: int) -> str:
    sized = _size(data[:_HEAD])
    if sized is not None and sized + len(_BEGIN) < len(data):
        return (
            f"the file is one gzip stream over many records and over {most} bytes, in which no record can be looked"
            " up; unpack it by gunzip and give the .warc"
        )
    return f"the record is over the cap of {most} bytes"


def _find_member(file: BinaryIO, begin: int) -> int | None:
    """The next byte at which a gzip member with a record begins."""
    file.seek(begin)
    held, at = b"", begin
    while chunk := file.read(_STEP):
        held += chunk
        found = held.find(_GZIP)
        while found >= 0:
            if _begins_record(file, at + found):
                return at + found
            found = held.find(_GZIP, found + 1)
        at += len(held) - len(_GZIP) + 1
        held = held[-len(_GZIP) + 1 :]
        file.seek(at + len(held))
    return None


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(file.read(512), 16).lstrip().startswith(_BEGIN)
    except zlib.error:
        return False


# -- plain files


def _plain(file: BinaryIO, most: int, begin: int) -> Iterator[Raw | Broken]:
    offset: int | None = begin
    while offset is not None:
        offset = _skip_blank(file, offset)
        file.seek(offset)
        head = file.read(_HEAD)
        if not head:
            return
        size = _size(head)
        why = _fault(file, offset, head, size, most)
        if why is None and size is not None:
            file.seek(offset)
            yield Raw(Spot(offset), file.read(size), offset + size)
            offset += size
        else:
            yield Broken(Spot(offset), why or "")
            offset = _find_record(file, offset)


def _size(head: bytes) -> int | None:
    """Bytes of a record, head and block, as its head tells; None where it is no head."""
    end = _HEAD_END.search(head)
    length = _LENGTH.search(head, 0, end.end()) if end else None
    return end.end() + int(length[1]) if end and length and _FIRST_LINE.match(head) else None


def _fault(file: BinaryIO, offset: int, head: bytes, size: int | None, most: int) -> str | None:
    """Why no record can be had here; None where one can."""
    if size is None:
        return "no head of a WARC record with its length stands here"
    file.seek(0, 2)
    if file.tell() < offset + size:
        return "the file ends within the record"
    after = _skip_blank(file, offset + size)
    file.seek(after)
    if file.read(len(_BEGIN)) not in (_BEGIN, b""):
        return "the length that the record tells is not its length"
    return f"the record is over the cap of {most} bytes" if size > most else None


def _skip_blank(file: BinaryIO, offset: int) -> int:
    file.seek(offset)
    while (read := file.read(64)) and not (rest := read.lstrip(_BLANK)):
        offset += len(read)
    return offset + len(read) - len(rest) if read else offset


def _find_record(file: BinaryIO, begin: int) -> int | None:
    """The next byte at which the head of a record begins a line."""
    file.seek(begin)
    held, at = b"", begin
    while chunk := file.read(_STEP):
        held += chunk
        if found := _NEXT.search(held):
            return at + found.start() + 1
        at += max(0, len(held) - 64)
        held = held[-64:]
    return None
