"""Limit: a value beyond LL, L, H or HH, with a deadband on the way back."""

from __future__ import annotations

import math

from plant.alarms.kinds.condition import Readings
from plant.alarms.rules import Limit
from plant.readings import GOOD


class LimitCondition(Readings):
    """Abnormal beyond the limit until the value is back by the deadband."""

    def __init__(self, test: Limit) -> None:
        super().__init__(test.tag)
        self._test = test
        self._back = test.limit - test.deadband if test.above else test.limit + test.deadband

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - the value decides
        """A value of bad quality proves nothing."""
        if quality != GOOD:
            return None
        bound = self._back if self.abnormal else self._test.limit
        self.abnormal = value > bound if self._test.above else value < bound
        return self.abnormal

    def quiet(self, tag: int) -> tuple[float, float]:  # noqa: ARG002 - it has one tag
        """Up to the limit while normal, beyond the way back while not."""
        limit, back = self._test.limit, self._back
        if self._test.above:
            return (math.nextafter(back, math.inf), math.inf) if self.abnormal else (-math.inf, limit)
        return (-math.inf, math.nextafter(back, -math.inf)) if self.abnormal else (limit, math.inf)
