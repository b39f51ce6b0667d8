"""How often lines fail and how fast they are mended, per failure of the stop engine."""

from __future__ import annotations

import numpy as np

from plant.kpi.lines import LineSet
from plant.kpi.sums import Failures, Sums
from plant.kpi.value import Ratio
from plant.kpi.window import Window
from plant.production.elements import Loss
from plant.production.stops import Stops


def failures(stops: Stops, window: Window, lines: LineSet) -> Failures:
    """Failures of some lines that began in a window: each counts once, with its whole repair, wherever it ends.

    So windows that follow each other share none, and their failures add. A repair is as long as the planned busy time
    that it takes; one that is not over counts as far as it is known.
    """
    begun = (stops.start >= window.start_ms) & (stops.start < window.end_ms)
    failed = begun & (stops.loss == Loss.BREAKDOWN) & np.isin(stops.line, lines.indices)
    return Failures(float(failed.sum()), float(stops.length_ms[failed].sum()) / 1_000.0)


def mttr(sums: Sums) -> Ratio:
    """TTR / FE, h. ISO 22400-2, KPI "Mean time to repair": each repair whole, divided by the failures."""
    return Ratio(sums.repair_s, sums.failures * 3_600.0)


def mtbf(sums: Sums) -> Ratio:
    """(APT + AUST) / FE, h. ISO 22400-2, KPI "Mean operating time between failures".

    Time between failures is busy time with set-up and production and without delays, so minor and external stops are
    left out, as repairs are. Divided per failure, as maintenance does, not by FE + 1.
    """
    return Ratio(sums.aupt_s, sums.failures * 3_600.0)
