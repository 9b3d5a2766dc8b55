"""Statuses and Retry-After, by RFC 9110."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import Reason
from transforms.web.status import classify_status, http_date, retry_after_s, status_problem

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "headers", "reason"),
    [
        (200, {}, None),
        (203, {}, None),
        (204, {}, None),
        (206, {}, Reason.TRUNCATED),
        (304, {}, None),
        (300, {}, Reason.PROTOCOL),
        (302, {}, Reason.PROTOCOL),
        (400, {}, Reason.HTTP_CLIENT_ERROR),
        (401, {}, Reason.FORBIDDEN),
        (402, {}, Reason.FORBIDDEN),
        (403, {}, Reason.FORBIDDEN),
        (404, {}, Reason.NOT_FOUND),
        (408, {}, Reason.HTTP_CLIENT_ERROR),
        (410, {}, Reason.GONE),
        (429, {}, Reason.RATE_LIMITED),
        (451, {}, Reason.FORBIDDEN),
        (500, {}, Reason.HTTP_SERVER_ERROR),
        (503, {}, Reason.HTTP_SERVER_ERROR),
        (503, {"retry-after": "5"}, Reason.RATE_LIMITED),
        (599, {}, Reason.HTTP_SERVER_ERROR),
    ],
)
def test_classes(status: int, headers: dict[str, str], reason: Reason | None) -> None:
    assert classify_status(status, headers) is reason
    problem = status_problem("https://e.org/", status, headers)
    assert (problem.reason if problem else None) is reason


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 08:02:00 GMT", 120.0),
        ("Sunday, 22-Nov-26 08:02:00 GMT", 120.0),
        ("Sun Nov 22 08:02:00 2026", 120.0),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": value}, NOW) == seconds


def test_no_retry_after() -> None:
    assert retry_after_s({}, NOW) is None


def test_a_bot_shield_is_named() -> None:
    problem = status_problem("https://e.org/", 403, {"cf-mitigated": "challenge"})
    assert problem is not None
    assert "cf-mitigated: challenge" in problem.message
    assert "never changes its identity" in problem.message


@given(st.text(max_size=40))
def test_any_date_text_is_a_utc_moment_or_none(value: str) -> None:
    moment = http_date(value)
    assert moment is None or moment.tzinfo is UTC
