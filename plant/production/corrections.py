"""What people correct by hand in the counts, with who and why; it adds to what was counted and never replaces it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


def touching(corrections: Sequence[Correction], line: str, start: int, end: int) -> list[Correction]:
    """Those that change counts of a line in [start, end), UTC ms: what to show behind a figure."""
    return [each for each in corrections if each.line == line and each.start < end and each.end > start]
