"""Authors of an article: people's names, not the outlet, a desk or "Staff"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from transforms.articles.elements import Elements, raw_text
from transforms.articles.masthead import NO_MASTHEAD, Masthead
from transforms.articles.sites import bare, is_site_name
from transforms.articles.witnesses import Witnesses

MAX_AUTHORS = 12
_MAX_ELEMENTS = 4
_MAX_NAME_CHARS = 60
_MAX_BYLINE_CHARS = 500
_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline",
    "citation_author", "article:author_name", "og:article:author",
)  # fmt: skip
_MARGINS = frozenset({"aside", "footer", "nav", "form"})
_TOO_LARGE = frozenset(
    {"body", "article", "main", "html", "img", "svg", "figure", "script", "style", "noscript", "button"}
)
_NAME_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])by-?line|author(?:s|[-_]*(?:name|link|title|info\w*))?(?:$|[\s_-])|author[-_]*name"
    r"|author(?-i:Container|Wrapper|Block|Row|Line|Label|Text|Details|List)"
)
_PROFILE = re.compile(
    r"(?i)/(?:authors?|profiles?|by|people|contributors?|journalists?|reporters?|columnists?|correspondents?|staff"
    r"|writers?|team|users?|u|person|persona|autor(?:es)?|auteurs?|avtor|avtory)/[^/?#]"
)
_BY = re.compile(
    r"(?i)^\W*(?:(?:(?:article|story|post|guide)\s+)?(?:written|authored)\s+by\b"
    r"|(?:article|words|story|report(?:ed|ing)?|text|posted|published)\s+by\b|by\b|von\b|por\b|par\b|door\b"
    r"|автор(?:ы)?\b|текст\b|نویسنده|گزارشگر|خبرنگار|لیکوال)\s*[:：]?"
)
_MAX_BY_CHARS = 120
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
# Far from the headline only a label counts that begins no sentence.
_LABEL = re.compile(
    r"(?i)^\W*(?:(?:(?:article|story|post|guide)\s+)?(?:written|authored)\s+by|(?:article|words|story|text)\s+by"
    r"|автор(?:ы)?\s*:|نویسنده\s*[:：])"
)
_LEADING = re.compile(
    r"(?i)^\W*(?:(?:(?:article|story|post|guide)\s+)?(?:written|posted|published|reported|authored|edited|reviewed)\s+by"
    r"|(?:article|story|words|text|report)\s+by|by|von|por|par|di|da"
    r"|автор(?:ы)?|текст|نویسنده|گزارشگر|author|authors|contributors?)\s*[:：]?\s+"
)
_SPLIT = re.compile(r"\s*(?:[;|/·•\n]|,|(?<=\w{4})\.(?=\s[A-Z])|(?<=\w)\s+(?:and|&|with|und|y|et|и|و)\s+)\s*")
_TRAILING = re.compile(
    r"(?i)\s*(?:[(\[@<].*|\b(?:in|at|for)\s+[A-Z].*|\son\s+behalf\b.*|\s[-–—]\s.*|\d.*|\s(?:on\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\b.*|\bupdated\b.*|\bpublished\b.*)$"
)
_NOBODY = re.compile(
    r"(?i)\b(?:staff|admin(?:istrator)?|editors?|editorial|newsroom|news\s?desk|web\s?desk|desk|agenc(?:y|ies)|team|correspondents?"
    r"|reporters?|writers?|contributors?|bureau|service|press|reuters|afp|associated|wire|media|network|online|guest|unknown"
    r"|anonymous|user|redaktion|redacción|rédaction|редакци\w*|корреспондент\w*|consultant|coordinator|engineer|architect|chief|former|marketing|freelance|journalist|columnist|photographer|blogger|specialist|strategist|executive|president|producer|research(?:er)?|subscribe|login|sign|account|profile|privacy|policy|youtube|instagram|linkedin|view|hardware|commons|license|follow|share|comments?|minutes?"
    r"|ago|about|authors?|written|expert|director|officer|manager|analyst|advis[eo]r|founder|ceo|professor|senior|updated|published|posted|contact|email|twitter|facebook|inc|ltd|llc|company|group|foundation|university|institute"
    r"|hospital|department|ministry|center|centre|magazine|times|tribune|herald|gazette|journal|january|february|march|july|september|october|november|december)\b"
)
_CREDENTIAL = re.compile(
    r"^(?=.*[A-Z].*[A-Z]|.*\.)(?:[A-Z]{1,3}\.?){1,2}[A-Za-z]{0,3}\.?®?$|^(?:Jr|Sr|Ph\.?D|M\.?D|Esq|RN|RD|CFP®?|CPA|DVM|MBA|CNN|BBC|NPR)\.?$"
)
# Each capital begins a group of its own: were capitals let into a group, a run of them could be cut in 2^n ways.
_DEGREE = re.compile(r"(?:[A-Z][a-z]{0,3}\.?)*[A-Z]\.?(?:\s\(.{2,30}\))?$")
_TITLES = re.compile(r"(?i)^(?:mr|mrs|ms)\.?\s+")
_CONNECTS = re.compile(r"(?i)(?:\b(?:by|and|von|por|par|und|et|y|и|و)|[:：,;|&])\s*$")
# Contractions, articles and the acronyms of outlets ("CNN Business") are no part of a name.
_NO_NAME = re.compile(r"['’](?:ve|ll|re|m)\b|^(?:The|Our|Your|My|This)\s|\b[A-Z]{3,}\b")
_IS = re.compile(r"\s(?:is|was|has|writes|covers|works|lives|leads|reports|edits)\b")
_INITIALS = re.compile(r"([A-Z]{2,3})\s+(?=[A-Z])")
_PARTICLES = frozenset(
    {
        "de", "la", "le", "du", "des", "del", "della", "der", "den", "van", "von", "vom", "und", "bin", "bint", "ibn",
        "al", "el", "ul", "ur", "y", "e", "da", "dos", "das", "do", "di", "ter", "ten", "zu", "af", "av", "abu", "ben",
    }
)  # fmt: skip


def find_authors(
    page: Elements, said: Witnesses, names: frozenset[str], masthead: Masthead = NO_MASTHEAD
) -> tuple[str, ...]:
    """Names of the article's authors in their order; empty where only an outlet or a desk signs.

    JSON-LD is asked first, then meta elements, rel=author and microdata, and at last what the page shows: elements
    classed as a byline, lines around the headline that begin like one, links to profiles there, names with degrees
    there, lines anywhere that begin with a label, and the one person whom a note introduces. A byline that names those
    of the markup and more is believed before it; one that names others, before meta elements. Lists of other stories
    carry bylines too, so that of what is shown the first that names somebody wins, and a name has to look more like
    one.

    Args:
        page: The page.
        said: Its witnesses.
        names: Bare names of the site.
        masthead: What stands around the headline.
    """
    metas = [content for name in _METAS for content in said.meta.get(name, ())]
    if "written by" in (said.first("twitter:label1") or "").lower():
        metas += said.meta.get("twitter:data1", [])
    found = clean_names(said.article.authors, names)
    if found:
        return _fuller(found, _shown(_bylines(chain(masthead.elements, _labels(page)), masthead), names))
    found = clean_names(metas, names)
    if found:
        shown = _shown(_bylines(chain(masthead.elements, _labels(page)), masthead), names)
        # A system of managing content writes the account into the meta elements, the page shows who wrote.
        return _fuller(found, shown) if {*map(bare, found)} & {*map(bare, shown)} else shown or found
    attributed = (node for node in _attributed(page) if not _lies_in_margin(node, masthead))
    found = clean_names(_texts(islice(attributed, _MAX_ELEMENTS)), names, strict=True)
    if found:
        return found
    for candidates in (_classed(page, masthead), _bylines(masthead.elements, masthead), _profiles(masthead)):
        found = _shown(candidates, names)
        if found:
            return found
    found = _qualified(masthead, names) or _shown(_bylines(_labels(page), masthead), names)
    return found or _introduced(page, names, masthead)


def _shown(candidates: Iterable[Any], names: frozenset[str]) -> tuple[str, ...]:
    """Names in the first element that holds any."""
    for node in islice(candidates, _MAX_ELEMENTS):
        for text in _texts((node,)):
            found = clean_names((text,), names, strict=True)
            if found:
                return found
        found = tuple(name for link in node.iter("a") if (name := _linked(link)) and _is_person(name, names))
        if found:
            return found
    return ()


def _linked(link: Any) -> str | None:
    """Text of a link to a profile that is named after it: there even one word is a name."""
    text = " ".join(raw_text(link).split())
    profile = _PROFILE.search(link.get("href") or "")
    return text if profile and len(bare(text)) > 2 and bare(text) in bare(profile.string[profile.end() - 1 :]) else None


def _fuller(stated: tuple[str, ...], shown: tuple[str, ...]) -> tuple[str, ...]:
    """The names that a page shows, where they are those stated in its markup and more."""
    forms = [bare(name) for name in shown]
    if len(shown) > len(stated) and all(any(bare(name) in form for form in forms) for name in stated):
        return shown
    return stated


def _attributed(page: Elements) -> list[Any]:
    """Elements whose `rel` or `itemprop` calls them the author."""
    said = (*page.with_attribute("rel"), *page.with_attribute("itemprop"))
    return page.ordered(node for node, value in said if "author" in value.split())


def _classed(page: Elements, masthead: Masthead) -> Iterator[Any]:
    """Elements whose class calls them a byline or an author's name, outside the page's margins."""
    return (
        node
        for node, called in page.with_attribute("class")
        if ("uthor" in called or "yline" in called)
        and _is_name_class(called)
        and node.tag not in _TOO_LARGE
        and not _lies_in_margin(node, masthead)
    )


@lru_cache(maxsize=4096)
def _is_name_class(names: str) -> bool:
    """True for the class of a byline or of an author's name; a page calls many elements alike."""
    return _NAME_CLASS.search(names) is not None


