"""Read an answer's body under a cap that counts decompressed bytes."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator
from typing import Final

from schemas.outcomes import Reason
from schemas.records import Problem

ACCEPT_ENCODING: Final = "gzip, deflate"
"""What `BodyDecoder` can undo with the standard library alone."""

_COMPRESSED: Final = frozenset({"gzip", "x-gzip", "deflate"})
_NOT_OFFERED: Final = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})
"""Other registered codings. A value that is no coding at all (`utf-8`, `none`) is a server's slip and means none."""

_GZIP: Final = zlib.MAX_WBITS | 16
_STEP: Final = 2**16


class BodyTooLarge(Exception):
    """The decompressed body is over the cap."""


class BodyBroken(Exception):
    """The compressed stream is damaged or ends early."""


class BodyDecoder:
    """Undoes one Content-Encoding in steps, never holding more than the cap and one step.

    Args:
        encoding: Value of `Content-Encoding`, empty for none.
        max_bytes: Cap on the decompressed size.

    Raises:
        BodyBroken: at construction, for an encoding that we did not offer.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding in _NOT_OFFERED:
            raise BodyBroken(f"Content-Encoding {encoding!r} was not offered (only {ACCEPT_ENCODING})")
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._inflater: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        """Take the next raw bytes.

        Raises:
            BodyTooLarge: the cap is passed.
            BodyBroken: the compressed bytes are damaged.
        """
        if self._encoding not in _COMPRESSED:
            self._keep(chunk)
            return
        while chunk:
            if self._inflater is None:
                self._inflater = zlib.decompressobj(self._window_bits(chunk))
            try:
                self._keep(self._inflater.decompress(chunk, _STEP))
            except zlib.error as error:
                raise BodyBroken(f"the {self._encoding} body is damaged ({error})") from None
            chunk = self._inflater.unconsumed_tail
            if self._inflater.eof:
                chunk = self._next_member()

    def finish(self) -> bytes:
        """The whole decoded body.

        Raises:
            BodyBroken: the compressed stream ended early.
            BodyTooLarge: the cap is passed.
        """
        if self._inflater is not None:
            self._keep(self._inflater.flush())
            if not self._inflater.eof:
                raise BodyBroken(
                    f"the {self._encoding} body ends after {self._size} decoded bytes, before its end mark"
                )
        return b"".join(self._parts)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._max_bytes:
            raise BodyTooLarge
        self._parts.append(data)

    def _window_bits(self, chunk: bytes) -> int:
        if self._encoding != "deflate":
            return _GZIP
        # RFC 9110, 8.4.1.2: `deflate` is the zlib format, yet some servers send the bare
        # stream; the low bits of the first byte (CM = 8) tell them apart.
        return zlib.MAX_WBITS if chunk[0] & 0x0F == 8 else -zlib.MAX_WBITS

    def _next_member(self) -> bytes:
        """What follows the end mark: another gzip member is decoded too (RFC 1952, 2.2), padding is dropped."""
        assert self._inflater is not None
        rest = self._inflater.unused_data
        if self._encoding != "deflate" and rest.startswith(b"\x1f\x8b"):
            self._inflater = None
            return rest
        return b""


async def read_body(
    chunks: AsyncIterator[bytes], *, encoding: str, declared: int | None, max_bytes: int, url: str
) -> bytes | Problem:
    """Read and decode a body.

    Args:
        chunks: The raw body as it arrives.
        encoding: Value of `Content-Encoding`.
        declared: Value of `Content-Length`, if any; a body that owns up to being over the cap is not read at all.
        max_bytes: Cap on the decompressed size.
        url: For the message.
    """
    too_large = Problem(Reason.TOO_LARGE, f"{url} is over the cap of {max_bytes} bytes, decompressed")
    if declared is not None and declared > max_bytes:
        return too_large
    try:
        decoder = BodyDecoder(encoding, max_bytes)
    except BodyBroken as error:
        return Problem(Reason.PROTOCOL, f"{url}: {error}")
    try:
        async for chunk in chunks:
            decoder.feed(chunk)
        return decoder.finish()
    except BodyTooLarge:
        return too_large
    except BodyBroken as error:
        return Problem(Reason.TRUNCATED, f"{url}: {error}; nothing of it was kept")
