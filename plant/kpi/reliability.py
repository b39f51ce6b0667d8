"""How often lines fail and how fast they are mended, per failure of the stop engine."""

from __future__ import annotations

from plant.kpi.sums import Sums
from plant.kpi.value import Ratio


def mttr(sums: Sums) -> Ratio:
    """TTR / FE, h. ISO 22400-2, KPI "Mean time to repair": each repair whole, divided by the failures."""
    return Ratio(sums.repair_s, sums.failures * 3_600.0)


def mtbf(sums: Sums) -> Ratio:
    """(APT + AUST) / FE, h. ISO 22400-2, KPI "Mean operating time between failures".

    Time between failures is busy time with set-up and production and without delays, so minor and external stops are
    left out, as repairs are. Divided per failure, as maintenance does, not by FE + 1.
    """
    return Ratio(sums.aupt_s, sums.failures * 3_600.0)
