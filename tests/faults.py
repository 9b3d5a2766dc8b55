"""Runs of the main job and of compaction that are killed: each in a fork of one process that has loaded everything.

    python -m tests.faults

It reads jobs from standard input, one line of JSON each, and answers on standard output: the process that it started,
then, after a line to say so, how that ended. The code under test is the real one; a fork wraps one named function so
that the process kills itself there.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.conftest import ROOT


@dataclass(frozen=True, slots=True)
class Point:
    """Where a run is killed.

    Attributes:
        seam: A key of SEAMS.
        when: before or after the call; within a write to a file, once half of its bytes are there.
        table: Counts only calls for this table, where given.
        nth: Which call, from 1.
    """

    seam: str
    when: str
    table: str = ""
    nth: int = 1

    def __str__(self) -> str:
        return "-".join(filter(None, (self.when, self.seam, self.table, str(self.nth) if self.nth > 1 else "")))


def _of_path(path: object, *_: object) -> str:
    """The table's folder in a path."""
    parts = str(path).split("/")
    return next((name for name in ("articles", "failures", "polls", "story_links") if name in parts), "")


def _of_second(_: object, second: object, *rest: object) -> str:
    return _of_path(second)


def _of_log(log: Any, *_: object) -> str:
    return _of_path(log.table_uri.rstrip("/"))


def _of_leftover(_: object, leftover: Any) -> str:
    return _of_path(leftover.path)


def _no_table(*_: object, **__: object) -> str:
    return ""


SEAMS: dict[str, tuple[str, Callable[..., str]]] = {
    "put_file": ("transforms.storage.files:put_file", _of_second),
    "rename": ("transforms.storage.files:os.replace", _of_path),
    "sync": ("transforms.storage.files:os.fsync", _no_table),
    "commit": ("transforms.storage.dataset:add_files", _of_log),
    "begin_poll": ("pipelines.ledger:Ledger.begin_poll", _no_table),
    "finish_poll": ("pipelines.ledger:Ledger.finish_poll", _no_table),
    "register": ("pipelines.ledger:Ledger._register", _no_table),  # within finish_poll's transaction
    "empty_outbox": ("pipelines.ledger:Ledger.empty_outbox", _no_table),
    "start_run": ("pipelines.ledger:Ledger.start_run", _no_table),
    "end_run": ("pipelines.ledger:Ledger.end_run", _no_table),
    "start_slice": ("pipelines.ledger:Ledger.start_slice", _no_table),
    "settle": ("pipelines.ledger:Ledger.settle", _no_table),
    "close": ("pipelines.ledger:Ledger._close", _no_table),  # within settle's transaction
    "keep": ("transforms.web.archive:os.write", _no_table),
    "name": ("transforms.web.archive:os.rename", _no_table),  # the first call opens a file again, the next closes it
    "pause": ("tests.faults:pause", _no_table),  # of a watch, between its runs
    "replace": ("transforms.storage.compact:replace_files", _of_log),
    "checkpoint": ("deltalake:DeltaTable.create_checkpoint", _of_log),
    "cleanup": ("deltalake:DeltaTable.cleanup_metadata", _of_log),
    "find_leftovers": ("pipelines.compact:find_leftovers", _no_table),
    "delete": ("transforms.storage.vacuum:_delete", _of_leftover),
}
"""Name -> the function, and what tells the table of a call."""


