"""Where a redirect has led: to an article, or to a place that stands in its stead."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from schemas.outcomes import Reason
from schemas.records import Problem

_CONSENT_HOST: Final = re.compile(r"(?:consent|guce|cmp|privacy)\.")
_LOGIN_HOST: Final = re.compile(r"(?:login|signin|auth|sso|accounts?|oauth)\.")
_CONSENT: Final = frozenset(
    {"consent", "cookie-consent", "cookieconsent", "collectconsent", "privacy-wall", "gdpr-consent"}
)
_LOGIN: Final = frozenset(
    {"login", "log-in", "signin", "sign-in", "sign_in", "logon", "sso", "auth", "authorize", "register", "registration",
     "signup", "sign-up", "subscribe", "subscription", "subscriptions", "paywall", "abo", "abonnement", "suscripcion"}
)  # fmt: skip
_MISSING: Final = frozenset(
    {"404", "404error", "404-error", "error404", "error-404", "not-found", "notfound", "not_found", "page-not-found",
     "pagenotfound", "page404", "error"}
)  # fmt: skip
_HOME: Final = re.compile(
    r"/(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{1,5})?/?)?", re.IGNORECASE
)
_SUFFIX: Final = re.compile(r"\.(?:html?|php|aspx?|jsp)$")


def led_astray(asked: str, arrived: str) -> Problem | None:
    """Why the end of a redirect is no article, told from the two addresses alone; None where it may be one.

    A consent host, a login or subscription page, an error page, and the home page (a soft 404: the article is gone, and
    its readers are sent to the front). An address that was asked for as such is never judged.

    Args:
        asked: The address that the entry gave.
        arrived: Where the redirects ended.
    """
    try:
        before, after = urlsplit(asked), urlsplit(arrived)
    except ValueError:
        return None
    what = _other_place(before, after)
    if what is None:
        return None
    return Problem(Reason.BLOCK_PAGE, f"{asked} led to {arrived}, which is {what}, not an article")


def _other_place(before: SplitResult, after: SplitResult) -> str | None:
    if (before.netloc.lower(), before.path, before.query) == (after.netloc.lower(), after.path, after.query):
        return None
    host, segments = after.netloc.lower(), _segments(after.path)[-2:]
    fresh = set(segments) - set(_segments(before.path))
    if fresh & _CONSENT or _came_to(_CONSENT_HOST, before, host):
        return "a consent wall"
    if fresh & _LOGIN or _came_to(_LOGIN_HOST, before, host):
        return "a login or subscription wall"
    if fresh & _MISSING:
        return "an error page"
    if not after.query and _HOME.fullmatch(after.path or "/") and not _HOME.fullmatch(before.path or "/"):
        return "a home page"
    return None


def _segments(path: str) -> list[str]:
    return [_SUFFIX.sub("", part) for part in path.lower().split("/") if part]


def _came_to(kind: re.Pattern[str], before: SplitResult, host: str) -> bool:
    return bool(kind.match(host)) and not kind.match(before.netloc.lower())
