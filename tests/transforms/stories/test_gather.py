"""Stories by the keys of bands and articles: joined by their links, they are those of an index that sees everything."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pytest

from schemas.ids import content_hash, row_id
from schemas.outcomes import EntryState
from schemas.records import Article, StoryRecord
from tests.factories import NOON, article
from transforms.coding import decode, encode
from transforms.stories.assign import Placement, place_article, remember
from transforms.stories.gather import (
    Clue,
    Filed,
    Gathering,
    KnownArticle,
    KnownText,
    Question,
    answer_question,
    gather,
    match_band,
    place_gathered,
    remembered,
    text_key,
)
from transforms.stories.index import MAX_PER_BAND, MemoryIndex
from transforms.stories.sign import Signed, sign

T = TypeVar("T")
MINUTE = timedelta(minutes=1)
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
    """Runs articles through cells as the graph does; a seed mixes the order in which all that is sent arrives."""
    rows = {made.row_id: sign(made) for made in articles}
    records = {row: remember(signed)[0] for row, signed in rows.items()}
    texts: dict[str, KnownText | None] = {}
    known: dict[str, KnownArticle] = {}
    questions, clues, placements = [], [], []
    for row, found in heard_of(rows, records, seed).items():
        questions.append((text_key(records[row]), Question(records[row])))
        questions += [(text, Question(records[row], fetched_at)) for text, fetched_at in found]
        clues.append(Clue(row, rows[row], len(found)))
    for text, question in mixed(questions, seed):
        texts[text], answers = answer_question(texts.get(text), question, KEEP, NOON)
        clues += [Clue(asking.row_id, copies=copies) for asking, copies in answers]
    gathering: dict[str, Gathering[StoryRecord]] = {}
    for clue in mixed(clues, seed):
        gathered = gathering[clue.row_id] = gather(gathering.get(clue.row_id, Gathering()), clue.asked, clue.copies)
        if gathered.complete:
            article_id = records[clue.row_id].article_id
            placement = place_gathered(rows[clue.row_id], known.get(article_id), gathered.found)
            if placement.record is not None:
                known[article_id] = remembered(known.get(article_id), placement.record, LONG)
            placements.append(placement)
    assert len(placements) == len(articles), "every row is placed once"
    return placements


def heard_of(
    rows: dict[str, Signed], records: dict[str, StoryRecord], seed: int | None
) -> dict[str, tuple[Filed, ...]]:
    """By row, the texts that its bands knew."""
    bands: dict[str, tuple[Filed, ...]] = {}
    gathering = {row: gather(Gathering[Filed](), len(signed.bands)) for row, signed in rows.items()}
    for row, band in mixed([(row, band) for row, signed in rows.items() for band in signed.bands], seed):
        filed = Filed(text_key(records[row]), records[row].fetched_at)
        found, bands[band] = match_band(bands.get(band, ()), filed, KEEP)
        gathering[row] = gather(gathering[row], None, found)
    assert all(gathered.complete for gathered in gathering.values())
    return {row: gathered.found for row, gathered in gathering.items()}


def mixed(sent: list[T], seed: int | None) -> list[T]:
    return sent if seed is None else random.Random(seed).sample(sent, len(sent))


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
    first, later = Filed("a", NOON), Filed("b", NOON + MINUTE)
    much_later = Filed("b", NOON + KEEP)
    assert match_band((first,), much_later, KEEP) == ((), (much_later,))
    assert match_band((first,), later, KEEP) == ((first,), (first, later))
    assert match_band((first,), Filed("a", NOON + MINUTE), KEEP) == ((), (first,)), "the same text costs no room"
    many = tuple(Filed(f"a{n}", NOON) for n in range(MAX_PER_BAND))
    assert match_band(many, later, KEEP)[1] == many


ROW = remember(sign(written("a", text(1), 0)))[0]
COPY = remember(sign(written("b", text(1), 1)))[0]
OTHER = remember(sign(written("c", text(2), 2)))[0]
ASKING = Question(COPY, NOON)


def test_a_text_answers_whoever_asks_before_or_after_its_row_has_come():
    waiting, answers = answer_question(None, ASKING, KEEP, NOON)
    assert answers == []
    known, answers = answer_question(waiting, Question(ROW), KEEP, NOON)
    assert answers == [(COPY, (ROW,))]
    assert known == KnownText(NOON + KEEP, ROW)
    assert answer_question(known, ASKING, KEEP, NOON) == (known, [(COPY, (ROW,))])
    assert answer_question(known, Question(OTHER, NOON), KEEP, NOON) == (known, [(OTHER, ())])


def test_nobody_waits_for_a_text_that_was_forgotten():
    assert answer_question(None, ASKING, KEEP, NOON + KEEP) == (None, [(COPY, ())])


def test_a_text_that_is_seen_again_is_kept_longer_under_its_first_row_while_that_counts():
    again = replace(ROW, row_id="again", fetched_at=NOON + KEEP / 2)
    assert answer_question(KnownText(NOON + KEEP, ROW), Question(again), KEEP, NOON)[0] == KnownText(
        NOON + KEEP * 1.5, ROW
    )
    late = replace(ROW, row_id="late", fetched_at=NOON + KEEP)
    assert answer_question(KnownText(NOON + KEEP, ROW), Question(late), KEEP, NOON)[0] == KnownText(
        NOON + 2 * KEEP, late
    )


def test_an_article_remembers_no_sketches_and_its_first_fetch():
    edited = replace(ROW, row_id="r2", fetched_at=NOON + MINUTE)
    known = remembered(remembered(None, ROW, LONG), edited, LONG)
    assert (known.latest.row_id, known.first_seen, known.latest.signature) == ("r2", NOON, b"")


def test_cells_of_an_article_as_they_were_coded_before_are_read():
    before = encode({"first": ROW, "latest": COPY, "expires_at": NOON + LONG})
    assert decode(before, KnownArticle) == KnownArticle(COPY, NOON + LONG)
