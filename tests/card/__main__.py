"""`make card`: measures all figures, ours and the rivals', and writes docs/accuracy.json and docs/accuracy.md.

Needs the bench material (NEWSBEAM_BENCH, else ../shared/bench) and the extra `card`.
"""

from __future__ import annotations

import logging
from itertools import chain

from tests.bench.pages import bench_dir
from tests.card import actors, articles, places
from tests.card.measure import Figure, figures, write


def main() -> None:
    for name in ("trafilatura", "readability", "newspaper"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    versions = articles.versions(rivals=True)
    found: list[Figure] = []
    bench = bench_dir()
    for measure in chain(articles.measures(bench, rivals=True), places.measures(bench), actors.measures(bench)):
        found += figures(measure, versions)
        print(*found[-len(measure.items) :], sep="\n", flush=True)
    write(found)


if __name__ == "__main__":
    main()
