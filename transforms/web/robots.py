"""robots.txt by RFC 9309: parsed by protego, kept per origin until it expires."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from protego import Protego

from schemas.outcomes import Reason
from schemas.records import Problem

KEPT_S: Final = 86_400.0
"""Seconds that a verdict is used: RFC 9309, 2.4 forbids more than a day."""

KEPT_AFTER_TROUBLE_S: Final = 3_600.0
"""Seconds after which a robots.txt that could not be read is asked for again."""

KEPT_AFTER_LOSS_S: Final = 300.0
"""The same where no answer came at all: it may have been our own line, and must not cost an hour of pages."""

MAX_PARSED_BYTES: Final = 512_000
"""RFC 9309, 2.5: at least 500 KiB are parsed; what follows is ignored."""

_ORIGINS_KEPT: Final = 10_000


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What one origin lets us do, until `expires_at`.

    Attributes:
        origin: Scheme, host and port, e.g. `https://example.org`.
        parsed: The rules, or None where `forbids_all` decides for every page.
        forbids_all: Why nothing may be fetched, or None.
    """

    origin: str
    expires_at: datetime
    parsed: Protego | None = None
    forbids_all: Problem | None = None

    def refusal(self, url: str, user_agent: str) -> Problem | None:
        """The problem with fetching a page, or None if it is allowed."""
        if self.forbids_all is not None:
            return self.forbids_all
        token = product_token(user_agent)
        if self.parsed is None or self.parsed.can_fetch(url, token):
            return None
        return Problem(
            Reason.ROBOTS_DENIED,
            f"{self.origin}/robots.txt forbids {url} to {token!r}; ask the publisher, or take the text from its feed",
        )

    def crawl_delay_s(self, user_agent: str) -> float | None:
        """The Crawl-delay asked of us in seconds, uncapped."""
        delay = None if self.parsed is None else self.parsed.crawl_delay(product_token(user_agent))
        return None if delay is None else float(delay)


def product_token(user_agent: str) -> str:
    """The name by which robots.txt addresses us (RFC 9309, 2.2.1): `newsbeam` of `newsbeam/0.1 (+https://…)`."""
    return user_agent.split("/", 1)[0].split(" ", 1)[0]


def rules_from_answer(origin: str, status: int, body: bytes, now: datetime) -> RobotsRules:
    """What an answer to GET /robots.txt means.

    RFC 9309, 2.3.1: 2xx is parsed; 4xx (and a redirect that leads nowhere) allows everything; 5xx forbids everything
    for now. 429 is held to be a 5xx: a server that is asked too often has not said yes.
    """
    lasting = now + timedelta(seconds=KEPT_S)
    if 200 <= status < 300:
        text = body[:MAX_PARSED_BYTES].decode("utf-8-sig", "replace")
        return RobotsRules(origin, lasting, parsed=Protego.parse(text))
    if status < 500 and status != 429:
        return RobotsRules(origin, lasting)
    problem = Problem(
        Reason.ROBOTS_DENIED,
        f"{origin}/robots.txt answered HTTP {status}, which forbids everything for now (RFC 9309, 2.3.1.4); "
        f"it is asked again after {KEPT_AFTER_TROUBLE_S / 60:.0f} minutes",
    )
    return RobotsRules(origin, now + timedelta(seconds=KEPT_AFTER_TROUBLE_S), forbids_all=problem)


def rules_from_problem(origin: str, problem: Problem, now: datetime) -> RobotsRules:
    """What a robots.txt that could not be fetched means: nothing may be fetched for now (RFC 9309, 2.3.1.4).

    The reason stays that of the transport, which the page itself would meet too. A loop or an excess of redirects and
    a body over the cap count as "unavailable", which allows everything (2.3.1.3).
    """
    if problem.reason in (Reason.REDIRECTS, Reason.TOO_LARGE):
        return RobotsRules(origin, now + timedelta(seconds=KEPT_S))
    forbids = Problem(problem.reason, f"robots.txt could not be read, so nothing is fetched for now: {problem.message}")
    return RobotsRules(origin, now + timedelta(seconds=KEPT_AFTER_LOSS_S), forbids_all=forbids)


class RobotsCache:
    """Rules per origin; expired ones are never given out, and the longest unused are dropped first."""

    def __init__(self) -> None:
        self._rules: OrderedDict[str, RobotsRules] = OrderedDict()

    def get(self, origin: str, now: datetime) -> RobotsRules | None:
        """The origin's rules, or None if they must be fetched."""
        rules = self._rules.get(origin)
        if rules is None or rules.expires_at <= now:
            return None
        self._rules.move_to_end(origin)
        return rules

    def put(self, rules: RobotsRules) -> None:
        """Keep rules until they expire."""
        self._rules[rules.origin] = rules
        self._rules.move_to_end(rules.origin)
        if len(self._rules) > _ORIGINS_KEPT:
            self._rules.popitem(last=False)
