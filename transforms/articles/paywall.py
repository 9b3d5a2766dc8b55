"""Whether everybody may read all of an article, by what its page says of that to search engines and social networks.

Only statements count, never how a page looks: shields and buttons differ from site to site. A page that stands where
the article should is no article and is told apart elsewhere (`blockpage`).
"""

from __future__ import annotations

from transforms.articles.jsonld import as_flag
from transforms.articles.witnesses import Witnesses

# Open Graph's article:content_tier, https://developers.facebook.com/docs/instant-articles/subscriptions
_TIERS = {"free": False, "metered": True, "locked": True}


def find_paywall(said: Witnesses) -> bool | None:
    """True where a page says that not everybody may read all of it, False where it says that everybody may.

    JSON-LD is asked first, then microdata and Open Graph's content tier; None where none says anything.
    """
    free = said.article.free
    if free is None:
        free = as_flag(said.first("isaccessibleforfree"))
    if free is not None:
        return not free
    return _TIERS.get((said.first("article:content_tier") or "").strip().lower())
