"""One HTTP exchange over aiohttp: a GET without redirects, whose every known failure is a Problem."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final

import aiohttp
from yarl import URL

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.addresses import address_problem, literal_refused
from transforms.web.body import read_body
from transforms.web.codings import ACCEPT_ENCODING
from transforms.web.resolver import AddressRefused, CheckedResolver

_HEADER_BYTES: Final = 16_384
"""Cap on one header line and on the status line."""

_CHUNK: Final = 65_536

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """One complete HTTP answer. Header names are in lower case; repeated headers are joined by a comma."""

    url: URL
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as the server wrote it."""
        return self.headers.get("location") if self.status in REDIRECTS else None


class Transport:
    """An aiohttp session with checked addresses, no cookies and no proxy. Lives on one event loop.

    Args:
        user_agent: Sent with every request.
        max_bytes: Cap on a decompressed body.
        allow_private: Let addresses through that are not globally routable.
    """

    def __init__(self, *, user_agent: str, max_bytes: int, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._max_bytes = max_bytes
        self._resolver = CheckedResolver(allow_private=allow_private)
        self._session = aiohttp.ClientSession(
            # The caller caps connections: waiting for one in the pool would count against a request's deadline.
            connector=aiohttp.TCPConnector(resolver=self._resolver, limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            auto_decompress=False,
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
        )

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def get(self, url: URL, headers: Mapping[str, str], *, deadline_s: float) -> Answer | Problem:
        """GET one URL.

        Args:
            url: Absolute http or https URL.
            headers: Request headers beside the session's own.
            deadline_s: Seconds until the body must be complete.
        """
        refused = literal_refused(url, allow_private=self._allow_private)
        if refused is not None:
            return refused
        try:
            async with asyncio.timeout(deadline_s):
                return await self._exchange(url, headers)
        except TimeoutError:
            return Problem(Reason.TIMEOUT, f"{url} was not complete after {deadline_s:.3g} s; see --timeout")

    async def _exchange(self, url: URL, headers: Mapping[str, str]) -> Answer | Problem:
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as response:
                return await self._read(url, response)
        except (aiohttp.ClientError, AddressRefused, OSError, ValueError) as error:
            return _problem_of(url, error)

    async def _read(self, url: URL, response: aiohttp.ClientResponse) -> Answer | Problem:
        headers = _joined(response)
        body: bytes | Problem = b""
        if response.status not in REDIRECTS and response.status != 304:
            try:
                body = await read_body(
                    response.content.iter_chunked(_CHUNK),
                    encoding=headers.get("content-encoding", ""),
                    declared=response.content_length,
                    max_bytes=self._max_bytes,
                    url=str(url),
                )
            except (aiohttp.ClientError, OSError) as error:
                if isinstance(error, TimeoutError):
                    raise
                return Problem(Reason.TRUNCATED, f"{url} broke off in the middle of its body ({error!r})")
        if isinstance(body, Problem):
            response.close()  # what is left unread is not worth reading
            return body
        return Answer(url, response.status, headers, body)


def _joined(response: aiohttp.ClientResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers


def _problem_of(url: URL, error: Exception) -> Problem:
    """The problem that an exception of the transport stands for. Order matters: classes overlap."""
    cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
    why = str(error) or type(error).__name__
    if isinstance(error, AddressRefused):
        return address_problem(url, why)
    if isinstance(error, aiohttp.InvalidURL | UnicodeError):  # UnicodeError: a host name that IDNA cannot encode
        return Problem(Reason.BAD_URL, f"{url} cannot be asked ({why}); correct it at its source")
    if isinstance(error, aiohttp.ClientSSLError | ssl.SSLError) or isinstance(cause, ssl.SSLError):
        return Problem(Reason.TLS, f"{url}: no trusted TLS connection ({why}); certificates are never waved through")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Problem(Reason.DNS, f"the host of {url} could not be resolved ({why}); check its spelling")
    if isinstance(error, TimeoutError):
        return Problem(Reason.TIMEOUT, f"{url} did not answer in time ({why}); see --timeout")
    if isinstance(error, aiohttp.ClientResponseError):
        return Problem(Reason.PROTOCOL, f"{url} did not answer in valid HTTP ({error.message or why})")
    if isinstance(error, aiohttp.ClientPayloadError):
        return Problem(Reason.TRUNCATED, f"{url} broke off in the middle of its body ({why})")
    if isinstance(error, OSError | aiohttp.ClientConnectionError):
        return Problem(Reason.CONNECT, f"{url}: the connection failed or was lost ({why})")
    return Problem(Reason.PROTOCOL, f"{url} could not be asked ({why})")
