"""The score: rules by the numbers in their tests' names, printed after the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.conformance.rules import RULES, UNMET
from tests.conformance.world import World

NUMBER = re.compile(r"tests/conformance/.*::test_rule_(\d\d)_")


@pytest.fixture
def world() -> Iterator[World]:
    with World(datetime(2026, 11, 22, 8, 0, tzinfo=UTC)) as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed, bad = set(), {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            found = NUMBER.search(getattr(report, "nodeid", ""))
            if found and outcome == "passed" and report.when == "call":
                passed.add(int(found[1]))
            elif found and outcome != "passed":
                bad[int(found[1])] = f"its test {report.nodeid.split('::')[-1]} {outcome}"
    if len(passed) + len(bad) < len(RULES) - len(UNMET):
        return  # a part of the suite was asked for
    reasons = {**UNMET, **bad}
    terminalreporter.section("rules of polling")
    for number, (rule, _) in RULES.items():
        terminalreporter.line(
            f"{number:2} {'not met: ' + reasons[number] if number in reasons else 'met'}  ({rule[:80]})"
        )
    terminalreporter.line(f"{len(RULES) - len(reasons)} of {len(RULES)}")
