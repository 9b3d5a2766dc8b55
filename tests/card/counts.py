"""What is counted by span: a name and, for each item, how many were right, found and wanted."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True)
class Counts:
    """One item (a document or a sentence)."""

    right: int
    found: int
    wanted: int


@dataclass(frozen=True)
class Counted:
    """A figure over items; `f1`, `precision` and `recall` are over the sums of all items."""

    name: str
    items: tuple[Counts, ...]

    @property
    def n(self) -> int:
        """How many items."""
        return len(self.items)

    @property
    def scores(self) -> tuple[float, ...]:
        """F1 of each item; an item with nothing found and nothing wanted counts as 1."""
        return tuple(2 * c.right / (c.found + c.wanted) if c.found + c.wanted else 1.0 for c in self.items)

    @property
    def precision(self) -> float:
        return _share(sum(c.right for c in self.items), sum(c.found for c in self.items))

    @property
    def recall(self) -> float:
        return _share(sum(c.right for c in self.items), sum(c.wanted for c in self.items))

    @property
    def f1(self) -> float:
        right = sum(c.right for c in self.items)
        return _share(2 * right, sum(c.found + c.wanted for c in self.items))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def overlap(wanted: list[Span], other: list[Span], found: list[Span]) -> Counts:
    """Each wanted span takes, in order, one found span that it overlaps; found spans over `other` alone count not."""

    def meets(span: Span, spans: list[Span]) -> bool:
        return any(span[0] < end and start < span[1] for start, end in spans)

    counted = [span for span in found if meets(span, wanted) or not meets(span, other)]
    free = list(counted)
    right = 0
    for span in sorted(wanted, key=lambda s: s[0]):
        taken = next((candidate for candidate in free if meets(candidate, [span])), None)
        if taken is not None:
            free.remove(taken)
            right += 1
    return Counts(right, len(counted), len(wanted))


def exact(wanted: set[Span], found: set[Span]) -> Counts:
    """Spans that are the same."""
    return Counts(len(wanted & found), len(found), len(wanted))
