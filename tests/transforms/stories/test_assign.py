"""What is a revision, what a copy, and what only looks like one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schemas import ids
from schemas.outcomes import EntryState
from schemas.records import Article
from transforms.stories.assign import Placement, place_article, place_slice, story_id_of
from transforms.stories.index import MemoryIndex, OverlayIndex
from transforms.stories.sign import sign

NOW = datetime(2026, 9, 13, 12, 0, tzinfo=UTC)


def prose(seed: int, n_words: int = 300) -> str:
    """A text that shares no shingle with that of another seed, save by a rare accident."""
    rng = random.Random(seed)
    return " ".join(f"w{rng.randrange(5000)}" for _ in range(n_words))


def change_every(text: str, nth: int) -> str:
    """Every nth word replaced: kills 3/nth of the shingles of three words."""
    return " ".join(f"new{n}" if n % nth == 0 else word for n, word in enumerate(text.split()))


def article(name: str, text: str, *, minutes: int = 0, source: str | None = None, title: str | None = None) -> Article:
    fetched_at = NOW + timedelta(minutes=minutes)
    url = f"https://{name}.example/story"
    article_id, content = ids.article_id_of_url(url), ids.content_hash(title, text)
    return Article(
        row_id=ids.row_id(article_id, fetched_at, content),
        article_id=article_id,
        url=url,
        canonical_url=url,
        source=source or f"{name}.example",
        feed_url=None,
        guid=None,
        title=title,
        authors=(),
        language=None,
        section=None,
        lead=None,
        text=text,
        image_url=None,
        published_at=None,
        published_raw=None,
        published_offset_min=None,
        published_date=None,
        published_precision=None,
        published_from=None,
        fetched_at=fetched_at,
        processed_at=fetched_at,
        word_count=len(text.split()),
        content_hash=content,
    )


def place_all(*articles: Article) -> list[Placement]:
    index = MemoryIndex()
    return [place_article(sign(each), index) for each in articles]


def copies(placements: list[Placement]) -> list[str | None]:
    return [placement.article.near_duplicate_of for placement in placements]


def test_the_first_article_begins_a_story() -> None:
    (placed,) = place_all(article("a", prose(1)))
    assert placed.state is EntryState.WRITTEN
    assert placed.article.story_id == story_id_of(placed.article.article_id)
    assert placed.article.near_duplicate_of is placed.article.supersedes is None
    assert placed.record is not None
    assert (placed.record.row_id, placed.record.story_id) == (placed.article.row_id, placed.article.story_id)
    assert placed.evidence == "new story: none of 0 candidates is near enough"


def test_the_same_content_again_is_unchanged_and_not_remembered() -> None:
    index = OverlayIndex(MemoryIndex())
    first = place_article(sign(article("a", prose(1))), index)
    again = place_article(sign(article("a", prose(1), minutes=9)), index)
    assert again.state is EntryState.UNCHANGED
    assert again.article.story_id == first.article.story_id
    assert again.record is None
    assert [record for record, _ in index.added] == [first.record]


def test_a_revision_supersedes_the_latest_row_and_keeps_the_story() -> None:
    texts = [prose(1), change_every(prose(1), 50), prose(2)]
    first, second, third = place_all(*(article("a", text, minutes=n) for n, text in enumerate(texts)))
    assert (second.state, third.state) == (EntryState.WRITTEN, EntryState.WRITTEN)
    assert second.article.supersedes == first.article.row_id
    assert third.article.supersedes == second.article.row_id
    assert first.article.story_id == second.article.story_id == third.article.story_id
    assert copies([first, second, third]) == [None, None, None]


def test_going_back_to_an_older_content_is_a_revision() -> None:
    texts = [prose(1), prose(2), prose(1)]
    placed = place_all(*(article("a", text, minutes=n) for n, text in enumerate(texts)))
    assert [each.state for each in placed] == [EntryState.WRITTEN] * 3
    assert placed[2].article.supersedes == placed[1].article.row_id


def test_a_row_fetched_earlier_but_read_later_supersedes_nothing() -> None:
    late, early = place_all(article("a", prose(1), minutes=5), article("a", prose(2), minutes=0))
    assert early.state is EntryState.WRITTEN
    assert early.article.supersedes is None
    assert early.article.story_id == late.article.story_id


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text: text, id="same text"),
        pytest.param(lambda text: change_every(text, 12), id="every 12th word"),
        pytest.param(lambda text: " ".join(text.split()[:150]), id="first half"),
        pytest.param(lambda text: prose(77, 60) + " " + " ".join(text.split()[60:]), id="new lead"),
        pytest.param(lambda text: text + " " + prose(78, 90), id="own paragraphs added"),
    ],
)
def test_an_edited_copy_elsewhere_joins_the_story(edit) -> None:  # type: ignore[no-untyped-def]
    wire, copy = place_all(article("a", prose(1)), article("b", edit(prose(1)), minutes=1))
    assert copy.state is EntryState.WRITTEN
    assert copy.article.near_duplicate_of == wire.article.article_id
    assert copy.article.story_id == wire.article.story_id
    assert copy.article.supersedes is None
    assert wire.article.article_id in copy.evidence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(prose(1), prose(2), id="other words"),
        pytest.param(prose(1), prose(2, 240) + " " + " ".join(prose(1).split()[:60]), id="one shared quotation"),
        pytest.param(prose(1, 30), prose(1, 30), id="short text"),
        pytest.param("", "", id="no text"),
        pytest.param(prose(1, 100), prose(1, 100) + " " + prose(2, 300), id="digest that contains it"),
    ],
)
def test_what_is_no_copy_stays_apart(one: str, other: str) -> None:
    first, second = place_all(article("a", one), article("b", other, minutes=1))
    assert second.state is EntryState.WRITTEN
    assert second.article.near_duplicate_of is None
    assert second.article.story_id != first.article.story_id


def test_a_template_of_one_source_does_not_merge_its_articles() -> None:
    # Two daily bulletins: 200 words the same, 50 of their own. Elsewhere that would be a copy.
    template = prose(1, 200)
    first, second = f"{template} {prose(2, 50)}", f"{template} {prose(3, 50)}"
    same = place_all(article("a", first, source="x"), article("b", second, source="x"))
    elsewhere = place_all(article("a", first, source="x"), article("b", second, source="y"))
    assert same[1].article.near_duplicate_of is None
    assert elsewhere[1].article.near_duplicate_of == elsewhere[0].article.article_id


def test_a_paywall_stub_under_many_titles_merges_nothing() -> None:
    stub = prose(1, 80)
    placed = place_all(*(article(f"p{n}", stub, source="x", title=f"Title {n}") for n in range(4)))
    assert copies(placed) == [None] * 4
    assert len({each.article.story_id for each in placed}) == 4


def test_one_article_under_two_addresses_of_a_source_is_one_story() -> None:
    long, short = prose(1), prose(2, 80)
    for text in (long, short):
        first, second = place_all(
            article("a", text, source="x", title="T"), article("b", text, source="x", title="T", minutes=1)
        )
        assert second.article.near_duplicate_of == first.article.article_id


def test_copies_point_to_the_oldest_and_not_to_each_other() -> None:
    placed = place_all(*(article(name, prose(1), minutes=n) for n, name in enumerate("abcd")))
    assert copies(placed) == [None] + [placed[0].article.article_id] * 3


def test_a_revised_copy_stays_a_copy_and_a_revised_original_an_original() -> None:
    original, copy, copy2, original2 = place_all(
        article("a", prose(1), minutes=0),
        article("b", change_every(prose(1), 60), minutes=1),
        article("b", change_every(prose(1), 40), minutes=2),
        article("a", change_every(prose(1), 45), minutes=3),
    )
    assert copies([original, copy, copy2, original2]) == [
        None,
        original.article.article_id,
        original.article.article_id,
        None,
    ]
    assert original2.article.supersedes == original.article.row_id


def test_an_article_that_is_like_two_stories_links_them() -> None:
    base = prose(1).split()
    left, right = [*base[:225], *prose(2, 75).split()], [*prose(3, 75).split(), *base[75:]]
    first, second, both = place_all(
        article("a", " ".join(left), source="x"),
        article("b", " ".join(right), source="x"),
        article("c", " ".join(base), minutes=2),
    )
    assert first.article.story_id != second.article.story_id
    assert both.article.story_id in (first.article.story_id, second.article.story_id)
    strong = [link for link in both.links if link.joined_story_id != both.article.story_id]
    assert len(strong) == 1
    assert {strong[0].story_id, strong[0].joined_story_id} == {first.article.story_id, second.article.story_id}
    assert strong[0].linked_at == both.article.processed_at


def test_a_known_credit_is_kept_and_a_missing_one_found() -> None:
    text = f"KABUL (AFP) - {prose(1)}"
    found, kept = place_all(article("a", text), replace(article("b", prose(2)), wire_origin="TASS"))
    assert (found.article.wire_origin, kept.article.wire_origin) == ("AFP", "TASS")


def test_slices_over_an_overlay_give_what_one_index_gives() -> None:
    batch = [
        article(f"n{n}", change_every(prose(n % 4), 30 + n), minutes=n, source=f"s{n % 3}.example") for n in range(16)
    ]
    whole = place_all(*batch)
    base = MemoryIndex()
    sliced: list[Placement] = []
    for start in range(0, len(batch), 5):
        overlay = OverlayIndex(base)
        sliced += [place_article(sign(each), overlay) for each in batch[start : start + 5]]
        for record, bands in overlay.added:
            base.add(record, bands)
    assert sliced == whole
    assert len({each.article.story_id for each in whole}) < len(batch)


def test_a_slice_is_placed_in_the_order_of_arrival_and_leaves_the_index_as_it_was() -> None:
    batch = [article(f"n{n}", change_every(prose(n % 4), 30 + n), minutes=n) for n in range(8)]
    written = MemoryIndex()
    signed = [sign(each) for each in batch]
    assert list(place_slice(reversed(signed), written)) == place_all(*batch)
    assert written.candidates(signed[0].bands, NOW - timedelta(days=9)) == []
