"""What joins a story by more than its wording, and what keeps alike texts apart; on invented and on real texts."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.card.pairs import joined_pairs
from tests.transforms.stories.material import bench_texts, noisy_variants, pairs_of
from transforms.stories.cluster import cluster

_RANDOM = random.Random(7)
_WORDS = ["".join(_RANDOM.choices("abdefgiklmnoprstuz", k=_RANDOM.randint(3, 9))) for _ in range(900)]


def prose(seed: int, count: int) -> str:
    return " ".join(random.Random(seed).choices(_WORDS, k=count))


FACTS = "the envoy Marek Dolan met Ilya Sarin in Gdansk and Tartu, said Courier, on 9 May with 315 pilots"
OTHERS = "then Ana Beran met Carl Dorn in Essen and Fulda, said Gerd, on 9 May with 315"
QUOTES = (
    "“The ferry timetable of both harbours will be printed anew before the spring begins,” he said. "
    "“Whoever crosses on a Sunday morning pays no more than the price of a loaf,” he added. "
)


def report(seed: int, *, facts: str = FACTS, quotes: str = QUOTES, shared: int = 0, own: int = 240) -> str:
    """A report of `own` words of its own and `shared` words that all reports have."""
    return f"{prose(seed, own)} {facts}. {quotes}{prose(0, shared)}"


def stories(*texts: tuple[str | None, str, str | None, datetime | None]) -> int:
    """How many stories texts (title, text, source, published) make."""
    found = cluster((str(n), *told) for n, told in enumerate(texts))
    return len({each.story_id for each in found})


DAY = datetime(2026, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("other", "published", "expected"),
    [
        pytest.param(report(2, shared=30), None, 1, id="all agrees"),
        pytest.param(report(2, shared=30), DAY + timedelta(days=2), 1, id="two days later"),
        pytest.param(report(2, shared=30), DAY + timedelta(days=30), 2, id="a month later"),
        pytest.param(report(2, shared=30, quotes=""), None, 2, id="no quotation"),
        pytest.param(
            report(2, shared=30, facts=FACTS.replace("9 May", "17 May").replace("315", "99")), None, 2, id="numbers"
        ),
        pytest.param(
            report(2, shared=30, facts=OTHERS),
            None,
            2,
            id="other names",
        ),
        pytest.param(report(2, own=900), None, 2, id="wording"),
    ],
)
def test_a_rewritten_report_is_joined_by_all_that_agrees_and_by_nothing_less(
    other: str, published: datetime | None, expected: int
) -> None:
    assert stories((None, report(1, shared=30), "a", DAY), (None, other, "b", published)) == expected


def test_a_paper_does_not_rewrite_itself() -> None:
    one, other = report(1, shared=30), report(2, shared=30)
    assert stories((None, one, "a", None), (None, other, "a", None)) == 2


PLACES = "ABCDEFGHIJKLMNOPQRST"


def bulletin(seed: int) -> str:
    """A daily report by one template: other numbers, the same words."""
    chance = random.Random(seed)
    lines = (
        f"near {place} forces counted {chance.randint(10, 900)} {prose(n, 11)}" for n, place in enumerate("PQRST" * 4)
    )
    return ". ".join(lines)


def test_a_template_with_other_numbers_is_another_story() -> None:
    assert stories((None, bulletin(1), None, None), (None, bulletin(2), None, None)) == 2
    assert stories((None, bulletin(1), None, None), (None, bulletin(1), None, None)) == 1


STUB = (
    "Registered users can read up to three reports a month without paying. Please sign in or create your account to go"
    " on reading, and support the work of our newsroom with a subscription that you may end at any time without any"
    " reason. Already a subscriber? Then enter the address that you gave us and we will send you a link."
)


@pytest.mark.parametrize("sources", [("a", "a"), ("a", "b"), (None, None)])
@pytest.mark.parametrize("repeat", [1, 3], ids=["short", "long"])
def test_a_paywall_stub_never_merges_two_stories(sources: tuple[str | None, str | None], repeat: int) -> None:
    stub = "\n".join(f"{STUB} {prose(n, 20)}" for n in range(repeat))
    titles = ("Bridge over the river Panj reopens after repairs", "Three guards wounded during night exercise")
    assert stories(*((title, stub, source, None) for title, source in zip(titles, sources, strict=True))) == 2


def test_the_rewritten_interview_is_one_story_and_its_topic_is_none(corpus_dir: Path) -> None:
    texts = {path.name[:3]: path.read_text("utf-8") for path in corpus_dir.glob("*.txt")}
    found = cluster((name, None, text, None, None) for name, text in sorted(texts.items()))
    by_story = defaultdict(set)
    for each in found:
        by_story[each.story_id].add(each.id)
    assert sorted(map(sorted, by_story.values())) == [["000", "001"], ["002"], ["003"], ["004"]]


@pytest.mark.slow
def test_nothing_of_the_bench_is_merged_but_copies(bench_dir: Path) -> None:
    merged = [(pair.one, pair.other) for pair in joined_pairs(bench_texts(bench_dir))]
    # Read by eye: two collections that hold one agency report each, and two updates of a report by one paper.
    assert {tuple(sorted(key.split(":")[0] for key in pair)) for pair in merged} <= {
        ("dups_ccm1000", "dups_ccm1000"),
        ("places_lgl", "places_lgl"),
        ("places_lgl", "places_trnews"),
    }
    assert len(merged) == 14


@pytest.mark.slow
def test_what_extractors_make_of_one_page_is_one_story(bench_dir: Path) -> None:
    documents, page_of = noisy_variants(bench_dir)
    found = pairs_of({each.id: each.story_id for each in cluster(documents)})
    true = pairs_of(page_of)
    correct = len(found & true)
    assert correct / len(found) >= 0.999
    assert 2 * correct / (len(found) + len(true)) >= 0.985
