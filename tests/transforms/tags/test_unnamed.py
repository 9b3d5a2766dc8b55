"""Actors without a name: bodies of the state named last, and what `unnamed` adds. All sentences are made up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.tags.tagger import Tagger


def mentions(tagger: Tagger, text: str, *, unnamed: bool) -> set[tuple[str, str]]:
    tags = tagger.tag(None, text, language="en", unnamed=unnamed)
    return {(mention.surface, actor.actor_id) for actor in tags.actors for mention in actor.mentions}


@pytest.mark.parametrize(
    ("text", "surface", "identifier"),
    [
        ("Rain fell in Chad. The government denied it.", "government", "gov:TD-government"),
        ("Rain fell in Chad. The police said so.", "police", "gov:TD-police"),
        ("The Peruvian army met envoys in Chile, and the army left.", "army", "gov:PE-military"),
        ("Talks in Lima failed. In Chile, the authorities said no.", "authorities", "gov:CL-government"),
        ("The regime fell. Kenya was quiet, Kenya slept.", "regime", "gov:KE-government"),
    ],
)
def test_a_body_belongs_to_the_state_named_last(tagger: Tagger, text: str, surface: str, identifier: str) -> None:
    assert (surface, identifier) in mentions(tagger, text, unnamed=False)


@pytest.mark.parametrize(
    "text",
    [
        "The government denied it.",
        "Rain fell in Chad near the police station.",
        "Rain fell in Chad on the army-run farm.",
        "Rain fell in Chad, and police came.",
    ],
)
def test_no_body_without_a_state_or_before_a_noun(tagger: Tagger, text: str) -> None:
    assert mentions(tagger, text, unnamed=False) == set()


@pytest.mark.parametrize(
    ("text", "surface", "identifier"),
    [
        ("Some 20 civilians fled, two soldiers fell.", "civilians", "grp:civilians"),
        ("They met coalition forces.", "coalition forces", "grp:forces"),
        ("Foreign Minister Rosa Tirado resigned.", "Foreign Minister", "per:rosa-tirado"),
        ("Rosa Tirado, the foreign minister, resigned.", "foreign minister", "per:rosa-tirado"),
        ("A spokesman denied it.", "spokesman", "grp:spokesman"),
        ("Rosa Tirado said she would stay.", "she", "per:rosa-tirado"),
        ("“I will stay,” Rosa Tirado said.", "I", "per:rosa-tirado"),
        ("“Well, we feel it,” sighs Rosa Tirado.", "we", "per:rosa-tirado"),
        ("We condemn it.", "We", "grp:author"),
        ("The Taliban left, but the group came back.", "group", "taliban"),
        ("The Taliban left before they came back.", "they", "taliban"),
    ],
)
def test_actors_without_a_name(tagger: Tagger, text: str, surface: str, identifier: str) -> None:
    assert (surface, identifier) in mentions(tagger, text, unnamed=True)
    assert (surface, identifier) not in mentions(tagger, text, unnamed=False)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("The army base burned.", "army"),
        ("A terrorist group burned it.", "terrorist"),
        ("The Taliban regime burned it.", "regime"),
        ("A people-smuggling ring burned it.", "people"),
        ("US troops burned it.", "US"),
        ("They burned it.", "They"),
    ],
)
def test_what_is_no_actor_of_its_own(tagger: Tagger, text: str, surface: str) -> None:
    assert surface not in {found for found, _ in mentions(tagger, text, unnamed=True)}


def test_a_pack_may_ask_for_actors_without_a_name(tmp_path: Path) -> None:
    tagged = {}
    for unnamed in ("false", "true"):
        pack = tmp_path / f"{unnamed}.toml"
        pack.write_text(f'format = 1\nname = "asking"\nversion = 1\nunnamed = {unnamed}\n', encoding="utf-8")
        asking = Tagger.load([pack])
        tagged[unnamed] = mentions(asking, "Militants crossed the river.", unnamed=False)
    assert tagged == {"false": set(), "true": {("Militants", "grp:militants")}}


def test_an_unnamed_group_has_a_sector_and_is_provisional(tagger: Tagger) -> None:
    actors = tagger.tag(None, "Rebels met refugees.", language="en", unnamed=True).actors
    assert [(a.actor_id, a.type, a.plover_sectors, a.provisional) for a in actors] == [
        ("grp:rebels", "group", ("REB",), True),
        ("grp:refugees", "group", ("REF",), True),
    ]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.sampled_from(
            [
                "the group",
                "they",
                "he said",
                "“we",
                "I”",
                "Rosa Tirado",
                "minister",
                "forces",
                ".",
                ",",
                "Chad",
                "the army",
                "regime",
            ]
        ),
        max_size=12,
    )
)
def test_nothing_named_is_lost_and_no_span_is_empty(tagger: Tagger, parts: list[str]) -> None:
    text = " ".join(parts)
    plain, more = (mentions(tagger, text, unnamed=unnamed) for unnamed in (False, True))
    assert plain <= more
    assert all(surface.strip() and surface in text for surface, _ in more)
