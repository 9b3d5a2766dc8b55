"""Reads one pack file: its tables, checked for known keys and right values, and errors that name file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from transforms.tags.codes import PLOVER_INTERNATIONAL, PLOVER_SECTORS, alpha3, is_alpha3

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HEAD = re.compile(r"^[ \t]*\[\[[ \t]*(actor|place|region)[ \t]*\]\]", re.MULTILINE)
_TOML_LINE = re.compile(r"at line (\d+)")
LISTS = frozenset(("aliases", "acronyms", "weak", "context"))
_KEYS = {
    "actor": LISTS | {"id", "name", "type", "country", "host_country", "parent", "wikidata", "plover", "phase"},
    "place": {"id", "name", "kind", "country", "admin1", "lat", "lon", "geonames", "borders", "aliases", "adjectives"},
    "region": {"id", "name", "countries", "admin1", "places", "borders", "precedence"},
    "phase": {"from", "until", "plover"},
    "file": {"format", "name", "version", "unnamed", "actor", "place", "region"},
}


class PackError(ValueError):
    """A pack breaks a rule of the format.

    Attributes:
        path: The file.
        line: Line in it, None where it cannot be told.
        message: Rule, value and remedy; `str()` puts file and line before it.
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        self.path, self.line, self.message = path, line, message
        super().__init__(f"{path}{f':{line}' if line else ''}: {message}")


class PackReader:
    """One file while it is read: knows how to complain."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.content = path.read_bytes()
            self.source = self.content.decode("utf-8-sig")  # editors on Windows write a byte order mark
            self.data: dict[str, Any] = tomllib.loads(self.source)
        except (OSError, UnicodeDecodeError) as error:
            raise PackError(path, None, f"the file cannot be read as UTF-8 text ({error}); check the path") from error
        except tomllib.TOMLDecodeError as error:
            found = _TOML_LINE.search(str(error))
            line = int(found[1]) if found else None
            raise PackError(path, line, f"not valid TOML: {error}; correct the line named") from error
        self._ranges = self._find_ranges()

    def _find_ranges(self) -> dict[int, tuple[int, int]]:
        """Where each table stands in the source, by the table's identity; none for tables written inline."""
        heads = [(match.start(), match[1]) for match in _HEAD.finditer(self.source)]
        ends = [*(start for start, _ in heads[1:]), len(self.source)][: len(heads)]
        spans: dict[str, list[tuple[int, int]]] = {}
        for (start, kind), end in zip(heads, ends, strict=True):
            spans.setdefault(kind, []).append((start, end))
        ranges: dict[int, tuple[int, int]] = {}
        for kind, found in spans.items():
            tables = self.data.get(kind)
            if isinstance(tables, list) and len(tables) == len(found):
                ranges.update({id(table): span for table, span in zip(tables, found, strict=True)})
        return ranges

    def line_of(self, needle: str, table: Mapping[str, Any] | None = None) -> int | None:
        """Line of a value: in quotes if it stands so, within a table if that is known; else the table's first line."""
        start, end = self._ranges.get(id(table), (0, len(self.source)))
        for form in (f'"{needle}"', needle):
            at = self.source.find(form, start, end) if needle else -1
            if at >= 0:
                return self.source.count("\n", 0, at) + 1
        return self.source.count("\n", 0, start) + 1 if id(table) in self._ranges else None

    def error(
        self, rule: str, value: object, remedy: str, near: str | None = None, table: Mapping[str, Any] | None = None
    ) -> PackError:
        """The error for a value; `near` is the text whose line is named (the value itself if not given)."""
        line = self.line_of(near if near is not None else str(value), table)
        return PackError(self.path, line, f"{rule}: {value!r}; {remedy}")

    def tables(self, kind: str) -> list[dict[str, Any]]:
        """The tables of one kind."""
        tables = self.data.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self.error(f"{kind} must be a list of tables", tables, f"write [[{kind}]]", kind)
        return tables

    def check_entry(self, kind: str, table: Mapping[str, Any]) -> None:
        """Raises unless a table has a slug for an id and a name."""
        for key in ("id", "name"):
            if not isinstance(table.get(key), str) or not table[key]:
                remedy = f'write {key} = "…"' if key not in table else f"write the {key} in quotes, and not empty"
                raise self.error(f"every {kind} has a text for {key}", table.get(key), remedy, key, table)
        if not SLUG.fullmatch(table["id"]):
            raise self.error("an id is made of a-z, 0-9 and single hyphens", table["id"], "rename it", None, table)

    def unknown(self, kind: str, table: Mapping[str, Any]) -> Iterator[PackError]:
        """An error for each key that the format does not know."""
        for key in sorted(set(table) - _KEYS[kind]):
            near = get_close_matches(key, _KEYS[kind], n=1, cutoff=0.75)
            meant = f"{near[0]!r} is meant? " if near else ""
            known = f"{meant}known keys: {', '.join(sorted(_KEYS[kind]))}"
            yield self.error(f"unknown key in {kind}", key, known, None, table)

    def strings(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of non-empty strings, empty where the key is missing."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(f"{key} is a list of non-empty strings", value, "correct the list", key, table)
        return tuple(value)

    def country(self, table: Mapping[str, Any], key: str) -> str | None:
        """An ISO 3166-1 alpha-2 code or None."""
        value = table.get(key)
        if value is not None:
            self.check_country(value, table)
        return value

    def check_country(self, value: object, table: Mapping[str, Any]) -> None:
        """Raises where the value is no ISO 3166-1 alpha-2 code."""
        if not isinstance(value, str) or alpha3(value) is None:
            rule = "countries are ISO 3166-1 alpha-2 codes"
            raise self.error(rule, value, f"correct {table['id']}", None, table)

    def plover(self, table: Mapping[str, Any], owner: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
        """`[country or international code, sector, …]` as code and sectors."""
        codes = self.strings(table, "plover")
        if not codes:
            return None, ()
        country, *sectors = codes
        if country not in PLOVER_INTERNATIONAL and not is_alpha3(country):
            remedy = f"use ISO 3166-1 alpha-3 or one of {', '.join(sorted(PLOVER_INTERNATIONAL))}"
            raise self.error("plover starts with a country or international code", country, remedy, None, owner)
        for sector in sectors:
            if sector not in PLOVER_SECTORS:
                remedy = f"use one of {', '.join(sorted(PLOVER_SECTORS))}"
                raise self.error("unknown PLOVER sector", sector, remedy, None, owner)
        return country, tuple(sectors)
