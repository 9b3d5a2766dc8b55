"""Records as MessagePack bytes, with field names: what crosses a process, a shuffle or a restart.

Coded once where a record is made, it is passed on as it is and read where it is used. The form is that of the cells of
a running job (transforms.wiring): a record may gain a field that has a default, no field may be renamed or retyped.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec


def encode(value: object) -> bytes:
    """A dataclass, or a container or time of them, as bytes; equal values give equal bytes."""
    return msgspec.msgpack.encode(value, order="deterministic")


def decode(encoded: bytes, kind: Any) -> Any:
    """The value of type `kind`, as annotated, that was encoded; aware times come back in UTC.

    Raises:
        msgspec.DecodeError: The bytes hold no such value.
    """
    return _decoder(kind).decode(encoded)


@lru_cache(maxsize=64)
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