def _bylines(elements: Iterable[Any], masthead: Masthead) -> Iterator[Any]:
    """Lines such as `By Ida Holm`; for the label `Written by` alone, the element after it or around it."""
    for node in elements:
        opening = node.text or (node[0].text if len(node) else None)
        label = _BY.match(opening) if opening and not opening.isspace() else None
        if label is None or node.tag in _TOO_LARGE or _lies_in_margin(node, masthead):
            continue
        text = raw_text(node).strip()
        candidates = [node]
        if len(text) <= label.end() + 1:
            candidates = [other for other in (node.getparent(), node.getnext()) if other is not None]
        for each in candidates:
            if 0 < len(raw_text(each).strip()) <= _MAX_BY_CHARS:
                yield each
                break


def _labels(page: Elements) -> Iterator[Any]:
    """Elements anywhere on the page that begin with a label such as `Written by`."""
    elements = page.named("p", "div", "span", *_HEADINGS)
    return (node for node in elements if (text := node.text) and not text.isspace() and _LABEL.match(text))


def _qualified(masthead: Masthead, names: frozenset[str]) -> tuple[str, ...]:
    """Names in a line below the headline that is nothing but names and degrees, at least one of each."""
    for node in masthead.elements:
        if len(node) > 2 or node.tag in _TOO_LARGE:
            continue
        lines = raw_text(node, most=_MAX_BYLINE_CHARS).splitlines()
        parts = [part for line in lines for part in _SPLIT.split(" ".join(line.split()))]
        degrees = [part for part in parts if _DEGREE.match(part)]
        people = [part for part in parts if part and part not in degrees]
        if not degrees or not people or _lies_in_margin(node, masthead):
            continue
        if all(len(name.split()) > 1 and _is_person(name, names) for name in people):
            return tuple(dict.fromkeys(people))[:MAX_AUTHORS]
    return ()


