"""What the archive costs: processor time and bytes of a page, and an ingest with it beside one without it."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.archive import archive
from tests.bench.measure import spread
from tests.bench.pages import real_pages, write_many

HOSTS = 4
PAGES = 300
ROUNDS = 3


def keeping(scratch: Path, pages: int = PAGES) -> None:
    """Prints both; the rounds of ingest alternate, so that what else the machine does falls on both."""
    _one_page(scratch)
    folder = scratch / "pages"
    write_many(folder, pages)
    with ExitStack() as stack:
        feeds = stack.enter_context(archive(folder, HOSTS)).feeds
        _ingest(scratch / "warm", feeds, pages, keeps=True)
        ratios = []
        for number in range(ROUNDS):
            without = _ingest(scratch / f"without-{number}", feeds, pages, keeps=False)
            with_it = _ingest(scratch / f"with-{number}", feeds, pages, keeps=True)
            ratios.append(without / with_it)
            print(
                f"round {number + 1}: {pages / with_it:.1f} pages/s with the archive, {pages / without:.1f} without,"
                f" ratio {without / with_it:.2f}",
                flush=True,
            )
    print(f"ingest with the archive / without: {spread(ratios)}", flush=True)


def _one_page(scratch: Path) -> None:
    from transforms.web.archive import Archive
    from transforms.web.messages import Response

    kept, now = Archive(scratch / "one"), datetime.now(UTC)
    pages = real_pages()
    answers = [
        Response(
            f"https://example.org/{n}", f"https://example.org/{n}", 200, {"content-type": "text/html"}, page, now, 1
        )
        for n, page in enumerate(pages)
    ]
    kept.keep(answers[0], b"{}")
    begin = time.process_time()
    for answer in answers[1:]:
        kept.keep(answer, b"{}")
    taken = (time.process_time() - begin) / (len(answers) - 1)
    kept.close()
    held = sum(path.stat().st_size for path in (scratch / "one").rglob("*.gz"))
    size = sum(map(len, pages))
    print(
        f"{len(pages)} real pages of {size / len(pages) / 1e3:.0f} kB: {taken * 1e3:.1f} ms of processor time and"
        f" {held / len(pages) / 1e3:.0f} kB of disk a page, {held / size:.2f} of its size",
        flush=True,
    )


def _ingest(output: Path, feeds: list[str], pages: int, *, keeps: bool) -> float:
    """Seconds of one run over all pages."""
    from pipelines.cli import quiet_libraries

    quiet_libraries()
    from pipelines.config import Config, rules_for
    from pipelines.ingest import Work, ingest
    from schemas.records import Feed

    config = Config(str(output), rules_for("bench", 0.0, allow_private=True, obey_robots=False))
    config = config if keeps else replace(config, archive_keep=None)
    begin = time.perf_counter()
    summary = ingest(Work([Feed(url, f"source-{n}") for n, url in enumerate(feeds)], poll_all=True), config)
    taken = time.perf_counter() - begin
    if not summary.adds_up or summary.seen != pages:
        sys.exit("\n".join(summary.lines()))
    return taken
