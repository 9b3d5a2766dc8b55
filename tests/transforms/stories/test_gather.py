"""Stories by the keys of bands and articles: joined by their links, they are those of an index that sees everything."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.ids import content_hash, row_id
from schemas.outcomes import EntryState
from schemas.records import Article, StoryRecord
from tests.factories import NOON, article
from transforms.stories.assign import Placement, place_article, remember
from transforms.stories.gather import Clue, Gathering, KnownArticle, gather, match_band, place_gathered, remembered
from transforms.stories.index import MAX_PER_BAND, MemoryIndex
from transforms.stories.sign import sign

KEEP = timedelta(days=7)
LONG = timedelta(days=180)


def words(seed: int, count: int = 300) -> list[str]:
    pick = random.Random(seed)
    return ["".join(pick.choices("abcdefghijklmnop", k=6)) for _ in range(count)]


def text(seed: int, *, changed: float = 0.0, other: int = 0) -> str:
    """A text of its own, with a share of its words changed in runs, as an editor does."""
    made, fresh = words(seed), words(1000 + other)
    run = round(len(made) * changed)
    return " ".join(fresh[:run] + made[run:])


def written(name: str, body: str, minute: float) -> Article:
    url, at = f"https://{name}.org/story", NOON + timedelta(minutes=minute)
    made = article(url, body, fetched_at=at, source=f"{name}.org", story_id=None)
    hashed = content_hash(made.title, body)
    return replace(made, content_hash=hashed, row_id=row_id(made.article_id, at, hashed))


def place_by_keys(articles: Sequence[Article], seed: int | None) -> list[Placement]:
    """Runs articles through cells as the graph does; a seed mixes the order in which clues arrive."""
    bands: dict[str, tuple[StoryRecord, ...]] = {}
    known: dict[str, KnownArticle] = {}
    gathering: dict[str, Gathering] = {}
    asked = []
    rows = {made.row_id: sign(made) for made in articles}
    for signed in rows.values():
        record, keys = remember(signed)
        asked += [(key, record) for key in keys]
    clues = [(signed.article.article_id, Clue(row_id, signed)) for row_id, signed in rows.items()]
    if seed is not None:
        random.Random(seed).shuffle(asked)
    for key, record in asked:
        copies, bands[key] = match_band(bands.get(key, ()), record, KEEP)
        clues.append((record.article_id, Clue(record.row_id, copies=copies)))
    if seed is not None:
        random.Random(seed + 1).shuffle(clues)
    placements = []
    for article_id, clue in clues:
        gathering[clue.row_id] = gather(gathering.get(clue.row_id, Gathering()), clue)
        if gathering[clue.row_id].complete:
            placement = place_gathered(rows[clue.row_id], known.get(article_id), gathering[clue.row_id].copies)
            if placement.record is not None:
                known[article_id] = remembered(known.get(article_id), placement.record, LONG)
            placements.append(placement)
    assert len(placements) == len(articles), "every row is placed once"
    return placements


def groups(placements: Sequence[Placement]) -> set[frozenset[str]]:
    """Articles by story, stories joined by their links."""
    joined: dict[str, str] = {}

    def root(story: str) -> str:
        while story in joined:
            story = joined[story]
        return story

    for placement in placements:
        for link in placement.links:
            one, two = root(link.story_id), root(link.joined_story_id)
            if one != two:
                joined[two] = one
    found: dict[str, set[str]] = {}
    for placement in placements:
        found.setdefault(root(placement.article.story_id), set()).add(placement.article.article_id)
    return {frozenset(members) for members in found.values()}


MIXED = [
    written("a", text(1), 0),
    written("b", text(2), 1),
    written("a2", text(1, changed=0.2, other=5), 2),
    written("a3", text(1, changed=0.4, other=6), 3),
    written("c", text(3), 4),
    written("b2", text(2, changed=0.1, other=7), 5),
    written("a4", text(1), 6),
    written("short", "Too few words to compare.", 7),
    written("short2", "Too few words to compare.", 8),
]


def test_in_order_every_story_is_that_of_a_local_run():
    index = MemoryIndex()
    local = [place_article(sign(made), index).article for made in MIXED]
    ours = {p.article.row_id: p.article for p in place_by_keys(MIXED, None)}
    assert [ours[made.row_id] for made in local] == local


@pytest.mark.parametrize("seed", range(25))
def test_in_any_order_of_arrival_the_stories_are_the_same(seed):
    index = MemoryIndex()
    assert groups(place_by_keys(MIXED, seed)) == groups([place_article(sign(made), index) for made in MIXED])


@pytest.mark.parametrize("seed", range(10))
def test_of_two_that_saw_each_other_the_older_is_the_original(seed):
    first, second = written("a", text(1), 0), written("b", text(1), 1)
    placed = {p.article.source: p.article for p in place_by_keys([first, second], seed)}
    assert placed["a.org"].near_duplicate_of is None
    assert placed["b.org"].near_duplicate_of in (first.article_id, None)


def test_an_edit_supersedes_and_stays_in_its_story():
    copied = written("a", text(1), 0), written("b", text(1), 1)
    edited = written("b", text(1, changed=0.3, other=9), 60)
    placed = [p.article for p in place_by_keys([*copied, edited], None)]
    rows = {made.row_id: made for made in placed}
    assert rows[edited.row_id].supersedes == copied[1].row_id
    assert len({made.story_id for made in placed}) == 1


def test_known_content_gives_no_row():
    first, again = written("a", text(1), 0), written("a", text(1), 60)
    states = {p.article.row_id: p.state for p in place_by_keys([first, again], None)}
    assert states == {first.row_id: EntryState.WRITTEN, again.row_id: EntryState.UNCHANGED}


def test_a_band_forgets_with_time_and_is_capped():
    record = remember(sign(written("a", text(1), 0)))[0]
    later = remember(sign(written("b", text(1), 1)))[0]
    much_later = replace(later, fetched_at=record.fetched_at + KEEP)
    assert match_band((record,), much_later, KEEP) == ((), (much_later,))
    assert match_band((record,), later, KEEP) == ((record,), (record, later))
    assert match_band((record,), replace(record, row_id="again"), KEEP) == ((), (record,))
    many = tuple(replace(record, article_id=f"a{n}") for n in range(MAX_PER_BAND))
    assert match_band(many, later, KEEP)[1] == many
