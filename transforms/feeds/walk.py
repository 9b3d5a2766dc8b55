"""Walks a well-formed feed and notes the facts of its channel and entries, by feedparser's rules.

Of an element that occurs twice, the one that lies higher wins, and of two at one height the later, save for titles, of
which the first counts; a second description is content; an element is known wherever it lies within its entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from transforms.feeds.dates import read_usual_date
from transforms.feeds.entries import is_plain_url
from transforms.feeds.names import ATOM_03, ATOM_10, RDF, RSS_090, RSS_10, XML, is_twisted, name_of
from transforms.feeds.reading import Facts, NotSureError, Reading
from transforms.feeds.text import as_text, name_in
from transforms.feeds.xhtml import XHTML_TYPE, markup_of

_HTML_TYPES: Final = {"text/html", XHTML_TYPE}
_TYPES: Final = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": XHTML_TYPE}
_READ_TYPES: Final = {"text/plain", *_HTML_TYPES}
_BASE: Final = f"{{{XML}}}base"
_LANG: Final = f"{{{XML}}}lang"
_ABOUT: Final = f"{{{RDF}}}about"
_XML: Final = f"{{{XML}}}"
_SLASHES: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/*")
_LOOSE_AMPERSAND: Final = re.compile(r"&([A-Za-z0-9_]+);")

_PERSON: Final = {"name": "name", "email": "email", "uri": "href", "url": "href", "homepage": "href"}
_IN_IMAGE: Final = {"title", "link", "description", "url", "href", "width", "height"}
_IN_INPUT: Final = {"title", "link", "description", "name"}
_MARKUP: Final = frozenset(
    {"copyright", "dc_rights", "generator", "info", "itunes_subtitle", "rights", "subtitle", "tagline"}
)
"""Elements of which nothing is kept, but which may hold markup that is not to be taken for the feed's."""
_ODD: Final = frozenset(
    {"abstract", "authors", "body", "content_detail", "contributors", "date", "description_detail", "entries", "href"}
    | {"feedburner_browserfriendly", "itunes_link", "links", "published_parsed", "rdf_rdf", "rss"}
    | {"summary_detail", "tags", "title_detail", "updated_parsed", "created_parsed", "xhtml_body", "channel", "feed"}
)
"""Elements that feedparser reads in a way of its own, or files under a key that means something else."""


