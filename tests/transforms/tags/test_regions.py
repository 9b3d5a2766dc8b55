"""What a text is about. All texts are made up."""

from __future__ import annotations

import ast
import inspect

import pytest

from schemas.records import Tags
from transforms.tags import regions
from transforms.tags.tagger import Tagger

BORDER = (
    "Shots were fired on the Tajik-Afghan border on Friday. Russia said it would send guards to Tajikistan. "
    "Moscow has promised help. Russia expects more trouble from Afghanistan, and Russia warned the Taliban.\n"
    "Refugees crossed the Panj River into Khatlon. Moscow said Russia would act."
)


@pytest.mark.parametrize(
    ("title", "text", "region"),
    [
        (None, BORDER, "tajik-afghan-border"),
        (
            "Clash at Torkham",
            "Guards of Pakistan and Afghanistan traded fire at the Torkham border crossing.",
            "afghan-pakistan-border",
        ),
        (
            "Kyrgyz and Tajik villagers clash",
            "The border of Kyrgyzstan and Tajikistan in Batken was shelled.",
            "kyrgyz-tajik-border",
        ),
        (
            "Trains to Hairatan stop",
            "Trade across the border of Uzbekistan and Afghanistan halted.",
            "uzbek-afghan-border",
        ),
        (None, "Elections were held in Almaty and Astana in Kazakhstan.", "central-asia"),
        (None, "Floods hit Lyon and Marseille.", "western-europe"),
        (None, "Nothing happened today.", "none"),
        (None, "", "none"),
    ],
)
def test_region(tagger: Tagger, title: str | None, text: str, region: str) -> None:
    assert tagger.tag(title, text).region == region


def test_who_only_speaks_is_not_the_focus(tagger: Tagger) -> None:
    tags = tagger.tag(None, BORDER)
    assert [score.country for score in tags.countries][:2] in (["TJ", "AF"], ["AF", "TJ"])
    assert "RU" in {score.country for score in tags.countries}


def check_scores(tags: Tags) -> None:
    for values in ([c.score for c in tags.countries], [r.score for r in tags.regions]):
        assert all(0 <= value <= 1 for value in values)
    assert [r.score for r in tags.regions] == sorted((r.score for r in tags.regions), reverse=True)
    assert sum(c.score for c in tags.countries) <= 1.001


@pytest.mark.parametrize("text", [BORDER, "France and Spain.", "Central Asia"])
def test_scores_are_shares(tagger: Tagger, text: str) -> None:
    check_scores(tagger.tag(None, text))


def test_weights_are_added_exactly() -> None:
    """sum() rounds floats otherwise from Python 3.12 on; fsum() is the same everywhere, in any order."""
    calls = [node.func for node in ast.walk(ast.parse(inspect.getsource(regions))) if isinstance(node, ast.Call)]
    assert [call.id for call in calls if isinstance(call, ast.Name) and call.id == "sum"] == []
