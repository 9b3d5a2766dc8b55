"""robots.txt by RFC 9309."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from schemas.outcomes import Reason
from schemas.records import Problem
from transforms.web.robots import RobotsCache, product_token, rules_from_answer, rules_from_problem

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ORIGIN = "https://e.org"
AGENT = "newsbeam/0.1 (+https://contact.example.org/otherbot)"

RULES = b"""
User-agent: otherbot
Disallow: /

User-agent: newsbeam
Allow: /private/open
Disallow: /private
Disallow: /*.pdf$
Crawl-delay: 7.5

User-agent: *
Disallow: /all
"""


def allowed(path: str, body: bytes = RULES, status: int = 200) -> bool:
    return rules_from_answer(ORIGIN, status, body, NOW).refusal(f"{ORIGIN}{path}", AGENT) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/private", False),
        ("/private/x", False),
        ("/private/open/x", True),
        ("/a.pdf", False),
        ("/a.pdf?x", True),
        ("/all", True),
    ],
)
def test_our_own_group_counts_and_the_longest_rule_wins(path: str, expected: bool) -> None:
    assert allowed(path) is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, False), (301, True), (404, True), (403, True), (429, False), (500, False), (503, False)],
)
def test_statuses(status: int, expected: bool) -> None:
    assert allowed("/private", status=status) is expected
    if status >= 429:
        assert not allowed("/anything", status=status)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"<html>not robots</html>", b"User-agent: *\nDisallow:"])
def test_rubbish_allows(body: bytes) -> None:
    assert allowed("/x", body)


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not allowed("/x", b"\xef\xbb\xbfUser-agent: *\nDisallow: /x")


@pytest.mark.parametrize(
    ("reason", "denied"),
    [(Reason.DNS, True), (Reason.TIMEOUT, True), (Reason.REDIRECTS, False), (Reason.TOO_LARGE, False)],
)
def test_unreachable(reason: Reason, denied: bool) -> None:
    rules = rules_from_problem(ORIGIN, Problem(reason, "why"), NOW)
    problem = rules.refusal(f"{ORIGIN}/x", AGENT)
    assert (problem is not None) is denied
    if problem:
        assert problem.reason is reason


def test_crawl_delay() -> None:
    assert rules_from_answer(ORIGIN, 200, RULES, NOW).crawl_delay_s(AGENT) == 7.5
    assert rules_from_answer(ORIGIN, 404, b"", NOW).crawl_delay_s(AGENT) is None


def test_verdicts_expire() -> None:
    cache = RobotsCache()
    cache.put(rules_from_answer(ORIGIN, 200, RULES, NOW))
    assert cache.get(ORIGIN, NOW + timedelta(hours=23)) is not None
    assert cache.get(ORIGIN, NOW + timedelta(hours=24)) is None
    cache.put(rules_from_answer(ORIGIN, 500, b"", NOW))
    assert cache.get(ORIGIN, NOW + timedelta(minutes=59)) is not None
    assert cache.get(ORIGIN, NOW + timedelta(minutes=60)) is None
    cache.put(rules_from_problem(ORIGIN, Problem(Reason.CONNECT, "why"), NOW))
    assert cache.get(ORIGIN, NOW + timedelta(minutes=5)) is None
    assert cache.get("https://other.org", NOW) is None


def test_product_token() -> None:
    assert product_token(AGENT) == "newsbeam"
    assert product_token("plainbot (contact)") == "plainbot"
