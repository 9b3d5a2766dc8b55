"""Rows as GeoJSON (RFC 7946), written as they come: a FeatureCollection with one feature per row."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TextIO

import pyarrow as pa

from schemas.views import AREAS


class GeoError(Exception):
    """The result of the query is no set of points; the message says what is missing."""


def write_features(rows: pa.RecordBatchReader, out: TextIO) -> None:
    """Writes one feature per row: a point of its columns `lon` and `lat`, the other columns as properties.

    A row without a point is a feature without a geometry, as RFC 7946 (3.2) has it; so is a row whose `kind` is a
    country or a macro-region: the middle of Afghanistan is not where something happened.

    Raises:
        GeoError: There are no such columns, or a value in them is no position on Earth.
    """
    missing = [name for name in ("lat", "lon") if name not in rows.schema.names]
    if missing:
        raise GeoError(
            f"--format geojson needs the columns lat and lon; the query gives no {' and no '.join(missing)}."
            " For example: SELECT name, kind, lat, lon, title FROM article_places"
        )
    out.write('{"type": "FeatureCollection", "features": [')
    separator = "\n"
    for batch in rows:
        for row in batch.to_pylist():
            out.write(separator + json.dumps(feature(row), ensure_ascii=False, default=_text))
            separator = ",\n"
    out.write("\n]}\n")


def feature(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as a feature; see `write_features`."""
    properties = {name: _finite(value) for name, value in row.items() if name not in ("lat", "lon")}
    return {"type": "Feature", "geometry": _point(row), "properties": properties}


def _point(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if row["lat"] is None or row["lon"] is None or row.get("kind") in AREAS:
        return None
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
    except (TypeError, ValueError):
        lat = lon = math.nan
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise GeoError(f"lat {row['lat']!r} and lon {row['lon']!r} are no position in degrees.")
    return {"type": "Point", "coordinates": [lon, lat]}


def _finite(value: Any) -> Any:
    """JSON knows neither infinity nor NaN."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    return value


def _text(value: Any) -> str:
    """Times and dates in ISO 8601, anything else as it prints."""
    return str(value.isoformat() if hasattr(value, "isoformat") else value)
