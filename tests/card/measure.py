"""What a figure of the accuracy card is, and how it is measured, written down and compared.

A room adds its figures by a function `measures(bench)` in a module of this package, named in `tests.card.__main__`.
A figure is a statistic over items (pages, documents), so that its interval can be had by drawing the items anew.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
JSON = ROOT / "docs" / "accuracy.json"
PAGE = ROOT / "docs" / "accuracy.md"

MAX_FALL = 0.005
"""How far a figure may fall below the card before the check fails."""

RESAMPLES = 1000
OURS = "newsbeam"

Statistic = Callable[[Sequence[Any]], float]


@dataclass(frozen=True)
class Measure:
    """One figure to be measured.

    Attributes:
        room: Room of the project, e.g. `articles`.
        name: What is measured, e.g. `title, exact`.
        material: Which set of documents.
        statistic: The figure of some items.
        items: Items by who made them: OURS, and rivals on the same documents.
    """

    room: str
    name: str
    material: str
    statistic: Statistic
    items: Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Figure:
    """A measured figure with the bounds of its 95 % interval, and the version that produced it."""

    room: str
    name: str
    material: str
    by: str
    version: str
    n: int
    value: float
    low: float
    high: float


def figures(measure: Measure, versions: Mapping[str, str]) -> list[Figure]:
    """Ours first, then the rivals' in the order given."""
    found = []
    for by, items in measure.items.items():
        low, high = interval(items, measure.statistic)
        value = measure.statistic(items)
        place = (measure.room, measure.name, measure.material, by, versions[by])
        found.append(Figure(*place, len(items), round(value, 4), round(low, 4), round(high, 4)))
    return found


def interval(items: Sequence[Any], statistic: Statistic) -> tuple[float, float]:
    """Bounds of the 95 % percentile bootstrap interval (Efron 1979), by a generator of fixed seed."""
    drawing = random.Random(0)
    values = sorted(statistic(drawing.choices(items, k=len(items))) for _ in range(RESAMPLES))
    return values[int(0.025 * RESAMPLES)], values[int(0.975 * RESAMPLES) - 1]


def fallen(now: Sequence[Figure], card: Sequence[Figure]) -> list[str]:
    """One line for each of our figures that has fallen by more than MAX_FALL below the card."""
    written = {(f.room, f.name, f.material): f for f in card if f.by == OURS}
    lines = []
    for figure in now:
        before = written.get((figure.room, figure.name, figure.material))
        if figure.by == OURS and before is not None and figure.value < before.value - MAX_FALL:
            lines.append(
                f"{figure.room}: {figure.name} on {figure.material} is {figure.value:.4f}, {before.value:.4f} on the"
                f" card: it may fall by {MAX_FALL} at most. Mend it, or say why in the change and run `make card`."
            )
    return lines


def read() -> list[Figure]:
    """The figures of the committed card."""
    return [Figure(**row) for row in json.loads(JSON.read_text(encoding="utf-8"))]


def write(found: Sequence[Figure]) -> None:
    """Write both forms of the card."""
    JSON.write_text(json.dumps([asdict(figure) for figure in found], indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render(found), encoding="utf-8")


def render(found: Sequence[Figure]) -> str:
    """The card as a page."""
    lines = [
        "# Accuracy",
        "",
        "Written by `make card`; do not edit. Each figure is measured on documents that are not part of the project,",
        "every tool on the same ones. In brackets: the 95 % bootstrap interval over the documents.",
    ]
    for room in dict.fromkeys(figure.room for figure in found):
        lines += ["", f"## {room.capitalize()}"]
        of_room = [figure for figure in found if figure.room == room]
        makers = list(dict.fromkeys((figure.by, figure.version) for figure in of_room))
        lines += ["", "| figure | documents | n | " + " | ".join(f"{by} {version}" for by, version in makers) + " |"]
        lines += ["|---|---|---|" + "---|" * len(makers)]
        for name, material in dict.fromkeys((figure.name, figure.material) for figure in of_room):
            by = {f.by: f for f in of_room if (f.name, f.material) == (name, material)}
            cells = [f"{by[m].value:.3f} ({by[m].low:.3f}–{by[m].high:.3f})" if m in by else "" for m, _ in makers]
            lines.append(f"| {name} | {material} | {by[OURS].n} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
