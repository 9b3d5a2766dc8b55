"""Memory that grows with the input would show here; work goes in slices."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from tests.bench.measure import peak_of
from tests.bench.pages import write_many

COUNTS = (1_000, 20_000)


def memory(scratch: Path, counts: tuple[int, ...] = COUNTS) -> None:
    """Peak memory of all processes together, for few pages and for many."""
    peaks: dict[int, float] = {}
    for count in counts:
        folder, output = scratch / f"documents-{count}", scratch / f"memory-{count}"
        write_many(folder, count, compact=True)
        begin = time.perf_counter()
        peaks[count] = peak_of([sys.executable, "-m", "tests.bench", "chain", str(folder), str(output)])
        rate = count / (time.perf_counter() - begin)
        print(
            f"{count} compact pages: peak memory of all processes {peaks[count]:.0f} MB,"
            f" {peaks[count] / peaks[counts[0]]:.2f} times that for {counts[0]} (asked: 1.2 or less),"
            f" {rate:.1f} pages/s",
            flush=True,
        )
        shutil.rmtree(folder)
