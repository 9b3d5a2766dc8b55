"""What a local run does on Beam: one graph polls the feeds that are due, another works off slices of what waits.

It stands apart from `pipelines.ingest`, as loading Beam takes longer than a run in which there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import progress
from pipelines.config import Config
from pipelines.graph import build_poll, build_slice
from pipelines.ledger import Ledger
from pipelines.options import local_options
from schemas.records import Feed

SLICE_ENTRIES = 500
SLICE_SECONDS = 60.0
"""A slice ends at whichever comes first; what it could not ask for politely by then waits for the next one."""


def poll(feeds: Sequence[Feed], config: Config, ledger: Ledger, options: PipelineOptions | None = None) -> None:
    """Polls feeds once, in one run of the graph."""
    options = options or local_options([])
    with progress.Display(f"polling {len(feeds)} feeds", len(feeds)), beam.Pipeline(options=options) as pipeline:
        build_poll(pipeline, feeds, config, ledger.run_id)
    ledger.empty_outbox(ledger.outbox()[2])


def work_off(config: Config, ledger: Ledger, options: PipelineOptions | None = None) -> None:
    """Runs slices until nothing waits, or until a slice could not close a single entry."""
    if not ledger.pending_count():
        return
    pipeline = beam.Pipeline(options=options or local_options([]))
    build_slice(pipeline, config, ledger.run_id, SLICE_ENTRIES, SLICE_SECONDS)
    while before := ledger.pending_count():
        ledger.start_slice(config.clock())
        size = min(before, SLICE_ENTRIES)
        with progress.Display(f"{before} entries wait, slice of {size}", size):
            pipeline.run().wait_until_finish()
        if ledger.pending_count() == before:
            return
