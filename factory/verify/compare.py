"""The errors of figures against their limits, line by line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from factory.verify.expected import Expected
from plant.production.elements import Element, Loss
from plant.production.minutes import ProductionMinutes

OEE_POINTS: Final = 0.2
"""OEE may be wrong by so many points."""
SECONDS_A_CHANGE: Final = 1.0
SHARE_OF_TIME: Final = 0.001
"""Time in a state may be wrong by a second for each change of state, and never by more than a thousandth."""
COUNTED: Final = 1e-9
"""Counts are exact to the last digit of the counter at both ends of the window; so much is the rounding of sums."""


class Kind(StrEnum):
    """What sort of figure is compared."""

    TIME = "time"
    STOPS = "stops"
    COUNTS = "counts"
    OEE = "oee"
    ALARMS = "alarms"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Check:
    """One figure of one line, or of one site.

    Attributes:
        kind: What sort of figure it is.
        line: ``site/line``, or the site.
        figure: What is compared.
        expected: By the truth.
        measured: By what was published.
        limit: Largest error that is right; None when the error has a true cause, which `note` tells.
        note: For people.
    """

    kind: Kind
    line: str
    figure: str
    expected: float
    measured: float
    limit: float | None
    note: str = ""

    @property
    def error(self) -> float:
        """Measured less expected, in the figure's own unit."""
        return self.measured - self.expected

    @property
    def share(self) -> float:
        """The error as a share of its limit, above 1 for a wrong figure; 0 for one that is not judged."""
        if self.limit is None or self.error == 0.0:
            return 0.0
        return abs(self.error) / self.limit if self.limit else math.inf

    @property
    def ok(self) -> bool:
        """Whether the error is inside its limit."""
        return self.share <= 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What the engine says of one line: sums of its minutes, and its stops.

    Attributes:
        sums: Of every additive column of the minutes.
        elements: Seconds by element; `losses` by class of loss.
        stop_starts: UTC ms, in order.
        provisional: Minutes that may still change.
    """

    sums: Mapping[str, float]
    elements: Mapping[Element, float]
    losses: Mapping[Loss, float]
    stop_starts: Sequence[int]
    provisional: int

    @classmethod
    def of(cls, minutes: ProductionMinutes, stop_starts: Sequence[int]) -> Measured:
        """From the minutes of one line."""
        sums = {name: float(column.sum()) for name, column in minutes.arrays.items() if column.dtype == np.float64}
        elements = {each: float(minutes.seconds[minutes.element == each].sum()) for each in Element}
        losses = {each: float(minutes.seconds[minutes.loss == each].sum()) for each in Loss}
        return cls(sums, elements, losses, stop_starts, int(np.count_nonzero(minutes.provisional)))


def checks(
    line: str,
    true: Expected,
    measured: Measured,
    resolution: Mapping[str, float],
    lying: str = "",
    clock_s: float = 0.0,
) -> Iterator[Check]:
    """All figures of one line.

    Args:
        line: ``site/line``.
        true: What they should be.
        measured: What they are.
        resolution: Last digit of the counters behind each count.
        lying: Why a counter of the line tells less than is true; empty when none does.
        clock_s: By how much the clock of an edge node of the line was wrong, s. What begins while it was right and ends
            while it was not is so much too long or too short, and so is what is under way when it is set right.
    """
    window_s = sum(true.seconds.values())
    allowed_s = min(SECONDS_A_CHANGE * (2 * len(true.stops) + 1), max(1.0, SHARE_OF_TIME * window_s)) + 2.0 * clock_s
    note = f"the clock of an edge node was wrong by {clock_s:g} s" if clock_s else ""
    for element in Element:
        yield Check(
            Kind.TIME, line, f"{element.name} s", true.seconds[element], measured.elements[element], allowed_s, note
        )
    for loss in Loss:
        if loss is not Loss.NONE:
            yield Check(Kind.TIME, line, f"{loss.name} s", true.losses[loss], measured.losses[loss], allowed_s, note)
    yield Check(Kind.STOPS, line, "stops", len(true.stops), len(measured.stop_starts), 0.0)
    yield Check(
        Kind.STOPS, line, "latest start of a stop, s", 0.0, _worst_s(true, measured), SECONDS_A_CHANGE + clock_s, note
    )
    for name, digit in resolution.items():
        amount: float = getattr(true, name)
        limit = None if lying and name in {"produced", "good"} else 2.0 * digit + COUNTED * amount
        yield Check(Kind.COUNTS, line, name, amount, measured.sums[name], limit, lying if limit is None else "")
    yield _oee(line, true, measured, 2.0 * resolution["good"], lying)


def _worst_s(true: Expected, measured: Measured) -> float:
    """How far the start of a stop is from the true one, s; 0 when their numbers differ, which is an error by itself."""
    if len(true.stops) != len(measured.stop_starts):
        return 0.0
    pairs = zip(true.stops, measured.stop_starts, strict=True)
    return max((abs(stop.start_ms - start) / 1000.0 for stop, start in pairs), default=0.0)


def _oee(line: str, true: Expected, measured: Measured, uncertain: float, lying: str) -> Check:
    """In points; of a line that makes nothing 0 by both. In a short window the last digits of a counter count more."""
    note = lying or ("some of it is provisional" if measured.provisional else "")
    figures = [
        100.0 * ideal_s / busy_s if busy_s else 0.0
        for ideal_s, busy_s in (
            (true.good_ideal_s, _busy_s(true.seconds)),
            (measured.sums["good_ideal_s"], _busy_s(measured.elements)),
        )
    ]
    digits = uncertain * true.good_ideal_s / true.good / _busy_s(true.seconds) * 100.0 if true.good_ideal_s else 0.0
    limit = None if lying else max(OEE_POINTS, digits)
    return Check(Kind.OEE, line, "OEE, %", figures[0], figures[1], limit, note)


def _busy_s(elements: Mapping[Element, float]) -> float:
    """Planned busy time that is known, s."""
    outside = (Element.NOT_PLANNED, Element.UNKNOWN)
    return sum(seconds for element, seconds in elements.items() if element not in outside)
