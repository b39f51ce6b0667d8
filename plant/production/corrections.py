"""What people correct by hand in the counts, with who and why; it adds to what was counted and never replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class CountsChange:
    """What is to be added to the counts of a line.

    Attributes:
        start: UTC ms; `end` likewise, exclusive.
        produced: Added to the produced quantity, in the line's measure; `good` and `reject` likewise. May be negative.
    """

    start: int
    end: int
    produced: float = 0.0
    good: float = 0.0
    reject: float = 0.0


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction of the counts of a line.

    It is spread evenly over its window, so each minute's part of it can be told again: an amount x the share of the
    window that is in the minute.

    Attributes:
        id: Under which it was entered.
        line: ``site/line``.
        start: UTC ms; `end` likewise, exclusive.
        produced: Added to the produced quantity, in the line's measure; `good` and `reject` likewise. May be negative.
        who: Who entered it.
        why: Why, in their words.
    """

    id: str
    line: str
    start: int
    end: int
    produced: float
    good: float
    reject: float
    who: str
    why: str

    def within(self, start: int, end: int) -> Correction:
        """The part of it in [start, end), UTC ms, with its share of the amounts; amounts of 0 outside of its window."""
        begin, finish = max(self.start, start), min(self.end, end)
        share = max(0, finish - begin) / (self.end - self.start) if self.end > self.start else 0.0
        amounts = {name: getattr(self, name) * share for name in ("produced", "good", "reject")}
        return replace(self, start=begin, end=max(begin, finish), **amounts)


def touching(corrections: Sequence[Correction], line: str, start: int, end: int) -> list[Correction]:
    """Those that change counts of a line in [start, end), UTC ms: what to show behind a figure."""
    return [each for each in corrections if each.line == line and each.start < end and each.end > start]
