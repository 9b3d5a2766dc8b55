"""Workers that are started ahead of the work."""

from __future__ import annotations

import threading

from pipelines.work import warm_up
from transforms.pool import PoolRules


def test_a_run_without_workers_starts_nothing():
    before = threading.active_count()
    warm_up(PoolRules(workers=0), None)
    assert threading.active_count() == before
