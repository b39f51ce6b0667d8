"""Bad quality: an instrument that distrusts itself."""

from __future__ import annotations

from plant.alarms.kinds.condition import Readings
from plant.alarms.rules import BadQuality
from plant.readings import BAD, STALE


class BadQualityCondition(Readings):
    """Abnormal while the quality is bad; of a source that is away nothing is known."""

    def __init__(self, test: BadQuality) -> None:
        super().__init__(test.tag)

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - quality decides
        """The value does not matter."""
        if quality == STALE:
            return None
        self.abnormal = quality == BAD
        return self.abnormal
