"""Words that are in no language, for texts that are nobody's."""

from __future__ import annotations

import random
from functools import cache


@cache
def vocabulary() -> list[str]:
    """The same 40,000 in every process."""
    chance = random.Random(1)
    syllables = [a + b for a in "bdfghklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]
    return ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(40_000)]
