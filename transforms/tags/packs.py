"""Packs: the actors, places and watch regions that an analyst keeps in TOML files.

The format stands in each file's head.
`load_packs` reads and checks; everything wrong is a `PackError` that names file, line, rule, value and remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from transforms.tags.codes import ACTOR_TYPES, PLOVER_INTERNATIONAL, PLOVER_SECTORS, SUBDIVISIONS, alpha3, is_alpha3
from transforms.tags.text import fold_name

FORMAT = 1
SHIPPED = tuple(Path(__file__).with_name("packs") / name for name in ("world.toml", "central-asia-afghanistan.toml"))

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LISTS = frozenset(("aliases", "acronyms", "weak", "context"))
_KEYS = {
    "actor": _LISTS | {"id", "name", "type", "country", "host_country", "parent", "wikidata", "plover", "phase"},
    "place": {"id", "name", "kind", "country", "admin1", "lat", "lon", "geonames", "borders", "aliases", "adjectives"},
    "region": {"id", "name", "countries", "admin1", "places", "borders", "precedence"},
    "phase": {"from", "until", "plover"},
    "file": {"format", "name", "version", "actor", "place", "region"},
}


class PackError(ValueError):
    """A pack breaks a rule of the format. The message names file, line, rule, value and remedy."""


@dataclass(frozen=True, slots=True)
class Phase:
    """PLOVER sectors of an actor from one day until the day before another; None leaves that end open."""

    start: date | None
    until: date | None
    sectors: tuple[str, ...]

    def covers(self, first: date, last: date) -> bool:
        """Whether any day from `first` to `last` lies in this phase."""
        return (self.start is None or last >= self.start) and (self.until is None or first < self.until)


@dataclass(frozen=True, slots=True)
class PackActor:
    """One `[[actor]]`. `weak` aliases count only with a context word or a strong mention in the same text."""

    id: str
    name: str
    type: str
    country: str | None
    host_country: str | None
    parent: str | None
    wikidata: str | None
    plover_country: str | None
    phases: tuple[Phase, ...]
    aliases: tuple[str, ...]
    acronyms: tuple[str, ...]
    weak: tuple[str, ...]
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackPlace:
    """One `[[place]]`: what gazetteers lack. `borders` are the countries that meet there or touch it."""

    id: str
    name: str
    kind: str
    country: str | None
    admin1: str | None
    lat: float | None
    lon: float | None
    geonames: int | None
    borders: tuple[str, ...]
    aliases: tuple[str, ...]
    adjectives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WatchRegion:
    """One `[[region]]`. A higher `precedence` wins where several qualify."""

    id: str
    name: str
    countries: frozenset[str]
    admin1: frozenset[str]
    places: frozenset[str]
    borders: tuple[tuple[str, str], ...]
    precedence: int


@dataclass(frozen=True, slots=True)
class Packs:
    """All packs together. `version` is `<name>-<version>` of each, joined by +; `digest` hashes their bytes."""

    actors: tuple[PackActor, ...]
    places: tuple[PackPlace, ...]
    regions: tuple[WatchRegion, ...]
    version: str
    digest: str


class _Reader:
    """One file while it is read: knows how to complain."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.content = path.read_bytes()
            self.source = self.content.decode("utf-8")
            self.data: dict[str, Any] = tomllib.loads(self.source)
        except (OSError, UnicodeDecodeError) as error:
            raise PackError(f"{path}: the file cannot be read as UTF-8 text ({error}); check the path") from error
        except tomllib.TOMLDecodeError as error:
            raise PackError(f"{path}: not valid TOML: {error}; correct the line named") from error

    def error(self, rule: str, value: object, remedy: str, near: str | None = None) -> PackError:
        """The error for a value; `near` is the text whose line is named (the value itself if not given)."""
        needle = near if near is not None else str(value)
        at = self.source.find(f'"{needle}"')
        at = at if at >= 0 else self.source.find(needle)
        line = f":{self.source.count(chr(10), 0, at) + 1}" if needle and at >= 0 else ""
        return PackError(f"{self.path}{line}: {rule}: {value!r}; {remedy}")

    def entries(self, kind: str) -> Iterator[dict[str, Any]]:
        """Checked tables of one kind: known keys only, with a slug for an id and a name."""
        tables = self.data.get(kind, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            raise self.error(f"{kind} must be a list of tables", tables, f"write [[{kind}]]", kind)
        for table in tables:
            self.only(kind, table)
            for key in ("id", "name"):
                if not isinstance(table.get(key), str) or not table[key]:
                    raise self.error(
                        f"every {kind} has an {key}", table.get(key), f"add {key} to {table}", table.get("id")
                    )
            if not _SLUG.fullmatch(table["id"]):
                raise self.error("an id is made of a-z, 0-9 and single hyphens", table["id"], "rename it")
            yield table

    def only(self, kind: str, table: Mapping[str, Any]) -> None:
        """Raises for a key that the format does not know."""
        unknown = sorted(set(table) - _KEYS[kind])
        if unknown:
            raise self.error(f"unknown key in {kind}", unknown[0], f"known keys: {', '.join(sorted(_KEYS[kind]))}")

    def strings(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        """A list of non-empty strings, empty where the key is missing."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.error(f"{key} is a list of non-empty strings", value, "correct the list", table.get("id"))
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
            raise self.error(rule, value, f"correct {table['id']}", table["id"])

    def plover(self, table: Mapping[str, Any], near: str) -> tuple[str | None, tuple[str, ...]]:
        """`[country or international code, sector, …]` as code and sectors."""
        codes = self.strings(table, "plover")
        if not codes:
            return None, ()
        country, *sectors = codes
        if country not in PLOVER_INTERNATIONAL and not is_alpha3(country):
            remedy = f"use ISO 3166-1 alpha-3 or one of {', '.join(sorted(PLOVER_INTERNATIONAL))}"
            raise self.error("plover starts with a country or international code", country, remedy, near)
        for sector in sectors:
            if sector not in PLOVER_SECTORS:
                raise self.error("unknown PLOVER sector", sector, f"use one of {', '.join(sorted(PLOVER_SECTORS))}")
        return country, tuple(sectors)


def load_packs(paths: Sequence[Path] | None = None) -> Packs:
    """Reads and checks packs; None stands for the shipped ones.

    Raises:
        PackError: A file cannot be read or breaks a rule of the format.
    """
    readers = [_Reader(Path(path)) for path in (SHIPPED if paths is None else paths)]
    actors: list[PackActor] = []
    places: list[PackPlace] = []
    regions: list[WatchRegion] = []
    for reader in readers:
        _check_head(reader)
        actors += [_actor(reader, table) for table in reader.entries("actor")]
        places += [_place(reader, table) for table in reader.entries("place")]
        regions += [_region(reader, table) for table in reader.entries("region")]
    _check_together(readers, actors, places, regions)
    digest = sha256(b"\0".join(reader.content for reader in readers)).hexdigest()[:16]
    version = "+".join(f"{reader.data['name']}-{reader.data['version']}" for reader in readers)
    return Packs(tuple(actors), tuple(places), tuple(regions), version, digest)


def _check_head(reader: _Reader) -> None:
    reader.only("file", reader.data)
    if reader.data.get("format") != FORMAT:
        raise reader.error("unknown pack format", reader.data.get("format"), f"write format = {FORMAT}", "format")
    if not isinstance(reader.data.get("name"), str) or not _SLUG.fullmatch(reader.data["name"]):
        raise reader.error("a pack has a slug for a name", reader.data.get("name"), 'write name = "my-pack"', "name")
    if not isinstance(reader.data.get("version"), int):
        raise reader.error("a pack's version is a number", reader.data.get("version"), "write version = 1", "version")


def _actor(reader: _Reader, table: dict[str, Any]) -> PackActor:
    if table.get("type") not in ACTOR_TYPES:
        remedy = f"use one of {', '.join(sorted(ACTOR_TYPES))}"
        raise reader.error(f"unknown type of actor {table['id']}", table.get("type"), remedy, table["id"])
    country = reader.country(table, "country")
    code, sectors = reader.plover(table, table["id"])
    lists = {key: reader.strings(table, key) for key in _LISTS}
    for alias in lists["aliases"]:
        if sum(char.isalnum() for char in alias) <= 3:
            remedy = "put it into acronyms, or into weak with context"
            raise reader.error("an alias has more than three letters and digits", alias, remedy)
    if not (lists["aliases"] or lists["acronyms"] or lists["weak"]):
        raise reader.error("an actor has at least one alias, acronym or weak alias", table["id"], "add one")
    return PackActor(
        id=table["id"],
        name=table["name"],
        type=table["type"],
        country=country,
        host_country=reader.country(table, "host_country"),
        parent=table.get("parent"),
        wikidata=table.get("wikidata"),
        plover_country=code or (alpha3(country) if country else None),
        phases=tuple(_phases(reader, table)) or ((Phase(None, None, sectors),) if sectors else ()),
        aliases=lists["aliases"],
        acronyms=lists["acronyms"],
        weak=lists["weak"],
        context=lists["context"],
    )


def _phases(reader: _Reader, table: dict[str, Any]) -> Iterator[Phase]:
    previous: Phase | None = None
    for phase in table.get("phase", []):
        reader.only("phase", phase)
        start, until = phase.get("from"), phase.get("until")
        if any(day is not None and type(day) is not date for day in (start, until)):
            raise reader.error(f"from and until of {table['id']} are dates", phase, "write 2021-08-15", table["id"])
        if start and until and start >= until:
            raise reader.error(f"a phase of {table['id']} ends before it starts", until, "swap the dates", str(until))
        if previous and (previous.until is None or start is None or start < previous.until):
            raise reader.error(f"phases of {table['id']} overlap", start, "order them by date", table["id"])
        previous = Phase(start, until, reader.plover(phase, table["id"])[1])
        yield previous


def _place(reader: _Reader, table: dict[str, Any]) -> PackPlace:
    if not isinstance(table.get("kind"), str):
        raise reader.error("every place has a kind", table.get("kind"), "add kind, e.g. river", table["id"])
    borders = reader.strings(table, "borders")
    for country in borders:
        reader.check_country(country, table)
    for key, limit in (("lat", 90), ("lon", 180)):
        value = table.get(key)
        if value is not None and not (isinstance(value, int | float) and abs(value) <= limit):
            raise reader.error(f"{key} is a number up to {limit} degrees", value, f"correct {table['id']}", table["id"])
    admin1 = table.get("admin1")
    if admin1 is not None and admin1 not in SUBDIVISIONS:
        raise reader.error("admin1 is an ISO 3166-2 code", admin1, f"correct {table['id']}")
    return PackPlace(
        id=table["id"],
        name=table["name"],
        kind=table["kind"],
        country=reader.country(table, "country"),
        admin1=admin1,
        lat=table.get("lat"),
        lon=table.get("lon"),
        geonames=table.get("geonames"),
        borders=borders,
        aliases=reader.strings(table, "aliases"),
        adjectives=reader.strings(table, "adjectives"),
    )


def _region(reader: _Reader, table: dict[str, Any]) -> WatchRegion:
    pairs = table.get("borders", [])
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise reader.error("borders of a region are pairs of countries", pairs, 'write [["AF", "TJ"]]', table["id"])
    countries = reader.strings(table, "countries")
    for country in (*countries, *(code for pair in pairs for code in pair)):
        reader.check_country(country, table)
    return WatchRegion(
        id=table["id"],
        name=table["name"],
        countries=frozenset(countries),
        admin1=frozenset(reader.strings(table, "admin1")),
        places=frozenset(reader.strings(table, "places")),
        borders=tuple(sorted((min(pair), max(pair)) for pair in pairs)),
        precedence=int(table.get("precedence", 0)),
    )


def _check_together(
    readers: Sequence[_Reader], actors: Sequence[PackActor], places: Sequence[PackPlace], regions: Sequence[WatchRegion]
) -> None:
    """Rules across entries and files: ids and strong aliases are unique, references lead somewhere."""
    for kind, entries in (("actor", actors), ("place", places), ("region", regions)):
        seen: set[str] = set()
        for entry in entries:
            if entry.id in seen:
                raise _in_file(readers, f"two entries of kind {kind} share an id", entry.id, "rename one of them")
            seen.add(entry.id)
    owner: dict[str, str] = {}
    for actor in actors:
        for alias in dict.fromkeys(map(fold_name, actor.aliases + actor.acronyms)):
            if owner.setdefault(alias, actor.id) != actor.id:
                remedy = f"keep it in {owner[alias]} or {actor.id}, or make it weak in both"
                raise _in_file(readers, "two actors share an alias", alias, remedy)
    known = {actor.id for actor in actors}
    for actor in actors:
        if actor.parent is not None and actor.parent not in known:
            raise _in_file(
                readers, f"parent of {actor.id} is unknown", actor.parent, "add that actor or correct the id"
            )
    known_places = {place.id for place in places}
    for region in regions:
        for place in sorted(region.places - known_places):
            raise _in_file(
                readers, f"place of region {region.id} is unknown", place, "add that place or correct the id"
            )


def _in_file(readers: Sequence[_Reader], rule: str, value: str, remedy: str) -> PackError:
    """The error in the last file that holds the value."""
    for reader in reversed(readers):
        if f'"{value}"' in reader.source:
            return reader.error(rule, value, remedy)
    return readers[-1].error(rule, value, remedy)
