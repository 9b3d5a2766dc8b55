"""The coders of what streams keep: records as MessagePack, named once here, the same bytes for the same record.

What a state cell holds outlives the program that wrote it: a running job is updated to a new version, and the new
version reads the old bytes. Pickled objects would tie the bytes to the module and the class layout; these bytes hold
field names and values, so a record may gain a field that has a default. No field may be renamed or change its type.
"""

from __future__ import annotations

from typing import Any

import msgspec
from apache_beam import coders

from schemas.records import Article, Failure, FeedEntry, Poll, StoryLink, StoryRecord


class RecordCoder(coders.Coder):
    """Codes values of one type that msgspec knows: dataclasses, and containers and times of them.

    Args:
        kind: The type, as it is annotated; given back exactly, with aware times in UTC.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    def encode(self, value: Any) -> bytes:
        return msgspec.msgpack.encode(value, order="deterministic")

    def decode(self, encoded: bytes) -> Any:
        return msgspec.msgpack.decode(encoded, type=self._kind)

    def is_deterministic(self) -> bool:
        return True

    def to_type_hint(self) -> Any:
        return self._kind

    @classmethod
    def from_type_hint(cls, typehint: Any, registry: Any) -> RecordCoder:
        return cls(typehint)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._kind == other._kind

    def __hash__(self) -> int:
        return hash((type(self), str(self._kind)))

    def __repr__(self) -> str:
        return f"RecordCoder({self._kind})"


def register(*kinds: type) -> None:
    """Lets Beam use a RecordCoder wherever a step is annotated with one of these types."""
    for kind in kinds:
        coders.registry.register_coder(kind, RecordCoder)


register(Article, Failure, FeedEntry, Poll, StoryLink, StoryRecord)
