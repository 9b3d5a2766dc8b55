"""The batch function, on small tables and on measured sets."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import pytest

from transforms.stories.cluster import cluster

TEXT = " ".join(random.Random(1).choices([f"w{n}" for n in range(3000)], k=200))
OTHER = " ".join(random.Random(2).choices([f"v{n}" for n in range(3000)], k=200))


def test_one_result_per_document_in_the_order_given() -> None:
    found = cluster([("x", None, TEXT, None, None), ("y", "T", OTHER, None, None), ("z", "U", TEXT, None, None)])
    assert [each.id for each in found] == ["x", "y", "z"]
    assert [each.near_duplicate_of for each in found] == [None, None, "x"]
    assert found[0].story_id == found[2].story_id != found[1].story_id


@pytest.mark.parametrize("zone", [UTC, None])
def test_the_earliest_published_is_the_original(zone: object) -> None:
    early, late = (datetime(2026, 9, day, tzinfo=UTC).replace(tzinfo=zone) for day in (1, 2))  # type: ignore[arg-type]
    documents = [("undated", None, TEXT, "a", None), ("late", None, TEXT, "b", late), ("early", None, TEXT, "c", early)]
    assert [each.near_duplicate_of for each in cluster(documents)] == ["early", "early", None]


def test_an_id_given_twice_is_a_revision() -> None:
    found = cluster([("x", None, TEXT, "a", None), ("x", None, OTHER, "a", None), ("x", None, OTHER, "a", None)])
    assert len({each.story_id for each in found}) == 1
    assert [each.near_duplicate_of for each in found] == [None] * 3


def test_no_documents() -> None:
    assert cluster([]) == []


def pairs(labels: dict[str, str]) -> set[tuple[str, ...]]:
    members: dict[str, list[str]] = {}
    for identifier, label in labels.items():
        members.setdefault(label, []).append(identifier)
    return {pair for group in members.values() for pair in combinations(sorted(group), 2)}


def test_planted_near_duplicates_are_all_found_and_nothing_else(bench_dir: Path) -> None:
    lines = (bench_dir / "gold" / "dups_ccm1000.jsonl").read_text("utf-8").splitlines()
    documents = [json.loads(line) for line in lines]
    found = cluster((each["id"], None, each["text"], None, None) for each in documents)
    predicted = pairs({each.id: each.story_id for each in found})
    gold = {
        tuple(sorted(pair)) for pair in json.loads((bench_dir / "gold" / "dups_ccm1000.pairs.json").read_text("utf-8"))
    }
    correct = len(predicted & gold)
    f1 = 2 * correct / (len(predicted) + len(gold))
    assert f1 == 1.0


def test_different_real_articles_stay_apart(bench_dir: Path) -> None:
    truth = json.loads((bench_dir / "aeb" / "ground-truth.json").read_text("utf-8"))
    # Without a source nothing is held to the stricter rule for one source's own articles.
    found = cluster((key, None, page["articleBody"], None, None) for key, page in truth.items())
    assert [story for story, count in Counter(each.story_id for each in found).items() if count > 1] == []