class Walk:
    """One walk through one document.

    Args:
        root: Its root, an lxml element without comments.
        base_url: Absolute http or https URL of the document.
        language: As the server states it.
        has_bases: False where no element can have an xml:base.
    """

    def __init__(self, root: Any, base_url: str, language: str | None, *, has_bases: bool) -> None:
        self._root = root
        self._base_url = base_url
        self._has_bases = has_bases
        self._channel: Facts = {"language": language.replace("_", "-")} if language else {}
        self._entries: list[Facts] = []
        self._entry: Facts | None = None
        self._heights: dict[str, int] = {}  # how deep each fact of the entry lay
        self._in_feed = False
        self._title_depth = -1
        self._has_content = False
        self._names: dict[tuple[str, str | None], str] = {}
        self._atom_10 = False

    def reading(self) -> Reading:
        """All that the document says.

        Raises:
            NotSureError: The document is feedparser's to read.
        """
        root, declared = self._root, self._root.nsmap
        if is_twisted(declared):
            raise NotSureError("prefixes")
        version = _version(root.tag, declared)
        self._atom_10 = version == "atom10"
        language = root.get(_LANG, root.get("lang"))
        if language and version not in ("rss10", "rss090"):
            self._channel["language"] = language.replace("_", "-")
        self._in_feed = version.startswith("atom")
        self._walk(root, 1, self._based(root, self._base_url) if self._has_bases else self._base_url)
        return Reading(version, self._channel, self._entries)

    def _walk(self, parent: Any, depth: int, base: str) -> None:
        for element in parent:
            name = self._name(element)
            here = self._based(element, base) if self._has_bases else base
            read = _READERS.get(name)
            if read is not None:
                read(self, element, name, depth + 1, here)
            elif name in _ODD:
                raise NotSureError(name)
            elif len(element):
                if name in _MARKUP:
                    raise NotSureError(name)
                self._walk(element, depth + 1, here)

    def _name(self, element: Any) -> str:
        key = (element.tag, element.prefix)
        if key not in self._names:
            tag, prefix = key
            uri = tag[1:].partition("}")[0] if tag[0] == "{" else ""
            if prefix is not None and self._root.nsmap.get(prefix) != uri and is_twisted({prefix: uri}):
                raise NotSureError(prefix)
            self._names[key] = name_of(tag, prefix)
        return self._names[key]

    def _based(self, element: Any, base: str) -> str:
        for key, value in element.items():
            if key.lower().endswith("base") and value:
                joined = self._joined(base, value)
                if key != _BASE or urlsplit(joined).scheme not in ("http", "https"):
                    raise NotSureError(key)
                base = joined
        return base

    @staticmethod
    def _joined(base: str, url: str) -> str:
        if is_plain_url(url):
            return url
        try:
            return urljoin(base, _SLASHES.sub(r"\1", url))
        except ValueError:
            return ""

    @property
    def _facts(self) -> Facts:
        return self._channel if self._entry is None else self._entry

    def _note(self, key: str, value: str, depth: int) -> bool:
        """Notes a fact unless one that lay higher is known; False where it counts for nothing."""
        if self._entry is None:
            if self._in_feed:
                self._channel[key] = value
            return self._in_feed
        if depth > self._heights.get(key, depth):
            return False
        self._heights[key] = depth
        self._entry[key] = value
        return True

    def _feed(self, element: Any, name: str, depth: int, base: str) -> None:
        if depth != 2 or _odd_attributes(element):
            raise NotSureError(name)
        self._in_feed = True
        self._walk(element, depth, base)
        self._in_feed = False

    def _item(self, element: Any, name: str, depth: int, base: str) -> None:
        if self._entry is not None or _odd_attributes(element):
            raise NotSureError(name)
        about = element.get(_ABOUT)
        entry: Facts = {"id": about} if about else {}
        self._entry, self._heights, self._title_depth = entry, {}, -1
        self._entries.append(entry)
        self._walk(element, depth, base)
        self._entry, self._has_content = None, False
        stated = entry.get("published") or entry.get("updated") or entry.get("created")
        if stated and read_usual_date(stated) is None:
            raise NotSureError(stated)

    def _title(self, element: Any, name: str, depth: int, base: str) -> None:
        text, kind = self._markup(element, "text/plain")
        if not -1 < self._title_depth <= depth and (self._entry is not None or self._in_feed):
            self._note("title", text, depth)
            self._facts["title_detail"] = {"type": kind}
        if text and name != "media_title":
            self._title_depth = depth

    def _description(self, element: Any, name: str, depth: int, base: str) -> None:
        if "summary" in self._facts and not self._has_content:
            self._content(element, "content", depth, base)
        elif name.endswith("summary"):
            self._note("summary", self._markup(element, "text/plain")[0], depth)
        else:
            key = "subtitle" if self._entry is None else "summary"
            self._note(key, self._markup(element, "text/html")[0], depth)

    def _content(self, element: Any, name: str, depth: int, base: str) -> None:
        if self._entry is None:
            raise NotSureError(name)
        self._has_content = True
        text, kind = self._markup(element, "text/plain" if name == "content" else "text/html")
        self._entry.setdefault("content", []).append({"type": kind, "value": text})
        self._entry.setdefault("summary", text)

    def _markup(self, element: Any, usual: str) -> tuple[str, str]:
        """The text of an element that may hold HTML, and its media type."""
        kind = usual
        if element.attrib:
            stated = _attributes(element)
            kind = stated.get("type", usual)
            kind = _TYPES.get(kind, kind)
            if kind not in _READ_TYPES or stated.get("mode") == "base64":
                raise NotSureError(kind)
        if kind == XHTML_TYPE:
            if self._in_rss():
                raise NotSureError(kind)
            return as_text(markup_of(element, atom_10=self._atom_10)), kind
        return as_text(_leaf(element)), kind

    def _in_rss(self) -> bool:
        return not self._root.tag.endswith("}feed")

    def _link(self, element: Any, name: str, depth: int, base: str) -> None:
        stated = _attributes(element) if element.attrib else {}
        rel = stated.get("rel", "alternate")
        kind = stated.get("type", "application/atom+xml" if rel == "self" else "text/html")
        href = stated.get("url", stated.get("uri", stated.get("href"))) or stated.get("href")
        text = _leaf(element).strip()
        facts = self._facts
        link = {"rel": rel}
        facts.setdefault("links", []).append(link)
        if href is not None:
            link["href"] = self._joined(base, href)
            if rel == "alternate" and _TYPES.get(kind, kind) in _HTML_TYPES:
                facts["link"] = link["href"]
        elif self._entry is not None or self._in_feed:
            url = as_text(self._joined(base, text) if text else "")
            if self._entry is not None:
                url = url.replace("&amp;", "&")
            facts["link"] = url = _LOOSE_AMPERSAND.sub(r"&\1", url)
            if url:
                link["href"] = url

    def _guid(self, element: Any, name: str, depth: int, base: str) -> None:
        stated = _attributes(element) if element.attrib else {}
        is_link = stated.get("ispermalink", "true") == "true"
        text = _leaf(element).strip()
        text = as_text(self._joined(base, text) if text and is_link else text)
        self._note("id", text, depth)
        if is_link:
            self._facts.setdefault("link", text)

    def _author(self, element: Any, name: str, depth: int, base: str) -> None:
        facts = self._facts
        person: dict[str, str] = {}
        facts.setdefault("authors", []).append(person)
        if len(element):
            if facts.get("plain_author"):  # feedparser would write this one's name over that one's
                raise NotSureError(name)
            self._person(element, person)
            self._note("author", "", depth)
            if not person.get("name"):  # of an address feedparser makes a name, or not, by what stood before it
                raise NotSureError(name)
            facts["author"] = person["name"]
            return
        self._note("author", as_text(element.text), depth)
        own = name_in(facts.get("author") or "")
        if own is None:
            raise NotSureError(name)
        person["name"], facts["plain_author"] = own, True

    def _person(self, element: Any, person: dict[str, str]) -> None:
        if (element.text or "").strip():
            raise NotSureError(element.tag)
        for child in element:
            name = self._name(child)
            text = _leaf(child).strip()
            if name in _PERSON:
                person[_PERSON[name]] = text
            elif name in _READERS or name in _ODD or (child.attrib and text):
                raise NotSureError(name)
            if (child.tail or "").strip():
                raise NotSureError(name)

    def _contributor(self, element: Any, name: str, depth: int, base: str) -> None:
        if len(element):
            self._person(element, {})

    def _fact(self, element: Any, name: str, depth: int, base: str) -> None:
        key = _KEYS[name]
        if element.attrib and key not in _WITH_ATTRIBUTES:
            raise NotSureError(name)
        noted = self._note(key, as_text(_leaf(element)), depth)
        if not noted and self._entry is not None:  # feedparser keeps such a date half
            raise NotSureError(name)

    def _other_link(self, element: Any, name: str, depth: int, base: str) -> None:
        self._facts.setdefault("links", []).append({"rel": "license" if "license" in name else name})

    def _source(self, element: Any, name: str, depth: int, base: str) -> None:
        _leaf(element)
        self._title_depth = -1

    def _image(self, element: Any, name: str, depth: int, base: str) -> None:
        """A picture, or a search form, whose title and link are not the feed's."""
        self._title_depth = -1
        allowed = _IN_INPUT if name == "textinput" else _IN_IMAGE
        names = [self._name(child) for child in element]
        if not allowed.issuperset(names) or len(set(names)) < len(names):
            raise NotSureError(name)
        for child, inner in zip(element, names, strict=True):
            text = _leaf(child)
            if self._entry is not None and (inner == "description" or (inner == "link" and child.attrib)):
                raise NotSureError(inner)
            if inner == "title" and self._entry is not None:
                self._title(child, inner, depth + 1, base)
            elif inner == "title" and as_text(text):
                self._title_depth = depth + 1


