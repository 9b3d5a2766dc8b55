"""What is measured, and with which rulers: seconds, processor seconds, memory of a tree of processes."""

from __future__ import annotations

import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench.pages import ROOT


def chain(folder: Path, output: Path, workers: int | None = None) -> None:
    """HTML files to Parquet: what `newsbeam ingest --documents` does. `workers` 0: all of it in this process."""
    from pipelines.cli import quiet_libraries

    quiet_libraries()
    from pipelines.config import Config, rules_for
    from pipelines.ingest import Work, ingest
    from pipelines.options import local_options

    config = Config(str(output), rules_for(None, 0.0, allow_private=False, obey_robots=True))
    if workers is not None:
        config = replace(config, pool=replace(config.pool, workers=workers))
    summary = ingest(Work(documents=[folder]), config, local_options([]))
    if not summary.adds_up:
        sys.exit("\n".join(summary.lines()))


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def processor_seconds() -> float:
    """Processor time of this process alone; unlike time on the wall it hardly feels what else the machine does."""
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])


def spread(values: Sequence[float]) -> str:
    """Median, and least to greatest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


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
