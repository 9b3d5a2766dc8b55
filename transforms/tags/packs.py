"""Packs: the actors, places and watch regions that an analyst keeps in TOML files.

The format stands in each file's head.
`load_packs` reads and checks; everything wrong is a `PackError` that names file, line, rule, value and remedy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from transforms.tags.codes import ACTOR_TYPES, SUBDIVISIONS, alpha3
from transforms.tags.pack_reader import LISTS, SLUG, PackError, PackReader
from transforms.tags.text import fold_name

FORMAT = 1
_WIKIDATA = re.compile(r"Q[1-9]\d*")
SHIPPED = tuple(Path(__file__).with_name("packs") / name for name in ("world.toml", "central-asia-afghanistan.toml"))


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
    """All packs together. `version` is `<name>-<version>` of each, joined by +; `digest` hashes their bytes; `unnamed`
    is true where one of them asks for actors that an English text does not name."""

    actors: tuple[PackActor, ...]
    places: tuple[PackPlace, ...]
    regions: tuple[WatchRegion, ...]
    version: str
    digest: str
    unnamed: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One entry with the file and the table that it was read from."""

    reader: PackReader
    table: dict[str, Any]
    entry: PackActor | PackPlace | WatchRegion

    def error(self, rule: str, value: object, remedy: str, near: str | None = None) -> PackError:
        """The error for a value of this entry."""
        return self.reader.error(rule, value, remedy, near, self.table)


def load_packs(paths: Sequence[Path] | None = None) -> Packs:
    """Reads and checks packs; None stands for the shipped ones.

    Raises:
        PackError: A file cannot be read or breaks a rule of the format.
    """

    def refuse(error: PackError) -> None:
        raise error

    readers = [PackReader(Path(path)) for path in (SHIPPED if paths is None else paths)]
    entries = [source.entry for source in read_sources(readers, refuse)]
    digest = sha256(b"\0".join(reader.content for reader in readers)).hexdigest()[:16]
    version = "+".join(f"{reader.data['name']}-{reader.data['version']}" for reader in readers)
    return Packs(
        tuple(entry for entry in entries if isinstance(entry, PackActor)),
        tuple(entry for entry in entries if isinstance(entry, PackPlace)),
        tuple(entry for entry in entries if isinstance(entry, WatchRegion)),
        version,
        digest,
        any(reader.data.get("unnamed", False) for reader in readers),
    )


def read_sources(readers: Sequence[PackReader], report: Callable[[PackError], None]) -> list[Source]:
    """All entries of some files that hold; what is wrong, also between entries, goes to `report`."""
    sources: list[Source] = []
    known: set[tuple[str, str]] = set()  # an entry with an error of its own is no reason to call references wrong
    for reader in readers:
        for unknown in reader.unknown("file", reader.data):
            report(unknown)
        try:
            _check_head(reader)
        except PackError as error:
            report(error)
        for kind, build in _BUILDERS.items():
            try:
                tables = reader.tables(kind)
            except PackError as error:
                report(error)
                continue
            for table in tables:
                known.add((kind, str(table.get("id"))))
                for unknown in reader.unknown(kind, table):
                    report(unknown)
                try:
                    reader.check_entry(kind, table)
                    sources.append(Source(reader, table, build(reader, table)))
                except PackError as error:
                    report(error)
    for conflict in _conflicts(sources, known):
        report(conflict)
    return sources


def _check_head(reader: PackReader) -> None:
    if reader.data.get("format") != FORMAT:
        raise reader.error("unknown pack format", reader.data.get("format"), f"write format = {FORMAT}", "format")
    if not isinstance(reader.data.get("name"), str) or not SLUG.fullmatch(reader.data["name"]):
        raise reader.error("a pack has a slug for a name", reader.data.get("name"), 'write name = "my-pack"', "name")
    if not isinstance(reader.data.get("version"), int):
        raise reader.error("a pack's version is a number", reader.data.get("version"), "write version = 1", "version")
    if not isinstance(reader.data.get("unnamed", False), bool):
        raise reader.error("unnamed is true or false", reader.data["unnamed"], "write unnamed = true", "unnamed")