_KEYS: Final = {
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms_issued"), "published"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), "updated"),
    **dict.fromkeys(("created", "dcterms_created"), "created"),
    **dict.fromkeys(("language", "dc_language"), "language"),
    **{
        key: key
        for key in ("feedburner_origlink", "itunes_new-feed-url", "sy_updatefrequency", "sy_updateperiod", "ttl")
    },
}
_WITH_ATTRIBUTES: Final = {"published", "updated", "created", "language"}
"""Facts whose elements may have attributes; of others with attributes feedparser keeps these in place of the text."""

_READERS: Final[dict[str, Callable[[Walk, Any, str, int, str], None]]] = {
    "channel": Walk._feed,
    **dict.fromkeys(("item", "entry"), Walk._item),
    **dict.fromkeys(("title", "dc_title", "media_title"), Walk._title),
    **dict.fromkeys(("description", "dc_description", "media_description"), Walk._description),
    **dict.fromkeys(("summary", "itunes_summary"), Walk._description),
    **dict.fromkeys(("content", "content_encoded", "fullitem"), Walk._content),
    "link": Walk._link,
    **dict.fromkeys(("guid", "id"), Walk._guid),
    **dict.fromkeys(("author", "dc_author", "dc_creator", "itunes_author", "managingeditor"), Walk._author),
    **dict.fromkeys(("contributor", "itunes_owner"), Walk._contributor),
    **dict.fromkeys(_KEYS, Walk._fact),
    **dict.fromkeys(("enclosure", "cc_license", "creativecommons_license"), Walk._other_link),
    "source": Walk._source,
    **dict.fromkeys(("image", "textinput"), Walk._image),
}  # fmt: skip


