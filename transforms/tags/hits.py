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

    Attributes:
        place: The chosen place, -1 for a pack's or a feature.
        flags: How the chosen place goes by this name, 0 for a pack's or a feature.
        score: Probability of being a place mention, from the log-odds.
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
    place: int = -1
    flags: int = 0
    score: float = 0.0

    def settle(self) -> None:
        """Sets what follows from the choice and the log-odds, when both are final."""
        if self.chosen is not None:
            self.place, self.flags = self.chosen.place, self.chosen.flags
        self.score = 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.logit))))
