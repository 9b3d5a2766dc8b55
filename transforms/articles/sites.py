"""Names that a site calls itself by, and how to tell them in titles and bylines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from transforms.articles.canonical import registrable_domain

_FILLER = re.compile(r"(?i)^(?:the|www|official site of)\b|\b(?:online|news|com|net|org|website|home ?page)\b")


def bare(text: str) -> str:
    """A text reduced to its letters and digits, for comparison."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def site_names(url: str, named: Iterable[str | None]) -> frozenset[str]:
    """Bare forms of all names of a site: what the page calls it, its domain, and these without fillers like "News"."""
    names: set[str] = set()
    for name in named:
        if name and len(name) <= 60:
            names |= {bare(name), bare(_FILLER.sub("", name.removeprefix("@")))}
    domain = registrable_domain(url)
    if domain:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
        names |= {bare(domain), bare(host), bare(domain.split(".")[0])}
    return frozenset(name for name in names if len(name) >= 2)


def is_site_name(text: str, names: frozenset[str]) -> bool:
    """True where a text is one of the site's names, give or take fillers, or lies within one ("NYT" aside)."""
    forms = {bare(text), bare(_FILLER.sub("", text))} - {""}
    if forms & names:
        return True
    return any(
        len(form) >= 5
        and any(
            form in name or (len(name) >= 5 and form.startswith(name) and len(form) <= 2 * len(name)) for name in names
        )
        for form in forms
    )
