"""Placing in a stream: each row once, edits by the clock, copies across publishers."""

from __future__ import annotations

from datetime import timedelta

from schemas.records import Article
from tests.factories import NOON, article
from tests.streams import moved_clock, through
from transforms.stories.assign import Memory
from transforms.stories.sign import sign
from transforms.stories.wiring import PlaceStories

TEXT = " ".join(f"word{n} of the report on the crossing" for n in range(60))
EDITED = TEXT + " The ministry has since denied it, and the bridge stays closed until further notice."
DAY = timedelta(days=1)


def at(days: float, name: str = "a", text: str = TEXT) -> tuple:
    moment = NOON + days * DAY
    return moment, sign(article(f"https://{name}.org/x", text, fetched_at=moment, source=f"{name}.org", story_id=None))


def place(*events: tuple) -> tuple[list[Article], list]:
    out = through(PlaceStories(moved_clock, Memory(articles=10 * DAY, bands=3 * DAY)), events, "rows", "links")
    return out["rows"], out["links"]


def test_an_article_is_written_once_and_again_when_edited():
    rows, links = place(at(0), at(1), at(2, text=EDITED), at(3, text=EDITED))
    assert [(row.text, row.supersedes) for row in rows] == [(TEXT, None), (EDITED, rows[0].row_id)]
    assert len({row.story_id for row in rows}) == 1
    assert links == []


def test_a_copy_joins_the_story_and_a_link_tells_of_it():
    rows, links = place(at(0), at(1, "b"))
    assert rows[1].near_duplicate_of == rows[0].article_id
    assert rows[1].story_id == rows[0].story_id
    assert [link.story_id for link in links] == [rows[0].story_id]


def test_what_is_remembered_has_its_time():
    rows, _ = place(at(0), at(3.5, "b"), at(11, text=EDITED))
    assert [row.near_duplicate_of for row in rows] == [None, None, None], "three days for copies"
    assert rows[2].supersedes is None, "ten days for edits"
    rows, _ = place(at(0), at(2.9, "b"), at(9.9, text=EDITED))
    assert [row.near_duplicate_of is not None for row in rows] == [False, True, False]
    assert rows[2].supersedes == rows[0].row_id
