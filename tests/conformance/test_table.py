"""The table tells the truth: each rule that it calls met has a test by its number, and the page is rendered from it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conformance.rules import RULES, UNMET, document

HERE = Path(__file__).parent


def test_each_met_rule_is_played_and_no_other() -> None:
    played = {
        int(number)
        for path in HERE.glob("test_*.py")
        for number in re.findall(r"^def test_rule_(\d\d)_", path.read_text(encoding="utf-8"), re.M)
    }
    assert played == set(RULES) - set(UNMET)
    assert list(RULES) == list(range(1, 51))


def test_the_modules_named_exist() -> None:
    root = HERE.parents[1]
    for number, (_, where) in RULES.items():
        for name in filter(None, where.split(", ")):
            assert (root / name).exists() or (root / "transforms" / name).exists(), f"rule {number}: {name}"


def test_the_page_is_rendered_from_the_table() -> None:
    page = HERE.parents[1] / "docs" / "polling.md"
    assert page.read_text(encoding="utf-8") == document(), "render it with python -m tests.conformance"
