"""One request by the client, with rules for a test."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.client import Client, FetchRules, Postponed, Request, Response

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WAIT_S = 20


def make_rules(**changes: object) -> FetchRules:
    kept: dict[str, object] = {"user_agent": "testbot/1.0", "allow_private": True, "spacing_s": 0.0, "timeout_s": 5.0}
    return FetchRules(**(kept | changes))  # type: ignore[arg-type]


def fetch(request: Request | str, **changes: object) -> Response | Problem | Postponed:
    wanted = Request(request) if isinstance(request, str) else request
    with Client(make_rules(**changes), lambda: NOW) as client:
        return client.submit(wanted).result(WAIT_S)


def reason_of(result: object) -> Reason:
    assert isinstance(result, Problem), result
    return result.reason
