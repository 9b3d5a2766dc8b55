"""Literal, adjectival or metonymic. All sentences are made up."""

from __future__ import annotations

import pytest

from transforms.tags.tagger import Tagger


@pytest.mark.parametrize(
    ("text", "surface", "use"),
    [
        ("Floods hit the north of Tajikistan.", "Tajikistan", "literal"),
        ("He was born in Moscow.", "Moscow", "literal"),
        ("Troops stood along the border with Uzbekistan.", "Uzbekistan", "literal"),
        ("Trucks waited at the Tajikistan-Afghanistan border.", "Tajikistan", "literal"),
        ("Tajikistan's mountains are high.", "Tajikistan", "literal"),
        ("The situation in Kyrgyzstan will be discussed.", "Kyrgyzstan", "literal"),
        ("A Tajik farmer sold apples.", "Tajik", "adjectival"),
        ("The US troops left.", "US", "adjectival"),
        ("U.S.-led forces left.", "U.S.", "adjectival"),
        ("Beijing said it would not wait.", "Beijing", "metonymic"),
        ("Iran has repeatedly denied the claim.", "Iran", "metonymic"),
        ("Turkey, he added, will send aid.", "Turkey", "metonymic"),
        ("They accused Pakistan of lying.", "Pakistan", "metonymic"),
        ("He spoke of close ties with India.", "India", "metonymic"),
        ("Kazakhstan's foreign minister arrived.", "Kazakhstan", "metonymic"),
        ("China, Iran and Uzbekistan will hold talks.", "China", "metonymic"),
        ("An agreement between China and Nepal was signed.", "Nepal", "metonymic"),
        ("Mongolia is our ally.", "Mongolia", "metonymic"),
        ("The withdrawal of Ethiopia was swift.", "Ethiopia", "metonymic"),
    ],
)
def test_use(tagger: Tagger, text: str, surface: str, use: str) -> None:
    assert [place.use for place in tagger.tag(None, text).places if place.surface == surface] == [use]


def test_a_state_that_acts_is_an_actor(tagger: Tagger) -> None:
    actors = {actor.actor_id: actor for actor in tagger.tag(None, "Beijing said so. China agreed.").actors}
    china = actors["state:CN"]
    assert [(m.surface, m.match, m.metonym) for m in china.mentions] == [
        ("Beijing", "metonym", True),
        ("China", "metonym", True),
    ]
    assert (china.type, china.plover_country, china.plover_sectors) == ("state", "CHN", ("GOV",))


def test_a_state_that_is_only_a_place_is_none(tagger: Tagger) -> None:
    assert tagger.tag(None, "Rain fell in China and over Tashkent.").actors == ()
