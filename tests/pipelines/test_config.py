"""How a run says who it is."""

from __future__ import annotations

from pipelines.config import rules_for
from schemas.versions import pipeline_version


def test_the_user_agent_names_us_and_who_runs_us() -> None:
    known = rules_for("https://desk.example/bot", 5.0, allow_private=False, obey_robots=True)
    assert known.user_agent == f"newsbeam/{pipeline_version()} (+https://desk.example/bot)"
    assert rules_for(None, 5.0, False, True).user_agent == f"newsbeam/{pipeline_version()}"
