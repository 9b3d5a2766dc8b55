"""Addresses under which one article is served: over http and https, for phones, as AMP, for printing.

`identity_of` gives what such addresses share. It names the article (its id is a hash of it) and is never asked for: the
address that is shown and fetched stays the one that the publisher gives.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from transforms.articles.canonical import canonicalise, registrable_domain

_HOSTS = re.compile(r"(www\d?|m|mobile|mobil|touch|wap|amp)\.")
_FORMS = frozenset({"amp", "print", "printable", "print-version", "mobile"})
_INDEX = re.compile(r"(?i)/(index|default)\.(html?|php|aspx?|jsp)$")
_AMP_SUFFIX = re.compile(r"(?i)\.amp(?=(\.html?)?$)")
_FORM_PARAMETERS = frozenset(
    {
        "amp", "amp=1", "amp=true", "amp=0", "is_amp=1", "isamp=1", "outputtype=amp", "output=amp", "format=amp",
        "view=amp", "print", "print=1", "print=true", "print=y", "print=yes", "printable=1", "view=print",
        "format=print", "output=print", "mode=print", "display=print", "printmode=1",
        "m=1", "mobile=1", "mobile=true", "view=mobile", "outputtype=mobile",
    }
)  # fmt: skip
"""Parameters that choose a form of the page, with the value that chooses it; with another value they may name it."""


def link_identity(url: str) -> str | None:
    """What all addresses of the linked article share; None for what is no http or https URL."""
    canonical = canonicalise(url)
    return None if canonical is None else identity_of(canonical)


def identity_of(canonical_url: str) -> str:
    """What all addresses of one article share, from one of them in canonical form.

    Folded are the scheme, host names for phones and AMP (never a part of the registrable domain), empty segments, an
    index file at the end, and forms for AMP and for printing: below a part of the path that names an article, or as a
    parameter. Applying it twice changes nothing. What is no web address is given back as it is.
    """
    parts = urlsplit(canonical_url)
    if parts.scheme not in {"http", "https"}:
        return canonical_url
    netloc = _host(parts.netloc, registrable_domain(canonical_url) or parts.netloc)
    query = "&".join(p for p in parts.query.split("&") if p and p.lower() not in _FORM_PARAMETERS)
    return urlunsplit(("https", netloc, _path(parts.path), query, ""))


def _host(netloc: str, registered: str) -> str:
    while (label := _HOSTS.match(netloc)) and len(netloc.partition(":")[0]) - label.end() >= len(registered):
        netloc = netloc[label.end() :]
    return netloc


def _path(path: str) -> str:
    while (shorter := _without_form(path)) != path:
        path = shorter
    return path or "/"


def _without_form(path: str) -> str:
    first, *others = _AMP_SUFFIX.sub("", _INDEX.sub("", path)).split("/")
    segments = [first, *filter(None, others)]  # an empty one tells no article apart, and could hide a form behind it
    if len(segments) > 2 and segments[-1].lower() in _FORMS and _names_article(segments[-2]):
        segments.pop()
    elif len(segments) > 2 and segments[1].lower() in _FORMS and _names_article(segments[-1]):
        del segments[1]
    return "/".join(segments)


def _names_article(segment: str) -> bool:
    """True for a number or a headline: `a-b-c-d`, `20240517`, `n991234.html`; sections have short names."""
    return sum(c.isdigit() for c in segment) >= 4 or segment.count("-") >= 3 or segment.count("_") >= 3
