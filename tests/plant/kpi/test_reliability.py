from __future__ import annotations

import numpy as np
from made_minutes import START, lines, window

from plant.kpi.reliability import failures
from plant.kpi.sums import Failures
from plant.kpi.window import MINUTE_MS
from plant.production.elements import Element, Loss
from plant.production.stops import Stops


def stopped(*rows: tuple[int, int, int, Loss]) -> Stops:
    """Stops by line, first minute, minutes and loss."""
    line, first, length, loss = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    start = START + first * MINUTE_MS
    nothing = np.full(len(line), -1, np.int64)
    return Stops(
        line=line,
        start=start,
        end=start + length * MINUTE_MS,
        element=np.full(len(line), Element.ADET, np.int64),
        loss=loss,
        reason=nothing,
        cause=nothing,
        length_ms=length * MINUTE_MS,
        open=np.zeros(len(line), np.bool_),
    )


def test_only_breakdowns_of_the_lines_are_failures() -> None:
    """Minor and external stops are none, nor are those of other lines."""
    stops = stopped(
        (0, 5, 10, Loss.BREAKDOWN),
        (0, 30, 2, Loss.MINOR_STOP),
        (0, 40, 15, Loss.EXTERNAL),
        (1, 20, 30, Loss.BREAKDOWN),
        (2, 20, 30, Loss.BREAKDOWN),
    )
    assert failures(stops, window(60), lines(0, 1)) == Failures(2, 40 * 60)


def test_a_failure_counts_once_and_whole() -> None:
    """In the window in which it began, with the repair that goes on after it; so windows add."""
    stops = stopped((0, 50, 30, Loss.BREAKDOWN))
    assert failures(stops, window(60), lines(0)) == Failures(1, 1_800)
    assert failures(stops, window(60, 60), lines(0)) == Failures(0, 0)
    assert failures(stops, window(10, 50), lines(0)) == Failures(1, 1_800)