def _version(tag: str, declared: dict[str | None, str]) -> str:
    spaces = {uri.lower() for uri in declared.values()}
    rss_10, atom_10 = RSS_10 in spaces, ATOM_10.lower() in spaces
    rss_090 = (declared.get(None) or "").lower() == RSS_090
    if tag == "rss" and not rss_10 and not rss_090:
        return "rss"
    if tag == f"{{{RDF}}}RDF" and not atom_10 and rss_10 != rss_090:
        return "rss10" if rss_10 else "rss090"
    if tag == f"{{{ATOM_10}}}feed" and not rss_10:
        return "atom10"
    if tag == f"{{{ATOM_03}}}feed" and not rss_10 and not atom_10:
        return "atom03"
    raise NotSureError(tag)


def _odd_attributes(element: Any) -> bool:
    """True for attributes by which CDF, a format of 1997, gives an entry's link and date."""
    return any(key.lower().rpartition("}")[2] in ("href", "lastmod") for key in element.attrib)


def _attributes(element: Any) -> dict[str, str]:
    """Attributes without those of XML itself, names in lower case, and the values that are not case-sensitive too."""
    found = {}
    for key, value in element.items():
        if not key.startswith(_XML):
            name = key.lower()
            if name[0] == "{" or name in found:
                raise NotSureError(key)
            found[name] = value.lower() if name in ("rel", "type") else value
    return found


def _leaf(element: Any) -> str:
    """The text of an element that should hold nothing else."""
    if len(element):
        raise NotSureError(element.tag)
    return element.text or ""
