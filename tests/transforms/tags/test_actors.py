"""Known actors: packs, states' bodies, roles in time. All sentences are made up."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Actor
from transforms.tags.actors import abbreviates, sectors_at
from transforms.tags.packs import Phase
from transforms.tags.tagger import Tagger, years_named
from transforms.tags.text import Document


def actors(tagger: Tagger, text: str, published: date | None = None) -> dict[str, Actor]:
    return {actor.actor_id: actor for actor in tagger.tag(None, text, published=published).actors}


@pytest.mark.parametrize(
    ("text", "identifier", "surface"),
    [
        ("The Tajik Defence Ministry denied it.", "gov:TJ-defence", "Tajik Defence Ministry"),
        ("The Tajik Defense Ministry denied it.", "gov:TJ-defence", "Tajik Defense Ministry"),
        ("The Ministry of Defence of Tajikistan denied it.", "gov:TJ-defence", "Ministry of Defence of Tajikistan"),
        ("Chile’s foreign ministry denied it.", "gov:CL-foreign", "Chile’s foreign ministry"),
        ("Uzbek border guards opened fire.", "gov:UZ-border-guards", "Uzbek border guards"),
        ("The Afghan National Army retook it.", "af-ansf", "Afghan National Army"),
        ("Kenyan police arrested two men.", "gov:KE-police", "Kenyan police"),
        ("The government of Peru resigned.", "gov:PE-government", "government of Peru"),
        ("The Kyrgyz parliament voted.", "gov:KG-parliament", "Kyrgyz parliament"),
        ("Talks in Vienna of the IAEA.", "iaea", "IAEA"),
        ("The Collective Security Treaty Organisation met.", "csto", "Collective Security Treaty Organisation"),
        ("Hungarian officials denied it.", "gov:HU-government", "Hungarian officials"),
        ("They met a Chadian army officer there.", "gov:TD-military", "Chadian army officer"),
        ("Chadian refugees arrived.", "grp:TD-refugees", "Chadian refugees"),
        ("Many Peruvians voted.", "grp:PE-people", "Peruvians"),
        ("Представители ОДКБ прибыли.", "csto", "ОДКБ"),
        ("طالبان در کابل", "taliban", "طالبان"),
    ],
)
def test_known_actors(tagger: Tagger, text: str, identifier: str, surface: str) -> None:
    found = actors(tagger, text)
    assert [mention.surface for mention in found[identifier].mentions] == [surface]


def test_a_body_has_type_and_sectors(tagger: Tagger) -> None:
    guards = actors(tagger, "Tajik border guards opened fire.")["gov:TJ-border-guards"]
    assert (guards.type, guards.country, guards.plover_country, guards.plover_sectors) == (
        "military",
        "TJ",
        "TJK",
        ("MIL",),
    )
    assert not guards.provisional


@pytest.mark.parametrize(
    ("text", "name"),
    [("US troops left.", "Armed forces of the United States"), ("Peruvian troops left.", "Armed forces of Peru")],
)
def test_a_body_has_a_readable_name(tagger: Tagger, text: str, name: str) -> None:
    assert [actor.name for actor in actors(tagger, text).values()] == [name]


def test_a_role_of_somebody_named_before_is_no_body(tagger: Tagger) -> None:
    assert not actors(tagger, "The Chilean diplomat left.")


def test_a_title_before_a_name_is_no_body(tagger: Tagger) -> None:
    found = actors(tagger, "Tajik Foreign Minister Sirojiddin Muhriddin left.")
    assert "gov:TJ-foreign" not in found
    assert "sirojiddin-muhriddin" in found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It is what it IS.", False),
        ("Daesh lost ground, and IS units fled.", True),
        ("IS militants fled, jihadists said.", True),
    ],
)
def test_weak_aliases_need_context(tagger: Tagger, text: str, found: bool) -> None:
    surfaces = [m.surface for actor in tagger.tag(None, text).actors for m in actor.mentions]
    assert ("IS" in surfaces) is found


def test_an_acronym_in_brackets_holds_in_the_text(tagger: Tagger) -> None:
    bodies = actors(tagger, "The Arab League (AL) met. Later the AL agreed.")["arab-league"]
    assert [(m.surface, m.match) for m in bodies.mentions] == [
        ("Arab League", "alias"),
        ("AL", "acronym"),
        ("AL", "acronym"),
    ]


@pytest.mark.parametrize(
    ("published", "text", "sectors"),
    [
        (date(2021, 8, 14), "The Taliban spoke.", ("REB",)),
        (date(2021, 8, 15), "The Taliban spoke.", ("GOV",)),
        (None, "The Taliban spoke.", ()),
        (None, "The Taliban spoke in July 2017.", ("REB",)),
        (None, "The Taliban spoke in 2023.", ("GOV",)),
        (None, "The Taliban spoke in 2021.", ()),
        (None, "In 2016 the Taliban spoke of staying until at least 2042.", ("REB",)),
    ],
)
def test_roles_follow_the_date(tagger: Tagger, published: date | None, text: str, sectors: tuple[str, ...]) -> None:
    assert actors(tagger, text, published)["taliban"].plover_sectors == sectors


def test_a_lapsed_role_has_no_sector(tagger: Tagger) -> None:
    text = "Barack Obama gave a speech."
    assert actors(tagger, text, date(2015, 1, 1))["obama"].plover_sectors == ("GOV",)
    assert actors(tagger, text, date(2023, 1, 1))["obama"].plover_sectors == ()


def test_years_named() -> None:
    assert years_named(Document(None, "no year, 3,200 men, page 1999-b")) is None
    assert years_named(Document(None, "in 2012 and in 2017, by 2050")) == (date(2017, 1, 1), date(2017, 12, 31))


DAYS = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@given(DAYS, DAYS)
def test_sectors_hold_throughout_or_are_empty(first: date, second: date) -> None:
    start, end = min(first, second), max(first, second)
    change = date(2021, 8, 15)
    phases = (Phase(None, change, ("REB",)), Phase(change, None, ("GOV",)))
    expected = ("REB",) if end < change else ("GOV",) if start >= change else ()
    assert sectors_at(phases, (start, end)) == expected


@pytest.mark.parametrize(
    ("acronym", "name", "expected"),
    [
        ("CSTO", "Collective Security Treaty Organization", True),
        ("ICRC", "International Committee of the Red Cross", True),
        ("VA", "Voice of Asia", True),
        ("XYZ", "Collective Security Treaty Organization", False),
        ("K", "Kabul", False),
    ],
)
def test_abbreviates(acronym: str, name: str, expected: bool) -> None:
    assert abbreviates(acronym, name) is expected


def test_an_analyst_adds_a_pack(tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text(
        'format = 1\nname = "mine"\nversion = 7\n'
        '[[actor]]\nid = "blue-front"\nname = "Blue Front"\ntype = "armed_group"\naliases = ["Blue Front"]\n'
        '[[place]]\nid = "old-ford"\nname = "Old Ford"\nkind = "crossing"\ncountry = "TJ"\naliases = ["Old Ford"]\n',
        encoding="utf-8",
    )
    own = Tagger.load([pack])
    tags = own.tag(None, "The Blue Front took Old Ford.")
    assert [actor.actor_id for actor in tags.actors] == ["blue-front"]
    assert [place.place_id for place in tags.places] == ["pack:old-ford"]
    assert tags.pack_version.startswith("mine-7-")
