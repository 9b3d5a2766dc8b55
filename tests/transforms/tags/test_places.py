"""Which names are places, and which place each is. All sentences are made up."""

from __future__ import annotations

import pytest

from schemas.records import Place
from transforms.tags.tagger import Tagger


def places(tagger: Tagger, text: str, title: str | None = None) -> dict[str, Place]:
    return {place.surface: place for place in tagger.tag(title, text).places}


@pytest.mark.parametrize(
    ("text", "surface", "identifier"),
    [
        ("He flew from Kabul to Dushanbe.", "Dushanbe", "gn:1221874"),
        ("The convoy reached Kunduz province at dawn.", "Kunduz", "gn:1135690"),
        ("The convoy reached Kunduz city at dawn.", "Kunduz", "gn:1135689"),
        ("She lives in Paris, Texas.", "Paris", "gn:4717560"),
        ("She lives in Paris, France.", "Paris", "gn:2988507"),
        ("Leaders from across Central Asia met in Astana.", "Central Asia", "m49:143"),
        ("They crossed the Panj River at night.", "Panj River", "pack:panj-river"),
        ("Traders wait at Torkham.", "Torkham", "pack:torkham"),
        ("Wheat from the Soviet Union was sold.", "Soviet Union", "pack:soviet-union"),
        ("KABUL - The market opened.", "KABUL", "gn:1138958"),
        ("Police in Bowling Green, Ky., said so.", "Ky.", "gn:6254925"),
        ("A fire in Warren County, Ohio, spread.", "Warren County", "fips:39165"),
        ("Rain fell over Greene, Warren and Butler counties in Ohio.", "Warren", "fips:39165"),
        ("The provinces of the north, Kunduz, Takhar and Badakhshan provinces, are calm.", "Kunduz", "gn:1135690"),
        ("Farmers of Oxfordshire met in Banbury.", "Oxfordshire", "area:oxfordshire"),
        ("Floods in Australia and New Zealand did harm.", "New Zealand", "gn:2186224"),
        ("A shop on Washington Drive closed.", "Washington Drive", "text:washington-drive"),
        ("Police closed the corner of 42nd Street North.", "42nd Street North", "text:42nd-street-north"),
        ("They live at 12 Elm St. in Dayton, Ohio.", "Elm St.", "text:elm-st"),
        ("Boats sank on the Blue Heron River.", "Blue Heron River", "text:blue-heron-river"),
    ],
)
def test_resolution(tagger: Tagger, text: str, surface: str, identifier: str) -> None:
    assert places(tagger, text)[surface].place_id == identifier


@pytest.mark.parametrize(
    "text",
    [
        "In March the Police said most of us are the same.",
        "Mr Kent spoke to Mrs Lancaster about Peter Hamilton.",
        "The turkey was served with java.",
        "The Shanghai Cooperation Organisation will meet.",
        "The New York Times wrote about it.",
        "Chad Walker and Georgia Stevens won.",
        "J. Preston, C.J. McAllen and Eric L. Moore voted.",
        "He shouted in Turkish, and she is fluent in French.",
        "Real Madrid won again.",
        "The mound was built in 250 B.C. or so.",
        "Nathan Lane sang on Wall Street.",
        "The Southern District ruled.",
    ],
)
def test_no_places(tagger: Tagger, text: str) -> None:
    assert places(tagger, text) == {}


def test_other_names_decide_between_namesakes(tagger: Tagger) -> None:
    georgia = places(tagger, "Georgia wants talks. Officials in Tbilisi and Batumi spoke of Abkhazia.")["Georgia"]
    assert georgia.country == "GE"
    georgia = places(tagger, "Voters in Georgia, Alabama and Florida went to the polls, from Atlanta to Miami.")[
        "Georgia"
    ]
    assert (georgia.country, georgia.admin1) == ("US", "US-GA")


def test_a_place_spelled_out_once_keeps_its_sense(tagger: Tagger) -> None:
    found = tagger.tag(None, "A man from Paris, Texas, was held. Police in Paris said so. He left Paris later.").places
    assert {place.place_id for place in found if place.surface == "Paris"} == {"gn:4717560"}


@pytest.mark.parametrize(
    ("text", "surface", "rule"),
    [
        ("He went to Oslo.", "Oslo", "name"),
        ("A Danish ship sank.", "Danish", "demonym"),
        ("She lives in Paris, Texas.", "Paris", "container"),
        ("They camp at Torkham.", "Torkham", "pack"),
    ],
)
def test_every_mention_names_its_rule(tagger: Tagger, text: str, surface: str, rule: str) -> None:
    assert places(tagger, text)[surface].rule == rule


def test_a_town_carries_its_division_and_point(tagger: Tagger) -> None:
    kunduz = places(tagger, "Shelling was heard near Khorugh in Tajikistan.")["Khorugh"]
    assert (kunduz.country, kunduz.admin1, kunduz.kind) == ("TJ", "TJ-GB", "city")
    assert abs((kunduz.lat or 0) - 37.49) < 0.1
    assert abs((kunduz.lon or 0) - 71.55) < 0.1
    assert 0.5 <= kunduz.score <= 1


def test_a_street_lies_where_the_town_beside_it_lies(tagger: Tagger) -> None:
    street = places(tagger, "A fire broke out on Birch Lane in Toledo, Ohio.")["Birch Lane"]
    assert (street.kind, street.country, street.admin1, street.rule) == ("street", "US", "US-OH", "feature")
    assert (street.lat, street.lon) == (None, None)


def test_a_town_keeps_its_own_name(tagger: Tagger) -> None:
    found = places(tagger, "The talks in Fort St. John went on, and so did those in Palm Beach.")
    assert {found["Fort St. John"].kind, found["Palm Beach"].kind} == {"city"}


@pytest.mark.parametrize(
    ("source", "country"),
    [("example.co.uk", "GB"), ("example.ca", "CA"), ("example.com", "CA"), ("example.tv", "CA"), (None, "CA")],
)
def test_an_outlet_means_the_town_at_home(tagger: Tagger, source: str | None, country: str) -> None:
    """Edmonton in Alberta is the larger; to an outlet in Britain it is a part of London."""
    text = "Pupils of a school in Edmonton grew flowers."
    assert [place.country for place in tagger.tag(None, text, source=source).places] == [country]


def test_the_home_does_not_outweigh_the_text(tagger: Tagger) -> None:
    text = "The mayors of Calgary, Toronto and Edmonton met in Ottawa."
    assert {place.country for place in tagger.tag(None, text, source="example.co.uk").places} == {"CA"}


def test_offsets_count_the_title(tagger: Tagger) -> None:
    tags = tagger.tag("Fighting near Faizabad", "Clashes spread in Badakhshan.")
    whole = "Fighting near Faizabad\n\nClashes spread in Badakhshan."
    assert [(place.surface, whole[place.start : place.end]) for place in tags.places] == [
        ("Faizabad", "Faizabad"),
        ("Badakhshan", "Badakhshan"),
    ]


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Дар Тоҷикистон борон меборад.", "TJ"),
        ("Президент Таджикистана прибыл в Кабул.", "TJ"),
        ("افغانستان کشوری در آسیا است.", "AF"),
        ("د تاجکستان پوله", "TJ"),
    ],
)
def test_countries_in_other_scripts(tagger: Tagger, text: str, country: str) -> None:
    assert country in {place.country for place in tagger.tag(None, text).places}
