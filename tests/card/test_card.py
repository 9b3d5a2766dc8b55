"""The accuracy card is what `make card` wrote, and no figure has fallen below it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.card import articles
from tests.card.measure import MAX_FALL, OURS, PAGE, Figure, Measure, fallen, figures, interval, read, render

FIGURE = Figure("articles", "title, exact", "aeb", OURS, "1", 10, 0.9, 0.8, 1.0)


def test_both_forms_of_the_card_agree() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(read())


@pytest.mark.slow
def test_no_figure_has_fallen_below_the_card(bench_dir: Path) -> None:
    versions = articles.versions(rivals=False)
    now = [each for measure in articles.measures(bench_dir, rivals=False) for each in figures(measure, versions)]
    card = {(figure.name, figure.material) for figure in read() if figure.room == "articles"}
    assert {(figure.name, figure.material) for figure in now} == card
    assert fallen(now, read()) == []


def test_a_fall_is_told_and_a_rise_is_not() -> None:
    lower = replace(FIGURE, value=FIGURE.value - MAX_FALL - 0.001)
    assert fallen([replace(FIGURE, value=0.95)], [FIGURE]) == []
    assert fallen([replace(FIGURE, value=FIGURE.value - MAX_FALL + 0.001)], [FIGURE]) == []
    assert fallen([replace(lower, by="rival")], [FIGURE]) == []
    assert "0.8940, 0.9000 on the card" in fallen([lower], [FIGURE])[0]


def test_an_interval_holds_its_figure_and_comes_back() -> None:
    items = [1] * 70 + [0] * 30
    low, high = interval(items, lambda drawn: sum(drawn) / len(drawn))
    assert 0.55 < low < 0.7 < high < 0.85
    assert (low, high) == interval(items, lambda drawn: sum(drawn) / len(drawn))


def test_figures_of_all_who_take_part() -> None:
    measure = Measure(
        "articles", "title, exact", "aeb", lambda drawn: sum(drawn) / len(drawn), {OURS: [1, 1], "rival": [0, 0]}
    )
    found = figures(measure, {OURS: "1", "rival": "2"})
    assert [(figure.by, figure.version, figure.n, figure.value) for figure in found] == [
        (OURS, "1", 2, 1.0),
        ("rival", "2", 2, 0.0),
    ]
    assert "| title, exact | aeb | 2 | 1.000 (1.000–1.000) | 0.000 (0.000–0.000) |" in render(found)


@pytest.mark.parametrize(
    ("signed", "names"),
    [
        ("Ida Holm", ("Ida Holm",)),
        ("Ida Holm, MD, RD", ("Ida Holm",)),
        ("Ida Holm and Per Lund", ("Ida Holm", "Per Lund")),
        ("Vess Staff", ()),
        ("vessadmin", ()),
        ("Vess News", ()),
        (None, ()),
    ],
)
def test_people_of_a_gold_byline(signed: str | None, names: tuple[str, ...]) -> None:
    assert articles.people(signed, "https://www.vessnews.example/a") == names
