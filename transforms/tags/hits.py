"""A name that was matched in a text, and what was decided about it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from transforms.tags.candidates import Candidate
from transforms.tags.packs import PackPlace


@dataclass(slots=True)
class Hit:
    """A matched name: offsets, tokens [first, last), candidates, and what was decided.

    A place has its candidate chosen, or is a pack's, or a feature that only the text names; then `feature` is its kind
    and `country` and `admin` are those of the place that is named beside it.
    """

    start: int
    end: int
    first: int
    last: int
    name: int
    candidates: tuple[Candidate, ...]
    pack: PackPlace | None = None
    chosen: Candidate | None = None
    feature: str = ""
    country: str = ""
    admin: int = 0
    logit: float = 0.0
    rule: str = "name"
    use: str = "literal"
    contained: bool = False

    @property
    def place(self) -> int:
        """The chosen place, -1 for a pack's or a feature."""
        return self.chosen.place if self.chosen is not None else -1

    @property
    def flags(self) -> int:
        """How the chosen place goes by this name, 0 for a pack's or a feature."""
        return self.chosen.flags if self.chosen is not None else 0

    @property
    def score(self) -> float:
        """Probability of being a place mention, from the log-odds."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.logit))))
