"""Content codings undone in small steps: gzip and deflate (zlib), Brotli (RFC 7932)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import brotli

ACCEPT_ENCODING: Final = "gzip, deflate, br"
"""What `coding_of` can undo."""

_NOT_OFFERED: Final = frozenset({"zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})
"""Other registered codings. A value that is no coding at all (`utf-8`, `none`) is a server's slip and means none."""

_GZIP: Final = zlib.MAX_WBITS | 16
_STEP: Final = 2**16
"""Decoded bytes of one step; Brotli may go over it by the size of its window."""


class BodyBroken(Exception):
    """The compressed stream is damaged or ends early."""


class Coding(Protocol):
    """Undoes one coding. Both methods raise BodyBroken."""

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        """Take raw bytes and give decoded ones, a step at a time."""

    def end(self) -> Iterator[bytes]:
        """Give what is left."""


def coding_of(encoding: str) -> Coding:
    """The coding that a `Content-Encoding` names.

    Raises:
        BodyBroken: We did not offer it.
    """
    name = encoding.strip().lower()
    if name in _NOT_OFFERED:
        raise BodyBroken(f"Content-Encoding {encoding!r} was not offered (only {ACCEPT_ENCODING})")
    if name == "br":
        return _Brotli()
    return _Inflate(name) if name in {"gzip", "x-gzip", "deflate"} else _Identity()


class _Identity:
    def decode(self, chunk: bytes) -> Iterator[bytes]:
        yield chunk

    def end(self) -> Iterator[bytes]:
        return iter(())


class _Inflate:
    def __init__(self, name: str) -> None:
        self._name = name
        self._inflater: zlib._Decompress | None = None

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            if self._inflater is None:
                self._inflater = zlib.decompressobj(self._window_bits(chunk))
            try:
                yield self._inflater.decompress(chunk, _STEP)
            except zlib.error as error:
                raise BodyBroken(f"the {self._name} body is damaged ({error})") from None
            chunk = self._inflater.unconsumed_tail
            if self._inflater.eof:
                chunk = self._next_member()

    def end(self) -> Iterator[bytes]:
        if self._inflater is not None:
            yield self._inflater.flush()
            if not self._inflater.eof:
                raise BodyBroken(f"the {self._name} body ends before its end mark")

    def _window_bits(self, chunk: bytes) -> int:
        if self._name != "deflate":
            return _GZIP
        # RFC 9110, 8.4.1.2: `deflate` is the zlib format, yet some servers send the bare
        # stream; the low bits of the first byte (CM = 8) tell them apart.
        return zlib.MAX_WBITS if chunk[0] & 0x0F == 8 else -zlib.MAX_WBITS

    def _next_member(self) -> bytes:
        """What follows the end mark: another gzip member is decoded too (RFC 1952, 2.2), padding is dropped."""
        assert self._inflater is not None
        rest = self._inflater.unused_data
        if self._name != "deflate" and rest.startswith(b"\x1f\x8b"):
            self._inflater = None
            return rest
        return b""


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()
        self._began = False

    def decode(self, chunk: bytes) -> Iterator[bytes]:
        self._began = self._began or bool(chunk)
        while not self._decoder.is_finished():  # what follows the end mark is dropped
            try:
                decoded = self._decoder.process(chunk, output_buffer_limit=_STEP)
            except brotli.error as error:
                raise BodyBroken(f"the br body is damaged ({error})") from None
            if not decoded:
                return  # it has nothing left to give, but for more bytes
            yield decoded
            chunk = b""

    def end(self) -> Iterator[bytes]:
        if self._began and not self._decoder.is_finished():
            raise BodyBroken("the br body ends before its end mark")
        return iter(())
