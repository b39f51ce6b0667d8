"""Charted: a critical metric is out of control; its chart is made of minutes, somewhere else, and tells."""

from __future__ import annotations

from plant.alarms.kinds.condition import Readings
from plant.alarms.rules import Charted


class ChartedCondition(Readings):
    """Abnormal while the chart says so (`plant.alarms.engine.Engine.signal`); single readings tell nothing."""

    def __init__(self, test: Charted) -> None:
        super().__init__(test.tag)

    def read(self, tag: int, time: int, value: float, quality: int) -> bool | None:  # noqa: ARG002 - a chart decides
        """Nothing can be told."""
        return None

    def signal(self, *, abnormal: bool) -> None:
        """What the chart says."""
        self.abnormal = abnormal
