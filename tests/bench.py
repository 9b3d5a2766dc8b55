"""`make bench`: speed and memory of the whole chain, each as a ratio within one run.

Needs the real pages of the bench material (NEWSBEAM_BENCH, else ../shared/bench). The machine's noise is in every
figure: rounds of the two sides alternate, and the median of their ratios is what counts.
"""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 3
FEW, MANY = 800, 8_000


def bench_dir() -> Path:
    folder = Path(os.environ.get("NEWSBEAM_BENCH", ROOT.parent / "shared" / "bench"))
    if not (folder / "aeb" / "html").is_dir():
        sys.exit(f"no bench material at {folder}: set NEWSBEAM_BENCH to the folder that holds it")
    return folder


def real_pages() -> list[bytes]:
    return [gzip.decompress(p.read_bytes()) for p in sorted((bench_dir() / "aeb" / "html").glob("*.html.gz"))]


def chain(folder: Path, output: Path) -> None:
    """HTML files to Parquet: what `newsbeam ingest --documents` does, in this process."""
    from pipelines.cli import quiet_libraries

    quiet_libraries()
    from pipelines.config import rules_for
    from pipelines.graph import Config
    from pipelines.ingest import Work, ingest
    from pipelines.options import local_options

    config = Config(str(output), rules_for(None, 0.0, allow_private=False, obey_robots=True))
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
    cold = seconds(lambda: chain(warm, scratch / "out-warm"))
    bare_loop(pages[:3])
    ratios = []
    for number in range(ROUNDS):
        bare = seconds(lambda: bare_loop(pages))
        ours = seconds(lambda out=scratch / f"out-{number}": chain(folder, out))
        ratios.append(bare / ours)
        print(
            f"round {number + 1}: whole chain {len(pages) / ours:.1f} pages/s, bare trafilatura with metadata"
            f" {len(pages) / bare:.1f} pages/s, ratio {bare / ours:.2f}",
            flush=True,
        )
    print(f"whole chain / bare trafilatura, median of {ROUNDS}: {statistics.median(ratios):.2f} (asked: 0.9 or more)")
    print(f"a first run of 3 pages, imports, gazetteer and packs included: {cold:.1f} s", flush=True)


def make_documents(folder: Path, count: int) -> None:
    """Real pages of the smaller half, each made different by a paragraph of its own."""
    pages = sorted(real_pages(), key=len)
    pages = [p for p in pages[: len(pages) // 2] if b"</body>" in p]
    folder.mkdir()
    for number in range(count):
        mark = f"<p>This copy of the page is number {number} of a measurement of memory.</p></body>".encode()
        (folder / f"{number:05}.html").write_bytes(pages[number % len(pages)].replace(b"</body>", mark, 1))


def memory(scratch: Path) -> None:
    peaks = {}
    for count in (FEW, MANY):
        folder = scratch / f"documents-{count}"
        make_documents(folder, count)
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench", "chain", str(folder), str(scratch / f"memory-{count}")],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        peaks[count] = int(done.stdout.split()[-1]) / 1024
        took = time.perf_counter() - begin
        print(f"{count} documents: peak RSS {peaks[count]:.0f} MB, {count / took:.1f} documents/s", flush=True)
    print(f"peak RSS for {MANY} / for {FEW} documents: {peaks[MANY] / peaks[FEW]:.2f} (asked: 1.2 or less)", flush=True)


def main() -> None:
    if sys.argv[1:2] == ["chain"]:
        chain(Path(sys.argv[2]), Path(sys.argv[3]))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        return
    with tempfile.TemporaryDirectory() as scratch:
        speed(Path(scratch))
        memory(Path(scratch))


if __name__ == "__main__":
    main()
