"""Where redirects lead: an article moves, or something stands in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.outcomes import Reason
from transforms.pages.arrival import led_astray

ASKED = "https://valley.example/news/2026/ferries-leave"


@pytest.mark.parametrize(
    ("arrived", "what"),
    [
        ("https://consent.valley.example/collect?return=1", "consent"),
        ("https://valley.example/consent/?to=news", "consent"),
        ("https://accounts.press.example/enter", "login"),
        ("https://valley.example/login?next=%2Fnews", "login"),
        ("https://valley.example/user/sign-in.html", "login"),
        ("https://valley.example/subscribe/offers", "login"),
        ("https://valley.example/404", "error"),
        ("https://valley.example/error/not-found.html", "error"),
        ("https://valley.example/", "home"),
        ("https://www.valley.example/en/", "home"),
        ("https://valley.example/index.php", "home"),
    ],
)
def test_places_that_are_no_article(arrived: str, what: str) -> None:
    problem = led_astray(ASKED, arrived)
    assert problem is not None
    assert problem.reason is Reason.BLOCK_PAGE
    assert what in problem.message


@pytest.mark.parametrize(
    ("asked", "arrived"),
    [
        (ASKED, ASKED),
        (ASKED, "https://www.valley.example/news/2026/ferries-leave/"),
        (ASKED, "https://valley.example/news/2026/the-login-that-failed"),
        (ASKED, "https://valley.example/?p=123"),
        ("https://valley.example/", "https://www.valley.example/"),
        ("https://valley.example/en", "https://valley.example/en/"),
        ("https://valley.example/subscribe/a", "https://valley.example/subscribe/b"),
        ("https://login.example/story", "https://login.example/news/story"),
        ("https://short.example/x1", "https://valley.example/news/a"),
        ("https://[", "https://valley.example/"),
    ],
)
def test_places_that_may_be_one(asked: str, arrived: str) -> None:
    assert led_astray(asked, arrived) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_address_raises(asked: str, arrived: str) -> None:
    led_astray(f"https://{asked}", f"https://{arrived}")
