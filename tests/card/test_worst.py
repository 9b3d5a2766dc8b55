"""The report of the worst errors, on an invented article."""

from __future__ import annotations

from typing import Any

from schemas.records import Place
from tests.card.worst import errors_of, report

TEXT = "Lima, Lima Norte, Chad, Kabul, Oslo and Reed."


def mark(name: str, country: str, lat: float | None, lon: float | None) -> dict[str, Any]:
    start = TEXT.index(name)
    return {"start": start, "end": start + len(name), "country": country, "lat": lat, "lon": lon}


def place(name: str, country: str, lat: float, lon: float) -> Place:
    start = TEXT.index(name)
    end = start + len(name)
    return Place(start, end, name, name, "gn:1", "city", "literal", country, None, lat, lon, 1.0, "name")


def test_each_error_has_its_kind() -> None:
    marks = [
        mark("Lima", "PE", -12.0, -77.0),
        mark("Lima Norte", "PE", -11.9, -77.0),
        mark("Chad", "TD", None, None),
        mark("Kabul", "AF", 34.5, 69.2),
        mark("Oslo", "NO", 59.9, 10.7),
    ]
    found = (
        place("Lima", "PE", 12.0, -77.0),
        place("Norte", "PE", -11.9, -77.0),
        place("Kabul", "AF", 34.5, 69.2),
        place("Oslo", "US", 40.0, -90.0),
        place("Reed", "US", 40.0, -90.0),
    )
    article = {"id": "a1", "text": TEXT, "toponyms": marks}
    errors = list(errors_of(article, found))
    assert [(error.kind, error.surface) for error in errors] == [
        ("far away", "Lima"),
        ("other span", "Lima Norte"),
        ("missed", "Chad"),
        ("other country", "Oslo"),
        ("no place", "Reed"),
    ]
    lines = list(report([*errors, *errors[2:3]], 2))
    assert lines[0] == "2 missed, 1 no place, 1 other span, 1 other country, 1 far away"
    assert lines[2].startswith("  2 x 'Chad' (is TD) in a1: …")
    assert [line for line in lines if line.endswith(":")] == ["missed:", "other country:"]
