"""Pages that stand where an article should: bot challenges, consent walls, logins, soft 404s.

Precision before recall: a real article must never be lost here, so a page is called a block only where its title, or
the little text that it has, says so in the words such pages use, and there is no article's worth of text beside it.
"""

from __future__ import annotations

import re

MAX_TEXT_CHARS = 1500
"""A page with more article text than this is no block page, whatever it is called."""

BLOCK_KINDS = {
    "challenge": "bot challenge",
    "missing": "soft 404",
    "login": "login or subscription wall",
    "consent": "consent wall",
}
"""Kinds of block pages with their wording for messages."""

_TITLES = re.compile(
    r"""(?ix)^\W*(?:
    (?P<challenge>just\ a\ moment | attention\ required | one\ more\ step
      | access\ (?:to\ this\ page\ (?:has\ been\ )?)?denied
      | are\ you\ (?:a\ )?(?:human|robot) | verify(?:ing)?\ (?:that\ )?you\ are\ (?:a\ )?human | security\ check
      | checking\ your\ browser | robot\ check | bot\ verification | ddos[- ]guard | request\ (?:blocked|rejected)
      | please\ wait | human\ verification | pardon\ our\ interruption | you\ have\ been\ blocked)
    |(?P<missing>(?:error\W*)?40[34](?:\W+(?:error|page)?\ *(?:not\ found|forbidden))? | not\ found
      | (?:page|article|story)\ (?:was\ )?not\ found | page\ (?:does\ not\ exist|unavailable)
      | страница\ не\ найдена | ошибка\ 404 | صفحه\ (?:مورد\ نظر\ )?(?:یافت|پیدا)\ نشد)
    |(?P<login>(?:log|sign)[\ -]?in | login\ required | please\ (?:log|sign)\ in | subscribe\ to\ (?:read|continue)
      | вход | войти)
    |(?P<consent>before\ you\ continue | cookie\ consent | your\ privacy(?:\ choices)? | we\ value\ your\ privacy
      | privacy\ consent | consent)
    )(?:\W*(?:\.{3}|…|!|$|\ [|–—\-•·]\ .{0,60}$))"""
)
_TEXTS = {
    "challenge": (
        r"(?:enable|turn on) javascript and cookies to continue"
        r"|checking (?:if the site connection is secure|your browser before)"
        r"|verify(?:ing)? (?:that )?you are (?:a )?human|unusual (?:traffic|activity) from your"
        r"|complete the (?:security check|captcha)|performance (?:&|and) security by cloudflare"
        r"|why (?:have i|do i have to complete|was i) (?:been )?(?:blocked|a captcha)"
        r"|you don.t have permission to access"
    ),
    "missing": (
        r"(?:page|article|story) (?:that )?you (?:are|were|.re)? ?(?:looking for|requested|tried to)\b.{0,60}"
        r"(?:(?:could|can) ?not be found|can.t be found|(?:does not|doesn.t|no longer) exists?"
        r"|not found|removed|moved|deleted)"
        r"|запрашиваемая (?:вами )?страница не (?:найдена|существует)"
    ),
    "login": (
        r"(?:log|sign) in (?:or (?:register|subscribe|create an account) )?to (?:continue|read|view)"
        r"|subscribe to (?:continue|keep) reading"
        r"|this (?:content|article) is (?:only )?(?:available )?(?:for|to) (?:registered users|subscribers|members)"
    ),
    "consent": (
        r"we (?:and our (?:\d+ )?partners )(?:store|use|process)\b.{0,200}\b(?:cookies|device|personal data)"
        r"|before you continue to\b"
        r"|accept all\b.{0,200}\b(?:reject all|manage (?:options|preferences|settings|cookies))"
    ),
}
_SAID = tuple((kind, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for kind, pattern in _TEXTS.items())
_SMALL_TEXT = 600  # characters of visible text within which one phrase is enough to tell


def block_kind(title: str | None, text: str, visible: str) -> str | None:
    """Kind of block page: challenge, missing, login or consent; None for a page that may be an article.

    Args:
        title: The title element's text.
        text: Article text that was extracted, possibly empty.
        visible: All visible text of the page, white space folded.
    """
    if len(text) > MAX_TEXT_CHARS:
        return None
    titled = _TITLES.match(title or "")
    kinds = [kind for kind, pattern in _SAID if pattern.search(visible)]
    if titled is not None:
        named = next(kind for kind, value in titled.groupdict().items() if value is not None)
        # A headline may begin like this too; an article under it would have text, and say other things.
        return named if kinds or len(text) < _SMALL_TEXT else None
    if kinds and (len(visible) <= _SMALL_TEXT or (len(text) <= _SMALL_TEXT and _mostly(kinds[0], text))):
        return kinds[0]
    return None


def _mostly(kind: str, text: str) -> bool:
    """True where the extracted text itself says it, so that nothing else was on the page to extract."""
    return any(name == kind and pattern.search(text) for name, pattern in _SAID)
