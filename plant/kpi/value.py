"""What a figure says: a number or an honest none, with how much of the data is there and what is odd about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

COVERAGE_NEEDED: Final = 0.8
"""Below this share of planned busy time with good data a figure says "not enough data", unless a caller asks for
another one. At 80 % the unknown fifth can move an OEE of 70 % by no more than 14 points down and 6 up."""


class Flag(StrEnum):
    """What to know beside a value, or why there is none."""

    LOW_COVERAGE = "low_coverage"
    """No value: not enough data."""
    NO_BASIS = "no_basis"
    """No value: the denominator is 0, such as an availability without planned busy time."""
    MIXED_MEASURES = "mixed_measures"
    """No value: quantities of different units of measure do not add."""
    ABOVE_WHOLE = "above_whole"
    """Above 100 %, and shown as it is."""
    IDEAL_RATE = "ideal_rate"
    """More was produced than the ideal rate allows in the production time: the ideal rate is wrong."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A division that is still to be made."""

    numerator: float
    denominator: float

    @property
    def quotient(self) -> float | None:
        """None if there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator > 0 else None


@dataclass(frozen=True, slots=True)
class Value:
    """A figure over some window and some lines.

    Attributes:
        value: In the figure's unit; None when there is not enough data or no basis, which `flags` tell.
        coverage: Share of planned busy time with good data, 0 to 1.
        provisional: It may still change: a source has not told all, or lots are not dried.
        flags: What else to know.
    """

    value: float | None
    coverage: float
    provisional: bool
    flags: tuple[Flag, ...] = ()