def arm(point: Point) -> None:
    """Has this process kill itself at a point."""
    target, table_of = SEAMS[point.seam]
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, __import__(module, fromlist=["_"]))
    plain = owner.__dict__[name]
    function = plain.__func__ if isinstance(plain, staticmethod) else plain
    calls = 0

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += not point.table or table_of(*args) == point.table
        hit = calls == point.nth and (not point.table or table_of(*args) == point.table)
        if hit and point.when == "within":
            function(args[0], args[1][: len(args[1]) // 2])
        if hit and point.when != "after":
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if hit:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, staticmethod(wrapped) if isinstance(plain, staticmethod) else wrapped)


def _ingest(output: str, feeds: list[str]) -> bool:
    from pipelines import slices
    from pipelines.config import Config, rules_for
    from pipelines.ingest import Work, ingest
    from pipelines.options import local_options
    from schemas.records import Feed
    from transforms.pool import PoolRules

    slices.SLICE_ENTRIES = 6  # several slices, so that one is cut off while it commits and another while it fetches
    rules = rules_for("test", 0.0, allow_private=True, obey_robots=True)
    work = Work([Feed(url=url, source=f"source-{n}") for n, url in enumerate(feeds)], poll_all=True)
    return ingest(work, Config(output, rules, pool=PoolRules(0)), local_options([])).adds_up


def _watch(output: str, feeds: list[str], runs: int) -> bool:
    """So many runs of a watch, a day and then six hours apart, so that all feeds are due each time."""
    from pipelines.config import Config, rules_for
    from pipelines.watch import watch_here
    from tests import faults
    from transforms.clock import utc_now
    from transforms.pool import PoolRules

    ahead = [timedelta(days=1)]

    def wait(_: float) -> None:
        faults.pause()  # by the name that `arm` knows; this module is the main one
        ahead.append(ahead[-1] + timedelta(hours=6))
        if len(ahead) > runs:
            raise Enough

    feed_list = Path(output).with_suffix(".txt")
    feed_list.write_text("\n".join(feeds) + "\n")
    rules = rules_for("test", 0.0, allow_private=True, obey_robots=True)
    config = Config(output, rules, clock=lambda: utc_now() + ahead[-1], pool=PoolRules(0))
    try:
        return watch_here(feed_list, config, [], 0.0, wait)
    except Enough:
        return True


class Enough(Exception):
    """Ends a watch that has no end."""


def pause() -> None:
    """What a watch does between two runs."""


def _compact(output: str) -> bool:
    from pipelines.compact import compact_dataset
    from transforms.clock import utc_now
    from transforms.storage.dataset import Dataset
    from transforms.storage.vacuum import RETENTION

    def later() -> Any:
        return utc_now() + RETENTION + timedelta(hours=1)

    return bool(list(compact_dataset(Dataset(output), 10**8, RETENTION, later, dry_run=False)))


def _do(job: dict[str, Any]) -> bool:
    if not job["feeds"]:
        return _compact(job["output"])
    if job["runs"]:
        return _watch(job["output"], job["feeds"], job["runs"])
    return _ingest(job["output"], job["feeds"])


def _work(job: dict[str, Any]) -> None:
    """The fork: does a job and ends with 0 where all is well."""
    sys.stdin.close()
    os.dup2(os.open(job["errors"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), 2)
    os.dup2(2, 1)
    code = 1
    try:
        if job["point"]:
            arm(Point(**job["point"]))
        code = 0 if _do(job) else 3
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def main() -> None:
    """Loads everything once, without starting a thread, and forks a process per job."""
    from pipelines.work import PRELOAD, shared_tagger

    for module in PRELOAD:
        __import__(module)
    shared_tagger(None)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _work(json.loads(line))
        print(pid, flush=True)
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


class Forks:
    """The loaded process, for the time of a `with` block."""

    def __init__(self, errors: Path) -> None:
        self.errors = errors

    def __enter__(self) -> Forks:
        command = [sys.executable, "-m", "tests.faults"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, output: Path, feeds: list[str], point: Point | None = None, runs: int = 0) -> int:
        """Starts a run (so many runs of a watch; a compaction where there are no feeds) and gives its process."""
        job = {
            "output": str(output), "feeds": feeds, "errors": str(self.errors), "point": point and asdict(point),
            "runs": runs,
        }  # fmt: skip
        self._say(json.dumps(job))
        return int(self._hear())

    def end(self) -> int:
        """Waits for the run that was started last; gives its exit code, or minus the signal that ended it."""
        self._say("wait")
        return int(self._hear())

    def run(self, output: Path, feeds: list[str], point: Point | None = None, runs: int = 0) -> int:
        """Starts a run and waits for it."""
        self.start(output, feeds, point, runs)
        return self.end()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


if __name__ == "__main__":
    main()
