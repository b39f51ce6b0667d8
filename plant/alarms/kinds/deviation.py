"""Deviation: a value too far from its set point."""

from __future__ import annotations

import math

from plant.alarms.kinds.condition import NO_VALUE, Readings, only
from plant.alarms.rules import Deviation
from plant.readings import GOOD


class DeviationCondition(Readings):
    """Abnormal while value and set point are too far apart; a new set point is judged with the value that holds."""

    def __init__(self, test: Deviation) -> None:
        super().__init__(test.tag, test.set_point)
        self._test = test
        self._value = math.nan
        self._set_point = math.nan

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - values decide
        """Both have to be known."""
        known = value if quality == GOOD else math.nan
        if tag == self._test.set_point:
            self._set_point = known
        else:
            self._value = known
        if math.isnan(self._value) or math.isnan(self._set_point):
            return None
        low, high = self._bounds()
        self.abnormal = not low <= self._value <= high
        return self.abnormal

    def hold(self, value: float) -> None:
        """The value that holds now: those that changed nothing by themselves were not read."""
        if not math.isnan(self._value):
            self._value = value

    def _bounds(self) -> tuple[float, float]:
        most = self._test.most - (self._test.deadband if self.abnormal else 0.0)
        return self._set_point - most, self._set_point + most

    def quiet(self, tag: int) -> tuple[float, float]:
        """Around the set point while normal, beyond the way back while not; every new set point is judged."""
        if tag == self._test.set_point:
            return only(self._set_point)
        low, high = self._bounds()
        if math.isnan(low):
            return NO_VALUE
        if not self.abnormal:
            return low, high
        above = self._value > self._set_point
        return (math.nextafter(high, math.inf), math.inf) if above else (-math.inf, math.nextafter(low, -math.inf))
