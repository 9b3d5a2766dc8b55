"""The whole chain beside what a user would write without it."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path

from tests.bench.measure import chain, processor_seconds, seconds, spread
from tests.bench.pages import real_pages, write_many, write_pages

ROUNDS = 3
PAGES = 2_000


def one_process(scratch: Path) -> None:
    """The chain in one process beside trafilatura alone: nothing tagged, nothing written."""
    import trafilatura

    def bare() -> None:
        for page in pages:
            trafilatura.bare_extraction(page, with_metadata=True)

    pages = real_pages()
    write_pages(scratch / "pages", pages)
    write_pages(scratch / "warm", pages[:3])
    cold = seconds(lambda: chain(scratch / "warm", scratch / "out-warm", workers=0))
    ratios = []
    for number in range(ROUNDS):
        alone = seconds(bare)
        ours = seconds(lambda out=scratch / f"out-{number}": chain(scratch / "pages", out, workers=0))
        ratios.append(alone / ours)
        print(
            f"round {number + 1}: whole chain, one process {len(pages) / ours:.1f} pages/s,"
            f" bare trafilatura with metadata {len(pages) / alone:.1f} pages/s, ratio {alone / ours:.2f}",
            flush=True,
        )
    print(f"whole chain in one process / bare trafilatura: {spread(ratios)} (asked: 0.9 or more)")
    print(f"a first run of 3 pages, imports, gazetteer and packs included: {cold:.1f} s", flush=True)


def bare_pool(folder: Path, workers: int) -> None:
    """A bare pool of processes running the same functions over the same pages: nothing fetched, placed or written."""
    from datetime import UTC, datetime

    from pipelines.ingest import _document_entry
    from pipelines.work import make_article
    from schemas.records import Page

    now = datetime.now(UTC)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "pipelines.work"])
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = set()
        for path in sorted(folder.glob("*.html")):
            entry = _document_entry(path)
            page = Page(entry, entry.url or "", path.read_bytes(), "text/html", None, None, now)
            waiting.add(pool.submit(make_article, page, None, now))
            if len(waiting) >= 3 * workers:
                waiting = wait(waiting, return_when=FIRST_COMPLETED).not_done


def all_cores(scratch: Path, pages: int = PAGES) -> None:
    """The local default beside a bare pool; both with their workers' start in the time."""
    from transforms.pool import close_shared_pools, cores

    folder = scratch / "many"
    write_many(folder, pages)
    write_pages(scratch / "warm", real_pages()[:3])
    chain(scratch / "warm", scratch / "out-warm")  # Beam is loaded once for all rounds: start-up is measured by itself
    close_shared_pools()
    ratios = []
    for number in range(ROUNDS):
        begin = processor_seconds()
        bare = seconds(lambda: bare_pool(folder, cores()))
        between = processor_seconds()
        ours = seconds(lambda out=scratch / f"all-{number}": (chain(folder, out), close_shared_pools()))
        end = processor_seconds()
        ratios.append(bare / ours)
        print(
            f"round {number + 1}: ingest on {cores()} cores {pages / ours:.1f} pages/s, bare process pool"
            f" {pages / bare:.1f} pages/s, ratio {bare / ours:.2f}; processor time of the process that hands out pages:"
            f" {(end - between) / pages * 1e3:.1f} ms a page, of the bare one {(between - begin) / pages * 1e3:.1f} ms",
            flush=True,
        )
    print(f"ingest on all cores / bare process pool: {spread(ratios)} (asked: 0.9 or more)", flush=True)
