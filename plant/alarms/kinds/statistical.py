"""Statistical: a sample that does not belong to those before it (individuals chart with moving ranges, ISO 7870-2)."""

from __future__ import annotations

import math
from collections import deque
from itertools import pairwise

from plant.alarms.kinds.condition import NEVER, Readings
from plant.alarms.rules import Statistical
from plant.readings import GOOD

D2 = 1.128
"""Mean range of two samples of a normal distribution, in sigmas (ISO 7870-2, table of constants)."""


class StatisticalCondition(Readings):
    """Abnormal while the newest sample is outside mean +- sigmas x (mean moving range / d2) of the window before it.

    The window slides over all samples, so what stays changed becomes the new rule after as many samples.
    """

    every_reading = True

    def __init__(self, test: Statistical) -> None:
        super().__init__(test.tag)
        self._test = test
        self._window: deque[float] = deque(maxlen=test.samples)
        self._value = math.nan
        self._next = NEVER
        self._same = 0  # samples of the value that holds

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - it has one tag
        """What has been read holds until the next reading; the samples are taken by `look`."""
        known = value if quality == GOOD else math.nan
        self._same = self._same if known == self._value else 0
        self._value = known
        if self._next == NEVER:
            self._next = self._grid(time)
        return None if math.isnan(self._value) else self.abnormal

    def look(self, time: int, until: int) -> bool | None:
        """Take the sample that is due, and judge it; a window of one value alone needs no more of it."""
        self._same += 1
        self._next = self._grid(until if self._same > self._test.samples else time)
        if math.isnan(self._value):
            return None
        if len(self._window) == self._test.samples:
            self.abnormal = self._is_strange(self._value)
        self._window.append(self._value)
        return self.abnormal

    def due(self) -> int:
        """The next sample."""
        return self._next

    def forget(self) -> None:
        """Samples of a standing machine are no base for a running one."""
        self._window.clear()
        self._same = 0

    def _grid(self, time: int) -> int:
        return time - time % self._test.every_ms + self._test.every_ms

    def _is_strange(self, value: float) -> bool:
        window = list(self._window)
        mean = math.fsum(window) / len(window)
        ranges = math.fsum(abs(b - a) for a, b in pairwise(window))
        sigma = max(ranges / (len(window) - 1) / D2, self._test.least_sigma)
        return abs(value - mean) > self._test.sigmas * sigma
