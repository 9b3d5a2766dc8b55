"""Title of an article, by agreement of the places where a page gives it."""

from __future__ import annotations

import re

from transforms.articles.sites import bare, is_exact_site_name, is_of_site_words, is_site_name
from transforms.articles.witnesses import Witnesses

MAX_CHARS = 400

MIN_OVERLAP = 0.4
"""Share of words that a heading has in common with another witness to be the article's own (search engines are given
other wordings of it) and not a section's or the site's."""

MIN_SUBHEADING_OVERLAP = 0.6
"""The same for a heading of the second rank, on a page that has none of the first."""

MIN_HEADLINE_CHARS = 20
"""A part of a title this long may be the headline by itself."""

MIN_SAME = 0.8
"""Share of words in common of two spellings of one title."""

MIN_WORDS = 3
"""Words of a title below which each of them may stand in another title by chance."""

_WORD = re.compile(r"\w+")
_SEPARATOR = re.compile(r"\s+[|–—\-•·»«:~/\\]+\s+|\s*[|»]\s*|\s*::\s*")
_ADDITION = re.compile(r"\s[|–—-]\s[^|]{2,40}")
_HEADLINE_METAS = ("headline", "parsely-title", "sailthru.title", "dc.title", "citation_title", "title")


def find_title(said: Witnesses, names: frozenset[str]) -> str | None:
    """Choose the article's title.

    The visible heading is what readers know as the title; it is taken where another witness (JSON-LD, Open Graph, the
    title element) agrees with it. Else the witnesses speak in the order of how often they are right alone.

    Args:
        said: The page's witnesses.
        names: Bare names of the site, cut from the ends of titles.
    """
    headings = [text for raw in said.headings if _usable(text := strip_site(raw, names), names)]
    others = [
        stripped
        for raw in (said.article.headline, said.first("og:title"), said.first("twitter:title"), said.title)
        if raw and _usable(stripped := strip_site(raw, names, headings), names)
    ]
    others = [_shortest(other, others) for other in others]
    if not headings:
        headings = [
            text
            for raw in said.subheadings
            if _usable(text := strip_site(raw, names), names) and _agreement(text, others) >= MIN_SUBHEADING_OVERLAP
        ]
    shared = [_agreement(heading, others) for heading in headings]
    if shared and max(shared) >= MIN_OVERLAP:
        return _in_small_letters(headings[shared.index(max(shared))], others)
    for index, other in enumerate(others):
        if any(bare(other) == bare(third) for third in others[index + 1 :]):
            return other
    metas = [given for name in _HEADLINE_METAS if (given := said.first(name)) and _usable(given, names)]
    if len(headings) == 1 and not (others and _is_section(headings[0])):
        return headings[0]
    return next(iter([*others, *metas, *headings]), None)


def strip_site(title: str, names: frozenset[str], headings: list[str] | None = None) -> str:
    """Cut the site's name, and a section before it, off a title.

    A part at the end is cut where it is a name of the site, or where what stands before it is a heading of the page.
    """
    title = " ".join(title[: 2 * MAX_CHARS].split())
    for heading in headings or ():
        if len(bare(heading)) >= 10 and title.casefold().startswith(heading.casefold()):
            rest = title[len(heading) :]
            if not rest or _SEPARATOR.match(rest if rest[0] == " " else " " + rest):
                return title[: len(heading)]
    parts = title.split(" | ")
    if len(parts) > 2 and len(longest := max(parts, key=len)) >= MIN_HEADLINE_CHARS:
        title = longest.strip()  # headline, section and site
    while True:
        cuts = list(_SEPARATOR.finditer(title))
        if not cuts:
            return title
        head, tail = title[: cuts[-1].start()].strip(), title[cuts[-1].end() :].strip()
        first, rest = title[: cuts[0].start()].strip(), title[cuts[0].end() :].strip()
        if head and (is_site_name(tail, names) or is_of_site_words(tail, names)):
            title = head
        elif rest and is_exact_site_name(first, names):
            title = rest
        else:
            return title


def _shortest(title: str, others: list[str]) -> str:
    """The title without an addition at its end that another witness does not have."""
    heads = [other for other in others if len(other) >= MIN_HEADLINE_CHARS and title.startswith(other)]
    shortest = min(heads, key=len, default=title)
    return shortest if _ADDITION.fullmatch(title[len(shortest) :]) else title


def _usable(text: str, names: frozenset[str]) -> bool:
    return 3 <= len(text) <= MAX_CHARS and len(bare(text)) >= 2 and not is_site_name(text, names)


def _is_section(heading: str) -> bool:
    """True for a word or two: where no other witness shares them, they name a section rather than an article."""
    return len(_WORD.findall(heading)) <= 2


def _in_small_letters(heading: str, others: list[str]) -> str:
    """A heading, or what another witness writes in small letters of one all in capitals."""
    if not heading.isupper():
        return heading
    return next((other for other in others if not other.isupper() and _overlap(heading, other) >= MIN_SAME), heading)


def _agreement(heading: str, others: list[str]) -> float:
    return max((_overlap(heading, other) for other in others), default=0.0)


def _overlap(heading: str, other: str) -> float:
    """Likeness of two titles, 0 to 1: by their words, or 1 where one is the beginning of the other.

    A word or two that stand in the middle of a longer title are like it only by their share of it.
    """
    a, b = bare(heading), bare(other)
    if a == b or (min(len(a), len(b)) >= 12 and (a.startswith(b) or b.startswith(a))):
        return 1.0
    mine, theirs = set(_WORD.findall(heading.casefold())), set(_WORD.findall(other.casefold()))
    smaller, larger = sorted((len(mine), len(theirs)))
    return len(mine & theirs) / max(1, larger if smaller < MIN_WORDS else smaller)
