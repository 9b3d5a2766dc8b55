"""GeoJSON as RFC 7946 has it."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from pipelines.geojson import GeoError, write_features


def collection(**columns):
    out = io.StringIO()
    table = pa.table(columns)
    write_features(table.to_reader(max_chunksize=1), out)
    return json.loads(out.getvalue(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_one_feature_per_row_longitude_first():
    made = collection(lat=[37.5, 36.7], lon=[69.4, 67.1], name=["Farkhor", "Балх"])
    assert made["type"] == "FeatureCollection"
    assert made["features"] == [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [69.4, 37.5]},
            "properties": {"name": "Farkhor"},
        },
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [67.1, 36.7]}, "properties": {"name": "Балх"}},
    ]


def test_no_centroid_of_a_country_or_macro_region_poses_as_an_event():
    kinds = ["country", "macroregion", "city", "river"]
    made = collection(lat=[33.0, 40.0, 37.5, None], lon=[66.0, 65.0, 69.4, None], kind=kinds)
    assert [f["geometry"] is None for f in made["features"]] == [True, True, False, True]


def test_properties_are_plain_json():
    made = collection(
        lat=[1.0],
        lon=[2.0],
        at=[datetime(2026, 9, 14, 12, tzinfo=UTC)],
        day=[date(2026, 9, 14)],
        score=[float("nan")],
        nested=[[{"x": float("inf")}]],
    )
    assert made["features"][0]["properties"] == {
        "at": "2026-09-14T12:00:00+00:00",
        "day": "2026-09-14",
        "score": None,
        "nested": [{"x": None}],
    }


def test_no_rows_are_an_empty_collection():
    none = pa.array([], pa.float64())
    assert collection(lat=none, lon=none) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"title": ["x"]}, "no lat and no lon"),
        ({"lat": [1.0]}, "no lon"),
        ({"lat": [91.0], "lon": [0.0]}, "no position"),
        ({"lat": [0.0], "lon": [float("nan")]}, "no position"),
        ({"lat": ["north"], "lon": ["east"]}, "no position"),
    ],
)
def test_what_is_no_place_is_refused_with_the_reason(columns, message):
    with pytest.raises(GeoError, match=message):
        collection(**columns)
