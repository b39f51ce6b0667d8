"""Gas, electricity and water per good product, against a target and against load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from plant.kpi.sums import Sums
from plant.kpi.value import Ratio


def specific_gas(sums: Sums) -> Ratio:
    """Gas / GQ, m3 per unit of measure. ISO 22400-2, KPI "Comprehensive energy consumption", of one carrier."""
    return Ratio(sums.gas_m3, sums.good)


def specific_energy(sums: Sums) -> Ratio:
    """Electric energy / GQ, kWh per unit of measure. ISO 22400-2, KPI "Comprehensive energy consumption"."""
    return Ratio(sums.energy_kwh, sums.good)


def specific_water(sums: Sums) -> Ratio:
    """Water / GQ, litres per unit of measure."""
    return Ratio(sums.water_m3 * 1_000.0, sums.good)


def against(value: float, target: float) -> float:
    """How far a value is above its target, as a share of the target: 0.05 is 5 % above.

    Raises:
        ValueError: The target is not above 0.
    """
    if target <= 0:
        raise ValueError(f"a target of {target} is nothing to compare with")
    return value / target - 1.0


LEAST_POINTS: Final = 5
"""Fewer windows say nothing about how consumption follows load."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Consumption as it follows load: a standing part and a part with each good unit (energy baseline, ISO 50006).

    Attributes:
        standing_per_h: Consumed per hour of planned busy time whatever is made, in the numerator's unit.
        per_unit: Consumed with each unit of good product more.
        points: Windows that it was fitted to.
    """

    standing_per_h: float
    per_unit: float
    points: int

    def expected(self, sums: Sums) -> float:
        """What the load of a window lets expect per unit of good product; infinite if nothing good was made."""
        whole = self.standing_per_h * sums.pbt_s / 3_600.0 + self.per_unit * sums.good
        return whole / sums.good if sums.good > 0 else float("inf")


def baseline(figure: Callable[[Sums], Ratio], windows: Sequence[Sums]) -> Baseline | None:
    """Fit consumption over load to windows of a base period, such as its shifts, by least squares.

    Args:
        figure: One of the specific consumptions; its numerator is what was consumed.
        windows: Sums of the windows, in one unit of measure. Those without planned busy time are left out.

    Returns:
        None if fewer than `LEAST_POINTS` windows are left, or all have the same load, so that the standing part cannot
        be told from the rest.
    """
    used = [sums for sums in windows if sums.pbt_s > 0]
    hours = np.array([sums.pbt_s / 3_600.0 for sums in used])
    design = np.stack([hours, np.array([sums.good for sums in used])], axis=1)
    if len(used) < LEAST_POINTS or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    consumed = np.array([figure(sums).numerator for sums in used])
    standing, per_unit = np.linalg.lstsq(design, consumed, rcond=None)[0].tolist()
    return Baseline(standing, per_unit, len(used))
