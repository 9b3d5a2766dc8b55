"""What an HTTP status and its headers say, by RFC 9110."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from schemas.outcomes import Reason
from schemas.records import Problem

_BY_STATUS = {
    206: Reason.TRUNCATED,  # we never ask for a range: an unasked part is an incomplete body
    401: Reason.FORBIDDEN,
    402: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    410: Reason.GONE,
    429: Reason.RATE_LIMITED,
    451: Reason.FORBIDDEN,
}

_CHALLENGE_HEADERS = ("cf-mitigated", "x-datadome", "x-sucuri-block", "x-amzn-waf-action")
"""Headers by which a bot shield owns up to a refusal. We name it and stay who we are: no other identity is tried."""

_CHALLENGES = {
    "cf-mitigated": re.compile("challenge|block", re.IGNORECASE),
    "x-amzn-waf-action": re.compile("challenge|captcha", re.IGNORECASE),
    "x-sucuri-block": re.compile("."),
}

_REMEDIES = {
    Reason.NOT_FOUND: "check the address",
    Reason.GONE: "remove it from the list or find its successor",
    Reason.FORBIDDEN: "ask the publisher for access; newsbeam never changes its identity to get round a refusal",
    Reason.RATE_LIMITED: "newsbeam asks less often until told otherwise",
    Reason.HTTP_SERVER_ERROR: "the server's own trouble; it is asked again later",
}


def classify_status(status: int, headers: Mapping[str, str]) -> Reason | None:
    """Why a status means failure, or None for an answer that can be used (2xx, 304).

    Args:
        status: HTTP status of the last answer.
        headers: Its headers, names in lower case.
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 200 <= status < 300 or status == 304:
        return None
    if status == 503 and "retry-after" in headers:
        return Reason.RATE_LIMITED
    if 400 <= status < 500:
        return Reason.HTTP_CLIENT_ERROR
    if status >= 500:
        return Reason.HTTP_SERVER_ERROR
    return Reason.PROTOCOL  # a 3xx that names no place to go, or an unasked 1xx


def status_problem(url: str, status: int, headers: Mapping[str, str]) -> Problem | None:
    """The problem that a status stands for, worded for a failure row, or None for a usable answer."""
    reason = classify_status(status, headers)
    if reason is None:
        return None
    shield = next((name for name in _CHALLENGE_HEADERS if name in headers), None)
    parts = [f"{url} answered HTTP {status}"]
    if shield:
        parts.append(f"bot challenge ({shield}: {headers[shield]})")
    if "retry-after" in headers:
        parts.append(f"Retry-After: {headers['retry-after']}")
    if reason in _REMEDIES:
        parts.append(_REMEDIES[reason])
    return Problem(reason, "; ".join(parts))


def challenge_problem(url: str, headers: Mapping[str, str]) -> Problem | None:
    """The problem of an answer that is a bot shield's challenge although its status means success, or None.

    DataDome's own header is no sign here: it stands beside whatever it let through.
    """
    name = next((name for name, wanted in _CHALLENGES.items() if wanted.match(headers.get(name, ""))), None)
    if name is None:
        return None
    return Problem(
        Reason.BLOCK_PAGE,
        f"{url} answered with a bot challenge ({name}: {headers[name]}); {_REMEDIES[Reason.FORBIDDEN]}",
    )


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait that `Retry-After` asks for, as seconds or as a date (RFC 9110, 10.2.3).

    None if it is absent or garbage. A date in the past gives 0. No cap is applied here.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    moment = http_date(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def http_date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7) in UTC, or None if it is none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None
