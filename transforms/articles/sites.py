"""Names that a site calls itself by, and how to tell them in titles and bylines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from transforms.articles.canonical import registrable_domain

_FILLER = re.compile(r"(?i)^(?:the|www|official site of)\b|\b(?:online|news|com|net|org|website|home ?page)\b")
_WORD = re.compile(r"\w+")
_COMMON = frozenset({"the", "a", "of", "blog", "news", "magazine", "official", "site", "online"})


@lru_cache(maxsize=4096)
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


def is_exact_site_name(text: str, names: frozenset[str]) -> bool:
    """True where a text is one of the site's names, give or take fillers such as "News"."""
    return bool(({bare(text), bare(_FILLER.sub("", text))} - {""}) & names)


def is_site_name(text: str, names: frozenset[str]) -> bool:
    """True where a text is one of the site's names, give or take fillers, or lies within one ("NYT" aside)."""
    if is_exact_site_name(text, names):
        return True
    forms = {bare(text), bare(_FILLER.sub("", text))} - {""}
    return any(
        len(form) >= 5
        and any(
            form in name or (len(name) >= 5 and form.startswith(name) and len(form) <= 2 * len(name)) for name in names
        )
        for form in forms
    )


def is_of_site_words(text: str, names: frozenset[str]) -> bool:
    """True where a text is made of words that one of the site's names holds ("Rust Blog" of blog.rust-lang.org)."""
    words = [word for word in map(bare, _WORD.findall(text)) if word not in _COMMON]
    fits = 1 <= len(words) <= 4 and sum(map(len, words)) >= 4
    return fits and any(all(word in name for word in words) for name in names)
