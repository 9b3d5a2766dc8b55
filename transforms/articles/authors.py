"""Authors of an article: people's names, not the outlet, a desk or "Staff"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml.etree import XPath

from transforms.articles.sites import bare, is_site_name
from transforms.articles.witnesses import Witnesses, text_of

MAX_AUTHORS = 12
_MAX_ELEMENTS = 4
_MAX_NAME_CHARS = 60
_MAX_BYLINE_CHARS = 500
_METAS = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "byl", "byline",
    "citation_author", "article:author_name", "og:article:author",
)  # fmt: skip
_OUTSIDE = "not(ancestor::aside or ancestor::footer or ancestor::nav or ancestor::*[contains(@class, 'comment')])"
_LINKS = XPath(f"//*[@rel][contains(concat(' ', @rel, ' '), ' author ')][{_OUTSIDE}]")
_MICRODATA = XPath(f"//*[@itemprop][contains(concat(' ', @itemprop, ' '), ' author ')][{_OUTSIDE}]")
_CLASSED = XPath("//*[@class][contains(@class, 'uthor') or contains(@class, 'yline')]")
_NAME_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])by-?line|author(?:s|[-_]*(?:name|link|title|info\w*))?(?:$|[\s_-])|author[-_]*name"
)
_OUTSIDE_TAGS = frozenset({"aside", "footer", "nav", "form", "body", "article", "main", "html", "img", "svg", "figure"})
_PROFILE_PATHS = ("author", "profile", "by/", "people/", "contributor", "journalist", "reporter", "columnist",
                  "correspondent", "staff/")  # fmt: skip
_PROFILE_LINKS = XPath(
    "//a[" + " or ".join(f"contains(@href, '/{path}')" for path in _PROFILE_PATHS) + f"][{_OUTSIDE}]"
)
_BY_TEXT = XPath(
    "//text()[starts-with(normalize-space(.), 'By ') or starts-with(normalize-space(.), 'by ')"
    " or normalize-space(.)='By' or starts-with(normalize-space(.), 'Written by')]"
    f"/parent::*[not(self::script or self::style or self::title)][string-length(normalize-space(.)) < 120][{_OUTSIDE}]"
)
_LEADING = re.compile(
    r"(?i)^\W*(?:(?:written|posted|published|reported|authored|edited|reviewed|story|words|text|report)\s+by|by|von|por|par|di|da"
    r"|автор(?:ы)?|текст|نویسنده|گزارشگر|author|authors|contributors?)\s*[:：]?\s+"
)
_SPLIT = re.compile(r"\s*(?:[;|/·•\n]|,|(?<=\w)\s+(?:and|&|with|und|y|et|и|و)\s+)\s*")
_TRAILING = re.compile(
    r"(?i)\s*(?:[(\[@<].*|\b(?:in|at|for)\s+[A-Z].*|\s[-–—]\s.*|\d.*|\s(?:on\s+)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)\b.*|\bupdated\b.*|\bpublished\b.*)$"
)
_NOBODY = re.compile(
    r"(?i)\b(?:staff|admin(?:istrator)?|editors?|editorial|newsroom|news\s?desk|web\s?desk|desk|agenc(?:y|ies)|team|correspondents?"
    r"|reporters?|writers?|contributors?|bureau|service|press|reuters|afp|associated|wire|media|network|online|guest|unknown"
    r"|anonymous|user|redaktion|redacción|rédaction|редакци\w*|корреспондент\w*|subscribe|follow|share|comments?|minutes?"
    r"|ago|about|authors?|written|expert|director|officer|manager|analyst|advis[eo]r|founder|ceo|professor|senior|updated|published|posted|contact|email|twitter|facebook|inc|ltd|llc|company|group|foundation|university|institute"
    r"|hospital|department|ministry|center|centre|magazine|times|tribune|herald|gazette|journal|january|february|march|april|june|july|august|september|october|november|december)\b"
)
_CREDENTIAL = re.compile(
    r"^(?:[A-Z]{1,3}\.?){1,2}[A-Za-z]{0,3}\.?®?$|^(?:Jr|Sr|Ph\.?D|M\.?D|Esq|RN|RD|CFP®?|CPA|DVM|MBA|CNN|BBC|NPR)\.?$"
)
_TITLES = re.compile(r"(?i)^(?:dr|prof|mr|mrs|ms|sir)\.?\s+")


def find_authors(tree: Any, said: Witnesses, names: frozenset[str]) -> tuple[str, ...]:
    """Names of the article's authors in their order; empty where only an outlet or a desk signs.

    JSON-LD is asked first, then meta elements, rel=author, microdata, and at last elements classed as a byline.

    Args:
        tree: The page.
        said: The page's witnesses.
        names: Bare names of the site.
    """
    metas = [content for name in _METAS for content in said.meta.get(name, ())]
    if "written by" in (said.first("twitter:label1") or "").lower():
        metas += said.meta.get("twitter:data1", [])
    for statements in (said.article.authors, metas):
        found = clean_names(statements, names)
        if found:
            return found
    root = tree.getroottree().getroot()
    # Lists of other stories carry bylines too, but below the article's own: the first that names somebody wins.
    for elements in (_MICRODATA, _LINKS):
        found = clean_names(_texts(elements(root)[:_MAX_ELEMENTS]), names)
        if found:
            return found
    for candidates in (_classed(root), _BY_TEXT(root), _PROFILE_LINKS(root)):
        for text in _texts(candidates[:_MAX_ELEMENTS]):
            found = clean_names((text,), names)
            if found:
                return found
    return ()


def _classed(root: Any) -> list[Any]:
    """Elements whose class calls them a byline or an author's name, outside the page's margins."""
    return [
        node
        for node in _CLASSED(root)
        if _NAME_CLASS.search(node.get("class"))
        and node.tag not in _OUTSIDE_TAGS
        and not any(
            up.tag in {"aside", "footer", "nav"} or "comment" in (up.get("class") or "") for up in node.iterancestors()
        )
    ]


def clean_names(statements: Iterable[str], names: frozenset[str]) -> tuple[str, ...]:
    """Part bylines into names of people; what is no person's name is left out."""
    found: dict[str, str] = {}
    for statement in statements:
        for part in _parts(statement):
            name = _TRAILING.sub("", _TITLES.sub("", part)).strip(" .,:;-–—|\"'“”*")
            if _is_person(name, names):
                found.setdefault(bare(name), name)
    return tuple(found.values())[:MAX_AUTHORS]


