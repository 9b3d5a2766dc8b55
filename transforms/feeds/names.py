"""The names of a feed's elements: which namespace is which, so that one name stands for each meaning.

Names follow feedparser: the prefix of a known namespace, an underscore and the local name in lower case (`dc_creator`);
elements of RSS, RDF's RSS and Atom have no prefix. A namespace that is not known keeps the prefix that the document
gives it, as many feeds write the address of a namespace wrongly and its prefix rightly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ATOM_10: Final = "http://www.w3.org/2005/Atom"
ATOM_03: Final = "http://purl.org/atom/ns#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RSS_10: Final = "http://purl.org/rss/1.0/"
RSS_090: Final = "http://my.netscape.com/rdf/simple/0.9/"
XHTML: Final = "http://www.w3.org/1999/xhtml"
XML: Final = "http://www.w3.org/XML/1998/namespace"

_CORE: Final = {uri.lower() for uri in (ATOM_10, ATOM_03, RSS_10, RSS_090)}
_USERLAND: Final = "backend.userland.com/rss"
"""Stands in the addresses that RSS 0.9x and 2.0 once had for a namespace."""

_PREFIXES: Final = {
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
"""Namespaces in lower case, as feeds spell them in every way."""

_KNOWN: Final = frozenset(_PREFIXES.values())


def prefix_of(uri: str) -> str | None:
    """The prefix that stands for a namespace, "" for those of the formats themselves, None for an unknown one."""
    lowered = uri.lower()
    if not lowered or lowered in _CORE or _USERLAND in lowered:
        return ""
    return _PREFIXES.get(lowered)


def name_of(tag: str, given: str | None) -> str:
    """An element's name, from lxml's tag (`{namespace}local`) and the prefix that the document gives it."""
    uri, _, local = tag[1:].rpartition("}") if tag[0] == "{" else ("", "", tag)
    prefix = prefix_of(uri)
    if prefix is None:
        prefix = (given or "").lower()
    return f"{prefix}_{local}".lower() if prefix else local.lower()


def is_twisted(declared: Mapping[str | None, str]) -> bool:
    """True where a document gives one known namespace the usual prefix of another, by which readers may take it."""
    return any(
        prefix is not None and prefix.lower() in _KNOWN and (meant := prefix_of(uri)) is not None and meant != prefix
        for prefix, uri in declared.items()
    )
