"""Pages that stand where an article should, and articles that only look like them."""

from __future__ import annotations

import pytest

from transforms.articles.blockpage import block_kind


@pytest.mark.parametrize(
    ("title", "visible", "kind"),
    [
        ("Just a moment...", "Enable JavaScript and cookies to continue", "challenge"),
        ("Attention Required! | Shield", "Sorry, you have been blocked.", "challenge"),
        (None, "Verify you are human by completing the action below.", "challenge"),
        ("404 Not Found", "Nothing here.", "missing"),
        ("Page not found - Valley News", "Sorry. Try our search.", "missing"),
        ("Valley News", "The page you are looking for could not be found.", "missing"),
        ("Log in", "User name Password", "login"),
        ("Valley News", "Please log in or register to continue reading.", "login"),
        ("Valley News", "Log in to continue.", "login"),
        ("Before you continue", "Accept all Reject all", "consent"),
        ("Valley News", "We and our 812 partners store and access personal data on your device.", "consent"),
    ],
)
def test_short_pages(title: str | None, visible: str, kind: str | None) -> None:
    assert block_kind(title, "", visible) == kind


ARTICLE = "The ferry company said on Monday that two vessels would be taken out of service. " * 10


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Page not found: the lost manuscript of Vess", ARTICLE),
        ("Just a moment...", ARTICLE * 3),
        ("Log in, tune out: how the islands went online", ARTICLE),
        ("Ferries out of service", ARTICLE + "We use cookies. Accept all or reject all. Log in to continue reading."),
        ("Access denied to inspectors at the port", ARTICLE),
        ("404 days without a government", ARTICLE),
    ],
)
def test_articles_are_never_blocked(title: str, text: str) -> None:
    assert block_kind(title, text, text + " Log in. Subscribe.") is None
