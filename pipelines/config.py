"""How a run behaves towards publishers."""

from __future__ import annotations

from schemas.versions import pipeline_version
from transforms.web.messages import FetchRules


def rules_for(contact: str | None, spacing_s: float, allow_private: bool, obey_robots: bool) -> FetchRules:
    """Rules of fetching from the command line's options; the User-Agent names us and, if given, who runs us."""
    about = f" (+{contact})" if contact else ""
    return FetchRules(
        user_agent=f"newsbeam/{pipeline_version()}{about}",
        spacing_s=spacing_s,
        allow_private=allow_private,
        obey_robots=obey_robots,
    )
