"""Name resolution that hands the connector checked addresses only."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from transforms.web.addresses import refusal


class AddressRefused(Exception):
    """Every address of a host is refused. No OSError, so that aiohttp hands it on unwrapped."""


class CheckedResolver(AbstractResolver):
    """A resolver that hands on allowed addresses only.

    The connector connects to exactly these, so that a name which answers differently the next time (DNS rebinding)
    gains nothing.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve a host name.

        Raises:
            AddressRefused: none of its addresses may be connected to.
            OSError: the name could not be resolved.
        """
        found = await self._inner.resolve(host, port, family)
        if self._allow_private:
            return found
        allowed = [result for result in found if refusal(result["host"]) is None]
        if found and not allowed:
            first = found[0]["host"]
            raise AddressRefused(f"{first} {refusal(first)}")
        return allowed

    async def close(self) -> None:
        """Release the resolver."""
        await self._inner.close()
