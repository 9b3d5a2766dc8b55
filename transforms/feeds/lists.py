"""Read a list of feeds: our TOML, OPML, or plain addresses. A bad list is refused whole, with every fault named."""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import listparser
from yarl import URL

from schemas.records import Feed, Problem
from transforms.feeds.sniff import as_ascii_bytes
from transforms.web.addresses import parse_url, registrable_domain

_MAX_URL: Final = 8192
_MAX_BYTES: Final = 16 * 2**20

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)")
_UNIT_S: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}

_SHAPES: Final = {
    "id": (re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"), "letters, digits, dot, hyphen and underscore"),
    "country": (re.compile(r"[A-Z]{2}"), "an ISO 3166-1 alpha-2 code in capitals, e.g. 'TJ'"),
    "language": (re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"), "a BCP 47 tag, e.g. 'ru' or 'uz-Cyrl'"),
}
_KEYS: Final = ("url", "id", "name", "country", "language", "family", "every", "full_text", "tags")
_XML_URL: Final = re.compile(r"""\bxmlUrl\s*=\s*(["'])(.*?)\1""", re.IGNORECASE | re.DOTALL)
_TABLE: Final = re.compile(r"^\s*\[\[\s*feed\s*\]\]")


class FeedListError(ValueError):
    """A feed list cannot be used. Each line of the text names file, line, offending value and remedy."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def load_feed_list(path: Path) -> list[Feed]:
    """Read a feed list. Its format is told by its content: XML is OPML, `.toml` is ours, else one address per line.

    Args:
        path: The file, in UTF-8 (OPML: any encoding that it declares).

    Raises:
        FeedListError: The file cannot be read, or any line of it is wrong.
    """
    data = _read(path)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" or path.suffix.lower() == ".opml":
        return _load_opml(path, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        bad = data[error.start : error.start + 1].hex()
        raise FeedListError([f"{path}:{line}: byte 0x{bad} is not UTF-8; save the list as UTF-8"]) from None
    return _load_toml(path, text) if path.suffix.lower() == ".toml" else _load_plain(path, text)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise FeedListError([f"{path}: over {_MAX_BYTES} bytes, which is no feed list; check the path"])
        return path.read_bytes()
    except OSError as error:
        raise FeedListError(
            [f"{path}: cannot be read ({error.strerror}); check the path and its permissions"]
        ) from None


@dataclass
class _Collector:
    """Gathers feeds and faults of one list, so that one run shows every fault."""

    path: Path
    feeds: list[Feed] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _line_of: dict[str, int] = field(default_factory=dict)

    def fault(self, line: int, what: str) -> None:
        self.faults.append(f"{self.path}:{line}: {what}")

    def usable_url(self, text: str, line: int) -> URL | None:
        """The address, unless it is bad or stands in the list already."""
        url = parse_url(text, max_length=_MAX_URL)
        if isinstance(url, Problem):
            self.fault(line, f"{url.message}; give an address that begins with https:// or http://")
            return None
        first = self._line_of.setdefault(str(url), line)
        if first != line:
            self.fault(line, f"{text} stands on line {first} already; remove one of the two")
            return None
        return url

    def result(self) -> list[Feed]:
        if not self.feeds and not self.faults:
            self.faults.append(f"{self.path}: holds no feed; add one address per line, or [[feed]] tables")
        if self.faults:
            raise FeedListError(self.faults)
        return self.feeds


def _load_plain(path: Path, text: str) -> list[Feed]:
    """One address per line; `#` starts a comment at the start of a line or after white space."""
    found = _Collector(path)
    for number, line in enumerate(text.splitlines(), start=1):
        address = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        if not address:
            continue
        url = found.usable_url(address, number)
        if url is not None:
            found.feeds.append(Feed(url=address, source=registrable_domain(url)))
    return found.result()


def _load_opml(path: Path, data: bytes) -> list[Feed]:
    """OPML 1 and 2 by way of listparser; an outline's category path becomes the feed's tags."""
    parsed = listparser.parse(data)
    if parsed["bozo"] or not str(parsed["version"]).startswith("opml"):
        why = parsed["bozo_exception"] or "its root element is not <opml>"
        raise FeedListError([f"{path}:1: not readable as OPML ({why}); export it anew, or list one address per line"])
    found = _Collector(path)
    urls = {address: found.usable_url(address, line) for address, line in _opml_addresses(data)}
    for outline in parsed["feeds"]:
        address = str(outline["url"]).strip()
        url = urls[address] if address in urls else found.usable_url(address, 1)
        if url is not None:
            tags = tuple(dict.fromkeys(part for category in outline.get("categories", ()) for part in category))
            name = str(outline.get("title") or "").strip() or None
            found.feeds.append(Feed(url=address, source=registrable_domain(url), name=name, tags=tags))
    return found.result()


def _opml_addresses(data: bytes) -> list[tuple[str, int]]:
    """Every xmlUrl with its line, which listparser does not tell, as it silently merges repeated ones."""
    text = as_ascii_bytes(data).decode("utf-8", "replace")
    return [
        (html.unescape(match.group(2)).strip(), text.count("\n", 0, match.start(2)) + 1)
        for match in _XML_URL.finditer(text)
        if match.group(2).strip()
    ]


def _load_toml(path: Path, text: str) -> list[Feed]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"at line (\d+)", str(error))
        line = where.group(1) if where else text.count("\n") + 1
        raise FeedListError([f"{path}:{line}: {error}; correct the TOML"]) from None
    found = _Collector(path)
    lines = _TomlLines(text)
    for key in document:
        if key != "feed":
            found.fault(lines.of_key(None, key), f"unknown key {key!r} at the top; feeds stand in [[feed]] tables")
    tables = document.get("feed", [])
    if not isinstance(tables, list):
        found.fault(lines.of_key(None, "feed"), "[feed] is one table; write [[feed]] with two brackets")
        tables = []
    for index, table in enumerate(tables):
        feed = _feed_of_table(found, lines, index, table)
        if feed is not None:
            found.feeds.append(feed)
    return found.result()


class _TomlLines:
    """Finds lines of a TOML text, which tomllib does not tell."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._tables = [number for number, line in enumerate(self._lines) if _TABLE.match(line)]

    def of_key(self, table: int | None, key: str) -> int:
        """Line of a key in the n-th feed table (None: before the first); of the table's head where it is not found."""
        bounds = [*self._tables, len(self._lines)]
        if table is None or table >= len(self._tables):
            start, end = 0, len(self._lines)
        else:
            start, end = bounds[table], bounds[table + 1]
        pattern = re.compile(rf"^\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
        return next((number + 1 for number in range(start, end) if pattern.match(self._lines[number])), start + 1)


def _feed_of_table(found: _Collector, lines: _TomlLines, index: int, table: Any) -> Feed | None:
    """One [[feed]] table, or None after its faults were noted."""
    if not isinstance(table, dict):
        found.fault(lines.of_key(None, "feed"), f"feed {index + 1} is {table!r}, no table; write [[feed]]")
        return None
    before = len(found.faults)
    for key, value in table.items():
        what = _fault_of(key, value)
        if what is not None:
            found.fault(lines.of_key(index, key), what)
    address = table.get("url")
    if address is None:
        found.fault(lines.of_key(index, "url"), f"[[feed]] number {index + 1} has no url; add one")
    url = found.usable_url(address, lines.of_key(index, "url")) if isinstance(address, str) else None
    if url is None or len(found.faults) > before:
        return None
    every = table.get("every")
    return Feed(
        url=str(address).strip(),
        source=table.get("id") or registrable_domain(url),
        name=table.get("name"),
        country=table.get("country"),
        language=table.get("language"),
        family=table.get("family"),
        every_s=None if every is None else parse_duration(every),
        full_text=table.get("full_text", False),
        tags=tuple(table.get("tags", ())),
    )


def _fault_of(key: str, value: Any) -> str | None:
    """What is wrong with one key of a [[feed]] table."""
    if key not in _KEYS:
        near = get_close_matches(key, _KEYS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(_KEYS)}"
        return f"unknown key {key!r}; {hint}"
    if key == "full_text":
        return None if isinstance(value, bool) else f"full_text = {value!r}; write true or false"
    if key == "tags":
        good = isinstance(value, list) and all(isinstance(tag, str) and tag.strip() for tag in value)
        return None if good else f'tags = {value!r}; write a list of words, e.g. ["border", "trade"]'
    if not isinstance(value, str) or not value.strip():
        return f"{key} = {value!r}; write a text in quotes"
    if key in _SHAPES and not _SHAPES[key][0].fullmatch(value):
        return f"{key} = {value!r}; write {_SHAPES[key][1]}"
    if key == "every" and parse_duration(value) is None:
        return f"every = {value!r}; write a number with s, m, h or d, e.g. '15m' or '2h'"
    return None


def parse_duration(text: str) -> float | None:
    """Seconds of a duration such as `90s`, `15m`, `1.5h` or `1d`; None if it is none, or not above zero."""
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match.group(1)) * _UNIT_S[match.group(2)] if match else 0.0
    return seconds if 0 < seconds < 3.2e7 else None
