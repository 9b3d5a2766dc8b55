"""Commits of a stream: one per window, and nothing is dropped for being late."""

from __future__ import annotations

from datetime import timedelta

import apache_beam as beam
from apache_beam.testing import test_stream
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Timestamp

from schemas.records import Failure
from schemas.tables import FAILURES
from tests.factories import NOON, failure
from tests.streams import stream_pipeline
from transforms.storage.dataset import Dataset
from transforms.storage.wiring import CommitWindows


def at(seconds: float) -> Timestamp:
    return Timestamp.from_utc_datetime(NOON + timedelta(seconds=seconds))


def test_a_window_is_one_file_and_a_late_row_another(tmp_path):
    dataset = Dataset(str(tmp_path))
    dataset.create(NOON)
    before = dataset.log(FAILURES).version()
    stream = (
        test_stream.TestStream()
        .add_elements([TimestampedValue(failure(f"k{n}"), at(n)) for n in range(5)])
        .advance_watermark_to(at(60))
        .add_elements([TimestampedValue(failure("next"), at(61))])
        .advance_watermark_to(at(130))
        .add_elements([TimestampedValue(failure("late"), at(3))])
        .advance_watermark_to_infinity()
    )
    with stream_pipeline() as pipeline:
        typed = pipeline | stream | beam.Map(lambda row: row).with_output_types(Failure)
        _ = typed | CommitWindows(str(tmp_path), FAILURES.name, Failure, 60.0)
    table = dataset.log(FAILURES)
    assert table.version() - before == 3
    keys = sorted(table.to_pyarrow_table(columns=["key"]).column("key").to_pylist())
    assert keys == ["k0", "k1", "k2", "k3", "k4", "late", "next"]
