"""Runs the parts that are named, else all of them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench.extraction import extraction
from tests.bench.measure import chain
from tests.bench.memory import memory
from tests.bench.polling import polling
from tests.bench.reading import reading
from tests.bench.start import start_up
from tests.bench.storage import storage
from tests.bench.stories import stories
from tests.bench.tags import tagger
from tests.bench.throughput import all_cores, one_process
from tests.bench.writer import writer


def _engines(scratch: Path) -> None:
    from tests.bench.engines import engines  # it loads Beam, and every worker process of a pool loads this module

    engines(scratch)


def _growth(scratch: Path) -> None:
    from tests.bench.growth import growth

    growth(scratch)


def _fetch(scratch: Path) -> None:
    from tests.bench.fetching import fetching

    fetching(scratch)


def _keeping(scratch: Path) -> None:
    from tests.bench.keeping import keeping

    keeping(scratch)


def _watching(scratch: Path) -> None:
    from tests.bench.watching import watching

    watching(scratch)


PARTS = {
    "start": lambda _: start_up(),
    "articles": lambda _: extraction(),
    "one": one_process,
    "cores": all_cores,
    "memory": memory,
    "storage": storage,
    "stories": stories,
    "fetch": _fetch,
    "archive": _keeping,
    "watch": _watching,
    "writer": writer,
    "reading": reading,
    "polling": polling,
    "engines": _engines,
    "growth": _growth,
    "tagger": lambda _: tagger(),
}


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["chain"]:
        chain(Path(arguments[1]), Path(arguments[2]))
        return
    if unknown := set(arguments) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}. Parts: {', '.join(PARTS)}.")
    for part in arguments or PARTS:
        with tempfile.TemporaryDirectory() as scratch:
            PARTS[part](Path(scratch))


if __name__ == "__main__":
    main(sys.argv[1:])
