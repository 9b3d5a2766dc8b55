"""A clock that runs fast and is the same in every process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class FastClock:
    """Runs `factor` times as fast as the machine's clock, from `start` at the moment it is made. It pickles.

    So hours between two polls pass in seconds, and all workers of a job agree on the time.
    """

    start: datetime
    factor: float
    made_at: float = field(default_factory=time.time)

    def __call__(self) -> datetime:
        return self.at(time.time())

    def at(self, moment: float) -> datetime:
        """The time it shows at a moment of the machine's clock (seconds of the epoch)."""
        return self.start + timedelta(seconds=(moment - self.made_at) * self.factor)
