"""Imports point one way: pipelines -> transforms -> schemas, and no room imports a later room."""

from __future__ import annotations

import ast
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("web", "feeds", "pages", "articles", "tags", "stories", "storage")
LAYERS = ("schemas", "transforms", "pipelines")
WITH_BEAM = ("wiring.py", "stateful.py", "coders.py")
"""`wiring.py` of a room, `stateful.py` for its steps of the unbounded graph, and the one module of coders."""


def modules() -> list[Path]:
    return sorted(p for layer in LAYERS for p in (ROOT / layer).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


def room_of(dotted: str) -> int | None:
    parts = dotted.split(".")
    return ROOMS.index(parts[1]) if parts[0] == "transforms" and len(parts) > 1 and parts[1] in ROOMS else None


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    own = path.relative_to(ROOT).parts
    own_layer = LAYERS.index(own[0])
    own_room = room_of(".".join(own[:2])) if own[0] == "transforms" else None
    for name in imported(path):
        top = name.split(".")[0]
        assert top not in ("tests", "deploy"), f"{name} is no part of the product"
        if top in LAYERS:
            assert LAYERS.index(top) <= own_layer, f"{own[0]} must not import {name}"
        room = room_of(name)
        if room is not None and own_room is not None:
            assert room <= own_room, f"room {ROOMS[own_room]} must not import the later room {ROOMS[room]}"
        if top == "transforms" and own[0] == "transforms" and own_room is None:
            assert room is None, f"{own[-1]} stands before all rooms and must not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_beam_stands_in_few_modules_of_a_room(path):
    uses_beam = any(name.split(".")[0] == "apache_beam" for name in imported(path))
    own = path.relative_to(ROOT).parts
    if own[0] == "schemas" or (own[0] == "transforms" and own[-1] not in WITH_BEAM):
        assert not uses_beam


def test_schemas_need_the_standard_library_and_pyarrow_only():
    import sys

    for path in sorted((ROOT / "schemas").rglob("*.py")):
        foreign = {n.split(".")[0] for n in imported(path)} - set(sys.stdlib_module_names) - {"pyarrow", "schemas"}
        assert not foreign, f"{path.name} imports {foreign}"


def test_no_dependency_owns_one_of_our_top_level_names():
    owners = {
        file.parts[0]
        for distribution in distributions()
        if distribution.metadata["Name"] != "newsbeam"
        for file in distribution.files or ()
        if file.parts[0] in LAYERS
    }
    assert owners == set()
