"""Rate of change: a value that moves too far in too short a time."""

from __future__ import annotations

from collections import deque

from plant.alarms.kinds.condition import NEVER, Readings
from plant.alarms.rules import Rate
from plant.readings import GOOD


class RateCondition(Readings):
    """Abnormal while the values that held within the last `over_ms` are too far apart.

    A value holds until the next one, so their range may shrink by time alone, but never grow.
    """

    every_reading = True

    def __init__(self, test: Rate) -> None:
        super().__init__(test.tag)
        self._test = test
        self._held: deque[tuple[int, float]] = deque()  # since when each value held

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - it has one tag
        """A gap in the values says nothing about how fast they moved."""
        if quality != GOOD:
            self._held.clear()
            return None
        if self._held and self._held[-1][0] == time:
            self._held.pop()
        self._held.append((time, value))
        return self.look(time, time)

    def look(self, time: int, until: int) -> bool | None:  # noqa: ARG002 - each step counts
        """Let go of what ceased to hold before the window."""
        while len(self._held) > 1 and self._held[1][0] <= time - self._test.over_ms:
            self._held.popleft()
        if not self._held:
            return None
        values = [value for _, value in self._held]
        self.abnormal = max(values) - min(values) > self._test.most
        return self.abnormal

    def due(self) -> int:
        """When the oldest value leaves the window; only then can it be normal by itself."""
        return self._held[1][0] + self._test.over_ms if self.abnormal and len(self._held) > 1 else NEVER

    def forget(self) -> None:
        """A start or a stop is no slope."""
        while len(self._held) > 1:
            self._held.popleft()
