"""What a replay of the tags tells of its changes."""

from __future__ import annotations

from dataclasses import replace

from pipelines.turnover import Changes
from schemas.records import Actor
from tests.factories import article


def actor(name: str, *, provisional: bool = False) -> Actor:
    return Actor(name.lower(), name, "military", provisional=provisional)


def told(*pairs):
    changes = Changes()
    answers = [changes.compare(before, after) for before, after in pairs]
    return answers, changes.lines("p2")


def test_articles_that_stay_as_they_are_change_nothing():
    answers, lines = told((article(), article(processed_at=article().processed_at.replace(hour=20))))
    assert answers == [False]
    assert lines == [
        "tagged 1 articles with p2: tags of 0 changed; 0 had these tags already, 0 failed",
        "regions: nothing changed",
        "actors: nothing changed",
    ]


def test_what_is_gained_and_lost_is_counted_with_examples():
    one, two, three = (article(f"https://example.org/{n}", title=f"Title {n}") for n in range(3))
    answers, lines = told(
        (one, replace(one, region="none", actors=(*one.actors, actor("Police")))),
        (two, replace(two, actors=(actor("Police"),))),
        (three, replace(three, places=())),
    )
    assert answers == [True, True, True]
    assert lines[0].startswith("tagged 3 articles with p2: tags of 3 changed")
    assert lines[1:] == [
        "regions, articles that came to each (+) and left it (-):",
        "  none  +1 -0  + Title 0",
        "  tajik-afghan-border  +0 -1  - Title 0",
        "actors, articles that gained each (+) and lost it (-):",
        "  police, Police  +2 -0  + Title 0; + Title 1",
        "  guards, Guards  +0 -1  - Title 1",
    ]


def test_actors_of_no_pack_are_counted_as_one():
    before = article(actors=(actor("Ann", provisional=True),))
    _, lines = told((before, replace(before, actors=())), (before, replace(before, actors=(actor("Bob"),))))
    assert lines[-2:] == ["  (in no pack)  +0 -2  - A meeting; - A meeting", "  bob, Bob  +1 -0  + A meeting"]


def test_a_long_list_ends_with_a_sum_and_a_long_title_is_cut():
    before = article(title="Word " * 40)
    _, lines = told((before, replace(before, actors=(*before.actors, *(actor(f"A{n:02}") for n in range(25))))))
    assert lines[-1] == "  5 more actors  +5 -0"
    assert lines[-2].endswith("…")
    assert len(lines[-2]) < 90
