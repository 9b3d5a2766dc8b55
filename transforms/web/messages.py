"""What goes into the client and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How we behave as a guest. Times in seconds.

    Attributes:
        user_agent: Honest name, version and contact, e.g. `newsbeam/0.1 (+https://…)`; its first word is the name
            that robots.txt may address.
        timeout_s: Deadline of one request with its redirects; waiting for a turn does not count.
        max_bytes: Cap on a body, decompressed.
        max_redirects: Hops that are followed.
        allow_private: Let private, loopback, link-local and metadata addresses through.
        spacing_s: Least time between two requests to one registrable domain: from the end of an answer, and from the
            start of a request, to the start of the next.
        per_domain: Requests under way at once to one registrable domain.
        connections: Requests under way at once in all.
        obey_robots: False turns `Request.check_robots` off.
        max_url_length: Cap on the length of a URL, also of a redirect's target.
    """

    user_agent: str
    timeout_s: float = 30.0
    max_bytes: int = 20 * 2**20
    max_redirects: int = 5
    allow_private: bool = False
    spacing_s: float = 5.0
    per_domain: int = 1
    connections: int = 64
    obey_robots: bool = True
    max_url_length: int = 8192

    def __post_init__(self) -> None:
        if not self.user_agent.strip():
            raise ValueError("user_agent is empty; give name, version and contact, e.g. 'newsbeam/0.1 (+https://…)'")
        for name in ("timeout_s", "max_bytes", "per_domain", "connections", "max_url_length"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be above 0")
        for name in ("max_redirects", "spacing_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it must not be below 0")


@dataclass(frozen=True, slots=True)
class Request:
    """One GET.

    Attributes:
        headers: Sent beside the client's own.
        check_robots: Ask robots.txt first, at every hop.
        not_after: Latest useful start: if no turn comes by then, the answer is `Postponed`.
        validators_url: Address that the If-None-Match and If-Modified-Since headers belong to; they are sent at that
            hop only. None: they belong to `url`.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    check_robots: bool = False
    not_after: datetime | None = None
    validators_url: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer of whatever status.

    Attributes:
        url: As asked.
        final_url: Where the redirects ended.
        headers: Names in lower case; repeated headers joined by a comma.
        body: Decompressed.
        fetched_at: When the body was complete.
        elapsed_ms: Time spent on the network, waits for a turn left out.
        permanent_redirect_to: Where an unbroken chain of 301 and 308 from `url` led, None if there was none.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    elapsed_ms: int
    permanent_redirect_to: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """No turn came by the request's `not_after`: ask again at `until`. The page was not asked for."""

    url: str
    until: datetime
