"""Records as Arrow arrays, column by column.

Nested values become arrays of their members and are never made into dicts, which is what pyarrow's own way needs: with
four places and four actors to an article that took several times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any

import pyarrow as pa


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values of one column as an array: records where `kind` is a struct, sequences of its values where it is a list.

    Raises:
        pa.ArrowInvalid, pa.ArrowTypeError: A value is of another type.
        AttributeError: A record lacks a member of the struct.
    """
    if pa.types.is_list(kind):
        return _list_array(values, kind)
    if pa.types.is_struct(kind):
        members = [array_of(list(map(attrgetter(field.name), values)), field.type) for field in kind]
        return pa.StructArray.from_arrays(members, fields=list(kind))
    return pa.array(values, kind)


def _list_array(values: Sequence[Any], kind: pa.ListType) -> pa.Array:
    offsets = [0, *accumulate(0 if value is None else len(value) for value in values)]
    inner = array_of(list(chain.from_iterable(value for value in values if value is not None)), kind.value_type)
    absent = pa.array([value is None for value in values]) if any(value is None for value in values) else None
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), inner, type=kind, mask=absent)
