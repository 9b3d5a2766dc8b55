"""The coders of what streams keep: the same record, the same bytes, also in the next version."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from apache_beam import coders
from hypothesis import given
from hypothesis import strategies as st

from schemas.records import Article, Failure, FeedEntry, Poll, StoryRecord
from tests.factories import NOON, article, entry, failure, poll
from transforms.feeds.known import KnownEntry
from transforms.feeds.poll import new_state
from transforms.feeds.shard import FeedMemory
from transforms.pages.queue import Waiting
from transforms.wiring import RecordCoder

RECORD = StoryRecord("a", "r", "s", "h", NOON, "x.org", 3, bytes((1, 255)))
CASES = [
    (FeedEntry, entry(summary="«…»", authors=("Ада",), published_at=NOON)),
    (Article, article()),
    (Failure, failure()),
    (Poll, poll()),
    (tuple[StoryRecord, ...], (RECORD, RECORD)),
    (dict[str, FeedMemory], {"b": FeedMemory(new_state("b", NOON), ("m",)), "a": FeedMemory(new_state("a", NOON))}),
    (Waiting, Waiting(entry(), NOON, NOON)),
    (KnownEntry, KnownEntry("k", "f", NOON)),
    (datetime, NOON.replace(microsecond=123456)),
]


@pytest.mark.parametrize(("kind", "value"), CASES, ids=lambda case: getattr(case, "__name__", None))
def test_a_record_comes_back_as_it_was(kind, value):
    coder = RecordCoder(kind)
    assert coder.decode(coder.encode(value)) == value
    assert type(coder.decode(coder.encode(value))) is type(value)


def test_the_bytes_do_not_hang_on_the_order_of_a_dict():
    coder = RecordCoder(dict[str, int])
    assert coder.is_deterministic()
    assert coder.encode({"a": 1, "b": 2}) == coder.encode({"b": 2, "a": 1})


def test_the_bytes_of_a_record_are_these():
    written = RecordCoder(KnownEntry).encode(KnownEntry("k1", "f1", NOON))
    assert written.hex() == (
        "83a36b6579a26b31ab66696e6765727072696e74a26631aa657870697265735f6174d6ff6aa7e1c0"
    )  # fmt: skip


def test_a_record_without_a_later_field_is_still_read():
    old = RecordCoder(dict[str, object]).encode({"state": new_state("f", NOON)})
    assert RecordCoder(FeedMemory).decode(old) == FeedMemory(new_state("f", NOON))


def test_other_zones_come_back_as_utc():
    there = NOON.astimezone(timezone(timedelta(hours=5)))
    coder = RecordCoder(datetime)
    assert coder.decode(coder.encode(there)).tzinfo == UTC


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5))
def test_any_text_comes_back(texts):
    value = replace(entry(), authors=tuple(texts))
    assert RecordCoder(FeedEntry).decode(RecordCoder(FeedEntry).encode(value)) == value


def test_beam_picks_the_coder_by_the_type():
    assert coders.registry.get_coder(Article) == RecordCoder(Article)
    assert coders.registry.get_coder(FeedEntry) != RecordCoder(Article)
