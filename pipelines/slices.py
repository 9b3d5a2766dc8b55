"""What a local run does on Beam: one graph polls the feeds that are due, another works off slices of what waits.

It stands apart from `pipelines.ingest`, as loading Beam takes longer than a run in which there is nothing to do.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, wait
from itertools import cycle

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import progress, turns
from pipelines.config import Config
from pipelines.graph import build_poll, build_slice
from pipelines.ledger import Ledger
from pipelines.options import local_options
from schemas.records import Feed
from transforms.memory import give_back

LANES = 2
SLICE_ENTRIES = 250
SLICE_SECONDS = 60.0
"""A slice ends at whichever comes first; what it could not ask for politely by then waits for a later one. As many
slices as there are lanes are under way at once, so that a kill costs the pages of 500 entries at most."""


def poll(feeds: Sequence[Feed], config: Config, ledger: Ledger, options: PipelineOptions | None = None) -> None:
    """Polls feeds once, in one run of the graph."""
    options = options or local_options([])
    with progress.Display(f"polling {len(feeds)} feeds", len(feeds)), beam.Pipeline(options=options) as pipeline:
        build_poll(pipeline, feeds, config, ledger.run_id)
    ledger.empty_outbox(ledger.outbox()[2])


def work_off(config: Config, ledger: Ledger, options: PipelineOptions | None = None) -> None:
    """Runs slices until nothing waits, or until a slice could not close a single entry.

    While one slice is placed and committed the next is fetched and extracted, so that no core waits for the other work.
    They are committed in the order in which they began.
    """
    waiting = ledger.pending_count()
    idle = cycle([_Lane(number, config, ledger, options) for number in range(LANES)])
    running: deque[_Lane] = deque()
    closed = True
    with progress.Display(f"{waiting} entries wait", waiting):
        try:
            while True:
                while closed and len(running) < LANES and ledger.free_count():
                    lane = next(idle)
                    lane.start(after=running[-1].run if running else None)
                    running.append(lane)
                if not running:
                    return
                closed = running.popleft().finish() and closed
                if running:
                    ledger.start_slice(running[0].started)
        except Exception:
            wait([lane.run for lane in running])  # what they commit is found by the next run
            raise


class _Lane:
    """A graph that works off slices, one at a time; lanes take turns.

    Attributes:
        run: The slice's run.
        started: When the slice began.
    """

    run: Future[None]

    def __init__(self, number: int, config: Config, ledger: Ledger, options: PipelineOptions | None) -> None:
        self._number = number
        self._config = config
        self._ledger = ledger
        self._options = options
        self._token = f"{config.ledger_path}:{ledger.run_id}:{number}"
        self._pipeline: beam.Pipeline | None = None

    def start(self, after: Future[None] | None) -> None:
        """Starts a slice of what waits, and returns; it commits once the run before it has ended."""
        self.started = self._config.clock()
        if after is None:
            self._ledger.start_slice(self.started)
        # One that begins alone is shorter, so that the lanes do not come to commit at the same moment.
        self._ledger.take(SLICE_ENTRIES // (LANES if after is None else 1), self._number)
        self.run = Future()
        turns.line_up(self._token, after)
        threading.Thread(target=self._work, daemon=True, name=f"newsbeam-slice-{self._number}").start()

    def _work(self) -> None:
        try:
            self._built().run().wait_until_finish()
        except BaseException as error:
            self.run.set_exception(error)
        else:
            self.run.set_result(None)

    def _built(self) -> beam.Pipeline:
        """The graph, built at the first slice: to build it costs more than to run it."""
        if self._pipeline is None:
            self._pipeline = beam.Pipeline(options=self._options or local_options([]))
            build_slice(self._pipeline, self._config, self._ledger.run_id, SLICE_SECONDS, self._number, self._token)
        return self._pipeline

    def finish(self) -> bool:
        """Waits for the slice's end; what it could not close waits for another one. False where it closed nothing."""
        self.run.result()
        give_back()  # each slice runs on other threads, and what their rows took would add up
        return self._ledger.release(self._number) > 0