def _texts(elements: Iterable[Any]) -> Iterator[str]:
    for element in elements:
        named = element.xpath(".//*[contains(concat(' ', @itemprop, ' '), ' name ')]")
        text = element.get("content") or text_of(named[0] if named else element)
        if 0 < len(text) <= 200:
            yield str(text)


def _parts(statement: str) -> Iterator[str]:
    statement = _LEADING.sub("", " ".join(statement[:_MAX_BYLINE_CHARS].split()))
    if re.match(r"(?i)(?:https?:)?//|www\.", statement):
        return
    if statement.isupper() and len(statement) > 4:
        statement = statement.title()
    for part in _SPLIT.split(statement):
        part = _LEADING.sub("", part)
        if part:
            yield part


def _is_person(name: str, names: frozenset[str]) -> bool:
    words = name.split()
    if not 2 <= len(name) <= _MAX_NAME_CHARS or len(words) > 5 or "@" in name or "://" in name:
        return False
    if not name[0].isalpha() or any(c.isdigit() for c in name) or _CREDENTIAL.match(name) or _NOBODY.search(name):
        return False
    if is_site_name(name, names):
        return False
    # Scripts without case have no capitals to go by; a single word is a name only when it is written as one.
    return not name[0].islower() or (len(words) > 1 and words[-1][0].isupper())
