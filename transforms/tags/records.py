"""Frozen records made at once: of each text the tagger makes some eighty, which took it a twentieth of its time."""

from __future__ import annotations

from typing import Any, TypeVar

_T = TypeVar("_T")


def made(kind: type[_T], /, **values: Any) -> _T:
    """A frozen dataclass with all its fields given: equal to `kind(**values)`, which sets them by a call for each.

    Neither names nor types of the fields are checked here; for classes without `__slots__` and `__post_init__`.
    """
    record = object.__new__(kind)
    record.__dict__.update(values)
    return record


def changed(record: _T, /, **values: Any) -> _T:
    """A copy of a frozen dataclass with other values in some fields, as `dataclasses.replace` makes it."""
    copy = object.__new__(type(record))
    copy.__dict__.update(record.__dict__, **values)
    return copy
