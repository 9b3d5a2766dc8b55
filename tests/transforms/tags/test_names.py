"""Unknown persons and organisations. All sentences and names are made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.tags.organisations import slug
from transforms.tags.people import skeleton
from transforms.tags.tagger import Tagger


def mentions(tagger: Tagger, text: str) -> dict[str, list[str]]:
    return {actor.actor_id: [m.surface for m in actor.mentions] for actor in tagger.tag(None, text).actors}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“No,” Gulnora Saidova said.", {"per:gulnora-saidova": ["Gulnora Saidova"]}),
        ("The spokesman Tohir Zokirov left.", {"per:tohir-zokirov": ["Tohir Zokirov"]}),
        ("Col. Gen. Farrukh Nazarov resigned.", {"per:farrukh-nazarov": ["Farrukh Nazarov"]}),
        ("Olim Qodirov, 43, was held.", {"per:olim-qodirov": ["Olim Qodirov"]}),
        ("Zebo Umarova, a lawyer in town, won.", {"per:zebo-umarova": ["Zebo Umarova"]}),
        ("Mr Umarov agreed.", {"per:umarov": ["Umarov"]}),
        (
            "Rustam Umarov spoke. Later Umarov left, and Mr Umarov returned.",
            {"per:rustam-umarov": ["Rustam Umarov", "Umarov", "Umarov"]},
        ),
        (
            "Sergei Rodin spoke. Sergey Rodin left. Rudin had agreed.",
            {"per:sergei-rodin": ["Sergei Rodin", "Sergey Rodin", "Rudin"]},
        ),
        ("Zhang Tao arrived. Zhang said little.", {"per:zhang-tao": ["Zhang Tao", "Zhang"]}),
        (
            "The Blue River Foundation (BRF) closed. The BRF owed money.",
            {"org:blue-river-foundation": ["Blue River Foundation", "BRF", "BRF"]},
        ),
        ("The University of Oslo closed.", {"org:university-of-oslo": ["University of Oslo"]}),
        ("The Oslo Peace Institute closed.", {"org:oslo-peace-institute": ["Oslo Peace Institute"]}),
        ("Said al-Hakimi said so. Later al-Hakimi left.", {"per:said-al-hakimi": ["Said al-Hakimi", "al-Hakimi"]}),
        ("He told Channel 9 that it rained.", {"org:channel-9": ["Channel 9"]}),
        ("It rained on Monday, and Nobody Knows Why.", {}),
        ("Teams Seek Silent Witness As Quiet Harbour Sleeps", {}),
        (
            "We saw how Ilmo Varpela climbed. Nobody saw Varpela again.",
            {"per:ilmo-varpela": ["Ilmo Varpela", "Varpela"]},
        ),
        ("“No,” said Qantura. The others left.", {"per:qantura": ["Qantura"]}),
        ("She praised the Green Herons after the match.", {"org:green-herons": ["Green Herons"]}),
        ("They had met the Oslo Herons before. Herons lost.", {"org:oslo-herons": ["Oslo Herons", "Herons"]}),
        ("Officials of the ZKQ declined.", {"org:zkq": ["ZKQ"]}),
        ("The BMQ-2 tank broke down on TV.", {}),
        ("Do NOT open the door, it is a GREAT risk.", {}),
        ("They fled through the Silent Gate.", {}),
        ("A letter from the Commission arrived.", {"org:commission": ["Commission"]}),
        ("Two men fled, the Interior Ministry said.", {"org:interior-ministry": ["Interior Ministry"]}),
        ("He works for Radio Lima.", {"org:radio-lima": ["Radio Lima"]}),
    ],
)
def test_names(tagger: Tagger, text: str, expected: dict[str, list[str]]) -> None:
    assert mentions(tagger, text) == expected


def test_unknown_actors_are_provisional(tagger: Tagger) -> None:
    actor = tagger.tag(None, "Mr Umarov agreed.").actors[0]
    assert (actor.provisional, actor.type, actor.country) == (True, "person", None)


@pytest.mark.parametrize(
    ("text", "country", "sectors"),
    [
        ("Chilean Foreign Minister Rosa Tirado left.", "CL", ("GOV",)),
        ("Peru’s Gen. Luis Tirado left.", "PE", ("MIL",)),
        ("The former Chadian president Idriss Tirado left.", "TD", ("ELI",)),
        ("Rosa Tirado, a judge in town, left.", None, ("JUD",)),
        ("Rosa Tirado, 43, left Chile.", None, ()),
    ],
)
def test_a_role_tells_country_and_sector(
    tagger: Tagger, text: str, country: str | None, sectors: tuple[str, ...]
) -> None:
    person = next(actor for actor in tagger.tag(None, text).actors if actor.type == "person")
    assert (person.country, person.plover_sectors) == (country, sectors)


def test_another_spelling_of_a_pack_person(tagger: Tagger) -> None:
    tags = tagger.tag(None, "President Shavkat Mirziyaev spoke, and Emomaly Rakhmon listened.")
    assert {actor.actor_id for actor in tags.actors} == {"mirziyoyev", "rahmon"}


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rudin", "Rodin"), ("Rahmon", "Rakhmon"), ("Qaddafi", "Kadafi"), ("Zhaparov", "Japarov"), ("Wali", "Vali")],
)
def test_skeleton_joins_spellings(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("Rahmon", "Rahimov"), ("Ivanov", "Petrov"), ("Karimov", "Karzai")])
def test_skeleton_keeps_names_apart(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text())
def test_keys_never_fail(text: str) -> None:
    skeleton(text)
    assert not any(char.isspace() for char in slug(text))
