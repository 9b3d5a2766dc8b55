"""What the gazetteer holds, and that its cache heals itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from transforms.tags import gazetteer as module
from transforms.tags.gazetteer import Gazetteer, cache_folder, load_gazetteer
from transforms.tags.gazetteer_build import ADJECTIVE, KINDS, Tables, read_table
from transforms.tags.text import Document


def find(gazetteer: Gazetteer, text: str) -> list[tuple[int, int, int]]:
    """All names in a text."""
    document = Document(None, text)
    found = gazetteer.names.find(document.folded, document.words, range(document.size))
    return [(start, -end, name) for start, end, name, _, _ in found]


def readings(gazetteer: Gazetteer, name: str) -> set[tuple[str, str]]:
    """(kind, id) of all candidates of a name that fills the text."""
    found = set()
    for start, end, entry in find(gazetteer, name):
        if (start, end) == (0, len(name)):
            for index in range(gazetteer.first[entry], gazetteer.first[entry + 1]):
                place = gazetteer.candidate[index]
                found.add((KINDS[gazetteer.kind[place]], gazetteer.identifier(place)))
    return found


@pytest.mark.parametrize(
    ("name", "kind", "identifier"),
    [
        ("Afghanistan", "country", "gn:1149361"),
        ("Islamic Republic of Afghanistan", "country", "gn:1149361"),
        ("Tajik", "country", "gn:1220409"),
        ("Таджикистана", "country", "gn:1220409"),
        ("افغانستان", "country", "gn:1149361"),
        ("Central Asia", "macroregion", "m49:143"),
        ("North Africa", "macroregion", "m49:015"),
        ("Khatlon", "admin1", "gn:1347488"),
        ("Kunduz", "admin1", "gn:1135690"),
        ("Kunduz", "city", "gn:1135689"),
        ("Tashkent", "city", "gn:1512569"),
        ("Gorno-Badakhshan", "admin1", "gn:1221692"),
        ("Ky.", "admin1", "gn:6254925"),
        ("Metcalfe County", "county", "fips:21169"),
    ],
)
def test_names(gazetteer: Gazetteer, name: str, kind: str, identifier: str) -> None:
    assert (kind, identifier) in readings(gazetteer, name)


@pytest.mark.parametrize("name", ["Taliban", "March", "Police", "Of", "Us", "turkey", "Same", "Obama", "LBD", "Most"])
def test_traps_are_no_names(gazetteer: Gazetteer, name: str) -> None:
    assert readings(gazetteer, name) == set()


def test_division_codes_are_iso(gazetteer: Gazetteer) -> None:
    kunduz = next(p for p in range(len(gazetteer.kind)) if gazetteer.identifier(p) == "gn:1135689")
    assert gazetteer.iso_admin(kunduz) == "AF-KDZ"
    assert gazetteer.country(kunduz) == "AF"
    lat, lon = gazetteer.point(kunduz)
    assert (round(lat or 0, 2), round(lon or 0, 2)) == (36.73, 68.86)


def test_boundaries(gazetteer: Gazetteer) -> None:
    text = "Tajik-Afghan, Russia's, Afghanistanis"
    assert {text[a:b] for a, b, _ in find(gazetteer, text)} >= {"Tajik", "Afghan", "Russia"}
    assert not any(b == len(text) for _, b, _ in find(gazetteer, text))


def test_names_that_begin_small_go_on_with_no_small_word(gazetteer: Gazetteer) -> None:
    assert gazetteer.names.small > {"the"}
    names = (gazetteer.names[number].decode() for number in range(len(gazetteer.names)))
    small = [name.split(" ") for name in names if name[0].islower()]
    assert [words for words in small if len(words) > 1 and "-" not in words[0] and words[1][0].islower()] == []


def test_every_division_of_the_table_is_iso_or_empty() -> None:
    from transforms.tags.codes import SUBDIVISIONS

    rows = read_table("admin1.csv")
    assert len(rows) > 3000
    assert [row for row in rows if row["iso3166_2"] and row["iso3166_2"] not in SUBDIVISIONS] == []


def test_every_country_has_one_macro_region() -> None:
    seen: dict[str, str] = {}
    for row in read_table("macroregions.csv"):
        for country in row["countries"].split():
            assert seen.setdefault(country, row["code"]) == row["code"]
    assert seen["TJ"] == "143"
    assert seen["AF"] == "034"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache folder, with a gazetteer of two names in place of the whole world."""

    def build() -> Tables:
        tables = Tables(countries=["", "TJ"], admins=[("", "", "")], macro_slugs={"143": "central-asia"})
        place = tables.add_place(0, 1220409, "Tajikistan", "TJ")
        tables.add_name("Tajikistan", place)
        tables.add_name("Tajik", place, ADJECTIVE)
        return tables

    monkeypatch.setattr(module, "build_tables", build)
    return tmp_path / "cache"


def test_cache_is_made_then_read(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_gazetteer(small)
    files = sorted(path.name for path in small.glob("*.bin"))
    monkeypatch.setattr(module, "build_tables", pytest.fail)
    second = load_gazetteer(small)
    assert len(files) == 1
    assert find(first, "Tajik and Tajikistan") == find(second, "Tajik and Tajikistan") != []
    assert not list(small.glob("*.tmp"))


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 500])
def test_damaged_cache_is_built_anew(small: Path, damage: bytes) -> None:
    load_gazetteer(small)
    path = next(small.glob("*.bin"))
    whole = path.read_bytes()
    path.write_bytes(damage)
    assert len(load_gazetteer(small).first) == 3  # two names
    assert path.read_bytes() == whole


def test_unwritable_cache_is_no_error(small: Path) -> None:
    small.parent.mkdir(exist_ok=True)
    small.write_text("a file where the folder should be")
    assert len(load_gazetteer(small).first) == 3  # two names


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NEWSBEAM_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "newsbeam"
    monkeypatch.setenv("NEWSBEAM_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
