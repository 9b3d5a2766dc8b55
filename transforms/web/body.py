"""Read an answer's body under a cap that counts decompressed bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.codings import BodyBroken, coding_of


class BodyTooLarge(Exception):
    """The decompressed body is over the cap."""


class BodyDecoder:
    """Undoes one Content-Encoding in steps, never holding more than the cap and one step.

    Args:
        encoding: Value of `Content-Encoding`, empty for none.
        max_bytes: Cap on the decompressed size.

    Raises:
        BodyBroken: at construction, for an encoding that we did not offer.
    """

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._coding = coding_of(encoding)
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next raw bytes.

        Raises:
            BodyTooLarge: the cap is passed.
            BodyBroken: the compressed bytes are damaged.
        """
        self._keep(self._coding.decode(chunk))

    def finish(self) -> bytes:
        """The whole decoded body.

        Raises:
            BodyBroken: the compressed stream ended early.
            BodyTooLarge: the cap is passed.
        """
        try:
            self._keep(self._coding.end())
        except BodyBroken as error:
            raise BodyBroken(f"{error}, after {self._size} decoded bytes") from None
        return b"".join(self._parts)

    def _keep(self, decoded: Iterator[bytes]) -> None:
        for part in decoded:
            self._size += len(part)
            if self._size > self._max_bytes:
                raise BodyTooLarge
            self._parts.append(part)


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