def _actor(reader: PackReader, table: dict[str, Any]) -> PackActor:
    if table.get("type") not in ACTOR_TYPES:
        remedy = f"use one of {', '.join(sorted(ACTOR_TYPES))}"
        raise reader.error(f"unknown type of actor {table['id']}", table.get("type"), remedy, None, table)
    country = reader.country(table, "country")
    code, sectors = reader.plover(table, table)
    lists = {key: reader.strings(table, key) for key in LISTS}
    for alias in lists["aliases"]:
        if sum(char.isalnum() for char in alias) <= 3:
            remedy = "put it into acronyms, or into weak with context"
            raise reader.error("an alias has more than three letters and digits", alias, remedy, None, table)
    if not (lists["aliases"] or lists["acronyms"] or lists["weak"]):
        rule = "an actor has at least one alias, acronym or weak alias"
        raise reader.error(rule, table["id"], "add one", None, table)
    wikidata = table.get("wikidata")
    if wikidata is not None and not (isinstance(wikidata, str) and _WIKIDATA.fullmatch(wikidata)):
        raise reader.error("a Wikidata id is Q and a number", wikidata, "correct it or leave it out", None, table)
    return PackActor(
        id=table["id"],
        name=table["name"],
        type=table["type"],
        country=country,
        host_country=reader.country(table, "host_country"),
        parent=table.get("parent"),
        wikidata=wikidata,
        plover_country=code or (alpha3(country) if country else None),
        phases=tuple(_phases(reader, table)) or ((Phase(None, None, sectors),) if sectors else ()),
        aliases=lists["aliases"],
        acronyms=lists["acronyms"],
        weak=lists["weak"],
        context=lists["context"],
    )


def _phases(reader: PackReader, table: dict[str, Any]) -> Iterator[Phase]:
    previous: Phase | None = None
    for phase in table.get("phase", []):
        for unknown in reader.unknown("phase", phase):
            raise unknown
        start, until = phase.get("from"), phase.get("until")
        if any(day is not None and type(day) is not date for day in (start, until)):
            raise reader.error(
                f"from and until of {table['id']} are dates", phase, "write 2021-08-15", "[[actor.phase]]", table
            )
        if start and until and start >= until:
            raise reader.error(
                f"a phase of {table['id']} ends before it starts", until, "swap the dates", str(until), table
            )
        if previous and (previous.until is None or start is None or start < previous.until):
            raise reader.error(f"phases of {table['id']} overlap", start, "order them by date", str(start), table)
        previous = Phase(start, until, reader.plover(phase, table)[1])
        yield previous


def _place(reader: PackReader, table: dict[str, Any]) -> PackPlace:
    if not isinstance(table.get("kind"), str):
        raise reader.error("every place has a kind", table.get("kind"), "add kind, e.g. river", "", table)
    borders = reader.strings(table, "borders")
    for country in borders:
        reader.check_country(country, table)
    for key, limit in (("lat", 90), ("lon", 180)):
        value = table.get(key)
        if value is not None and not (isinstance(value, int | float) and abs(value) <= limit):
            rule = f"{key} is a number up to {limit} degrees"
            raise reader.error(rule, value, f"correct {table['id']}", None, table)
    admin1 = table.get("admin1")
    if admin1 is not None and admin1 not in SUBDIVISIONS:
        raise reader.error("admin1 is an ISO 3166-2 code", admin1, f"correct {table['id']}", None, table)
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


def _region(reader: PackReader, table: dict[str, Any]) -> WatchRegion:
    pairs = table.get("borders", [])
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        raise reader.error(
            "borders of a region are pairs of countries", pairs, 'write [["AF", "TJ"]]', "borders", table
        )
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


_BUILDERS: dict[str, Callable[[PackReader, dict[str, Any]], PackActor | PackPlace | WatchRegion]] = {
    "actor": _actor,
    "place": _place,
    "region": _region,
}


def _conflicts(sources: Sequence[Source], known: set[tuple[str, str]]) -> Iterator[PackError]:
    """Rules across entries and files: ids and strong aliases are unique, references lead somewhere."""
    seen: set[tuple[type, str]] = set()
    for source in sources:
        key = (type(source.entry), source.entry.id)
        if key in seen:
            yield source.error("two entries of one kind share an id", source.entry.id, "rename one of them")
        seen.add(key)
    yield from _shared_aliases(sources)
    for source in sources:
        entry = source.entry
        if isinstance(entry, PackActor) and entry.parent is not None and ("actor", entry.parent) not in known:
            remedy = "add that actor or correct the id"
            yield source.error(f"parent of {entry.id} is unknown", entry.parent, remedy)
        if isinstance(entry, WatchRegion):
            for place in sorted(entry.places):
                if ("place", place) not in known:
                    remedy = "add that place or correct the id"
                    yield source.error(f"place of region {entry.id} is unknown", place, remedy)


def _shared_aliases(sources: Sequence[Source]) -> Iterator[PackError]:
    owner: dict[str, str] = {}
    for source in sources:
        actor = source.entry
        if isinstance(actor, PackActor):
            for alias in dict.fromkeys(actor.aliases + actor.acronyms):
                first = owner.setdefault(fold_name(alias), actor.id)
                if first != actor.id:
                    remedy = f"keep it in {first} or {actor.id}, or make it weak in both"
                    yield source.error("two actors share an alias", alias, remedy)
