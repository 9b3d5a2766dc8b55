"""The one place that reads the wall clock; everything else is given a clock or a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the present as a timezone-aware UTC datetime."""


def utc_now() -> datetime:
    """The present, timezone-aware, UTC."""
    return datetime.now(UTC)