def _introduced(page: Elements, names: frozenset[str], masthead: Masthead) -> tuple[str, ...]:
    """The one name that is a heading by itself above a note on its bearer: `Ida Holm`, `Ida is a writer in Vess.`"""
    found: dict[str, str] = {}
    for node in page.named("h3", "h4", "h5", "h6"):
        name, note = " ".join(raw_text(node).split()), node.getnext()
        if (
            note is None
            or not 2 <= len(name.split()) <= 3
            or not _is_person(name, names)
            or _lies_in_margin(node, masthead)
        ):
            continue
        text = "".join(islice(note.itertext(), 4)).strip()
        if any(text.startswith(called) and _IS.match(text, len(called)) for called in (name, name.split()[0])):
            found.setdefault(bare(name), name)
    return tuple(found.values()) if len(found) == 1 else ()


def _profiles(masthead: Masthead) -> Iterator[Any]:
    return (node for node in masthead.elements if node.tag == "a" and _PROFILE.search(node.get("href") or ""))


def _lies_in_margin(node: Any, masthead: Masthead) -> bool:
    """True in a margin of the page, or in its comments; what the whole page is called says nothing.

    A margin that holds the headline is one that was never closed.
    """
    return any(
        (up.tag in _MARGINS and up not in masthead.holders)
        or ("comment" in (up.get("class") or "") and up.tag not in _TOO_LARGE)
        for up in (node, *node.iterancestors())
    )


