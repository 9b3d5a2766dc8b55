"""`python -m tests.card.pairs [COUNT]`: of all texts of the bench, the joined pairs that are the least alike.

For a person to read: each pair with the exact Jaccard and containment of its runs of three words, and how both begin.
Nothing is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.bench.pages import bench_dir
from tests.transforms.stories.material import bench_texts, pairs_of, runs_of_three
from transforms.stories.cluster import cluster

BEGINNING = 110


class Pair(NamedTuple):
    """Two joined texts, the least alike first when sorted."""

    jaccard: float
    containment: float
    one: str
    other: str


def joined_pairs(texts: Mapping[str, tuple[str | None, str]]) -> list[Pair]:
    """All pairs of texts in one story, the least alike first."""
    found = cluster((key, title, text, None, None) for key, (title, text) in texts.items())
    merged = pairs_of({each.id: each.story_id for each in found})
    return sorted(_pair(one, other, texts[one][1], texts[other][1]) for one, other in merged)


def _pair(one: str, other: str, text: str, other_text: str) -> Pair:
    ours, theirs = runs_of_three(text), runs_of_three(other_text)
    shared = len(ours & theirs)
    return Pair(shared / max(1, len(ours | theirs)), shared / max(1, min(len(ours), len(theirs))), one, other)


def lines(pairs: list[Pair], texts: Mapping[str, tuple[str | None, str]]) -> Iterator[str]:
    """What is printed of pairs."""
    for pair in pairs:
        yield f"jaccard {pair.jaccard:.2f}, containment {pair.containment:.2f}"
        yield from (f"  {key}: {' '.join(texts[key][1].split())[:BEGINNING]}" for key in (pair.one, pair.other))


def main() -> None:
    """Prints the pairs, ten where no count is given."""
    texts = bench_texts(bench_dir())
    print(*lines(joined_pairs(texts)[: int(sys.argv[1]) if len(sys.argv) > 1 else 10], texts), sep="\n")


if __name__ == "__main__":
    main()
