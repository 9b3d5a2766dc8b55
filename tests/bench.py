"""`make bench`: speed and memory of the whole chain, each as a ratio within one run.

Needs the real pages of the bench material (NEWSBEAM_BENCH, else ../shared/bench). The machine's noise is in every
figure: rounds of the two sides alternate, and the median of their ratios is what counts.
"""

from __future__ import annotations

import gzip
import multiprocessing
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
PAGES = 800
COUNTS = (800, 8_000, 20_000)


def bench_dir() -> Path:
    folder = Path(os.environ.get("NEWSBEAM_BENCH", ROOT.parent / "shared" / "bench"))
    if not (folder / "aeb" / "html").is_dir():
        sys.exit(f"no bench material at {folder}: set NEWSBEAM_BENCH to the folder that holds it")
    return folder


def real_pages() -> list[bytes]:
    return [gzip.decompress(p.read_bytes()) for p in sorted((bench_dir() / "aeb" / "html").glob("*.html.gz"))]


def chain(folder: Path, output: Path, workers: int | None = None) -> None:
    """HTML files to Parquet: what `newsbeam ingest --documents` does. `workers` 0: all of it in this process."""
    from pipelines.cli import quiet_libraries

    quiet_libraries()
    from pipelines.config import rules_for
    from pipelines.graph import Config
    from pipelines.ingest import Work, ingest
    from pipelines.options import local_options

    config = Config(str(output), rules_for(None, 0.0, allow_private=False, obey_robots=True))
    if workers is not None:
        config = replace(config, pool=replace(config.pool, workers=workers))
    summary = ingest(Work(documents=[folder]), config, local_options([]))
    if not summary.adds_up:
        sys.exit("\n".join(summary.lines()))


def bare_loop(pages: list[bytes]) -> None:
    """The alternative that a user would write: trafilatura alone, nothing tagged, nothing written."""
    import trafilatura

    for page in pages:
        trafilatura.bare_extraction(page, with_metadata=True)


def seconds(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def speed(scratch: Path) -> None:
    pages = real_pages()
    folder = scratch / "pages"
    folder.mkdir()
    for number, page in enumerate(pages):
        (folder / f"{number:04}.html").write_bytes(page)
    warm = scratch / "warm"
    warm.mkdir()
    for number in range(3):
        shutil.copy(folder / f"{number:04}.html", warm)
    cold = seconds(lambda: chain(warm, scratch / "out-warm", workers=0))
    bare_loop(pages[:3])
    ratios = []
    for number in range(ROUNDS):
        bare = seconds(lambda: bare_loop(pages))
        ours = seconds(lambda out=scratch / f"out-{number}": chain(folder, out, workers=0))
        ratios.append(bare / ours)
        print(
            f"round {number + 1}: whole chain, one process {len(pages) / ours:.1f} pages/s,"
            f" bare trafilatura with metadata {len(pages) / bare:.1f} pages/s, ratio {bare / ours:.2f}",
            flush=True,
        )
    middle = statistics.median(ratios)
    print(f"whole chain in one process / bare trafilatura, median of {ROUNDS}: {middle:.2f} (asked: 0.9 or more)")
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


def all_cores(scratch: Path) -> None:
    """The local default beside a bare pool; both with their workers' start in the time, over many pages."""
    from transforms.pool import close_shared_pools, cores

    folder = scratch / "many"
    make_documents(folder, PAGES)
    ratios = []
    for number in range(ROUNDS):
        bare = seconds(lambda: bare_pool(folder, cores()))
        ours = seconds(lambda out=scratch / f"all-{number}": (chain(folder, out), close_shared_pools()))
        ratios.append(bare / ours)
        print(
            f"round {number + 1}: ingest on {cores()} cores {PAGES / ours:.1f} pages/s, bare process pool"
            f" {PAGES / bare:.1f} pages/s, ratio {bare / ours:.2f}",
            flush=True,
        )
    print(f"ingest on all cores / bare process pool, median of {ROUNDS}: {statistics.median(ratios):.2f} (asked: 0.9)")


def start_up() -> None:
    """What a command that runs a pipeline loads before its first piece of work, beside Beam alone."""
    figures: dict[str, list[float]] = {"import apache_beam": [], "import pipelines.ingest, pipelines.options": []}
    for _ in range(5):
        for statement, taken in figures.items():
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", statement], check=True, capture_output=True, cwd=ROOT)
            taken.append(time.perf_counter() - begin)
    beam, ours = (statistics.median(taken) for taken in figures.values())
    print(f"start-up: Beam alone {beam:.2f} s, newsbeam {ours:.2f} s, {ours - beam:.2f} s more (asked: 0.8 or less)")


def make_documents(folder: Path, count: int) -> None:
    """Real pages of the smaller half, each made different by a paragraph of its own."""
    pages = sorted(real_pages(), key=len)
    pages = [p for p in pages[: len(pages) // 2] if b"</body>" in p]
    folder.mkdir()
    for number in range(count):
        mark = f"<p>This copy of the page is number {number} of a measurement of memory.</p></body>".encode()
        (folder / f"{number:05}.html").write_bytes(pages[number % len(pages)].replace(b"</body>", mark, 1))


def tree_rss_mb(pid: int) -> float:
    """Resident memory of a process and all its descendants, pages that they share counted once each (PSS), in MB."""
    total, todo = 0.0, [pid]
    while todo:
        current = todo.pop()
        try:
            rollup = Path(f"/proc/{current}/smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) / 1024
            for task in Path(f"/proc/{current}/task").iterdir():
                todo += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError, TypeError):
            continue  # it has just ended
    return total


def peak_of(command: list[str]) -> float:
    """Runs a command and gives the peak of its processes' memory, in MB, sampled four times a second."""
    peak = 0.0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, tree_rss_mb(process.pid))
            time.sleep(0.25)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return peak


def memory(scratch: Path) -> None:
    """Memory that grows with the input would show here; work goes in slices."""
    peaks = {}
    for count in COUNTS:
        folder, output = scratch / f"documents-{count}", scratch / f"memory-{count}"
        make_documents(folder, count)
        begin = time.perf_counter()
        peaks[count] = peak_of([sys.executable, "-m", "tests.bench", "chain", str(folder), str(output)])
        rate = count / (time.perf_counter() - begin)
        ratio = peaks[count] / peaks[COUNTS[0]]
        print(
            f"{count} documents: peak memory of all processes {peaks[count]:.0f} MB, {ratio:.2f} times that for"
            f" {COUNTS[0]} (asked: 1.2 or less), {rate:.1f} documents/s",
            flush=True,
        )
        shutil.rmtree(folder)


def main() -> None:
    if sys.argv[1:2] == ["chain"]:
        chain(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    with tempfile.TemporaryDirectory() as scratch:
        start_up()
        speed(Path(scratch))
        all_cores(Path(scratch))
        memory(Path(scratch))


if __name__ == "__main__":
    main()