def clean_names(statements: Iterable[str], names: frozenset[str], *, strict: bool = False) -> tuple[str, ...]:
    """Part bylines into names of people; what is no person's name is left out.

    Args:
        statements: Bylines.
        names: Bare names of the site.
        strict: Ask for two words or more, each with a capital where the script has any: for words that merely stand
            where a byline would.
    """
    found: dict[str, str] = {}
    for statement in statements:
        for part in _parts(statement):
            name = _without_initials(_TRAILING.sub("", _TITLES.sub("", part)).strip(" .,:;-–—|\"'“”*"))
            if _is_person(name, names) and (not strict or len(name.split()) > 1):
                found.setdefault(bare(name), name)
    return tuple(found.values())[:MAX_AUTHORS]


def _texts(elements: Iterable[Any]) -> Iterator[str]:
    """Texts of elements; where one consists of several, these are kept apart unless they run on."""
    for element in elements:
        named = element.xpath(".//*[contains(concat(' ', @itemprop, ' '), ' name ')]")
        text = element.get("content") or _apart(named[0] if named else element)
        if 0 < len(text) <= 200:
            yield str(text)


def _apart(element: Any) -> str:
    """Text of an element; a bar stands between its parts, save after "By" and its like and within a name."""
    joined = ""
    for chunk in element.itertext():
        words = " ".join(chunk.split())
        if not words:
            continue
        runs_on = not joined or _CONNECTS.search(joined) or len(joined.rsplit("|", 1)[-1].split()) < 2
        joined += (" " if runs_on else " | ") + words
    return joined.strip()


def _parts(statement: str) -> Iterator[str]:
    statement = _LEADING.sub("", " ".join(statement[:_MAX_BYLINE_CHARS].split()))
    if re.match(r"(?i)(?:https?:)?//|www\.", statement):
        return
    for part in _SPLIT.split(statement):
        part = _LEADING.sub("", part)
        if part:
            yield part.title() if part.isupper() and len(part.split()) > 1 else part


def _without_initials(name: str) -> str:
    """A name without its own initials before it, which stand in for a portrait."""
    found = _INITIALS.match(name)
    rest = name[found.end() :] if found else name
    return rest if found and found[1] == "".join(word[0] for word in rest.split()) else name


def _is_person(name: str, names: frozenset[str]) -> bool:
    words = name.split()
    if not 2 <= len(name) <= _MAX_NAME_CHARS or len(words) > 5 or "@" in name or "://" in name:
        return False
    if not name[0].isalpha() or any(c.isdigit() for c in name) or _CREDENTIAL.match(name) or _NOBODY.search(name):
        return False
    if is_site_name(name, names) or _NO_NAME.search(name):
        return False
    # Scripts without case have no capitals to go by; a single word is a name only when it is written as one.
    if name[0].islower():
        return len(words) > 1 and words[-1][0].isupper()
    return all(not word[0].islower() or word in _PARTICLES for word in words)
