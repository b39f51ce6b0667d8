"""When what happens in a soak, and what its samples of memory say."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

OUTAGE_S = 60.0
"""How long InfluxDB is away, in a soak that is long enough."""
OUTAGE_SHARE = 0.1
RESTART_AT, BROKER_AT, OUTAGE_AT = 0.08, 0.16, 0.52
"""Shares of the length: the second and the last quarter, whose memory is compared, are left in peace."""

Samples = Sequence[tuple[float, float]]
"""Seconds since the beginning, and memory of the collector, MiB."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A soak of some length, s."""

    length_s: float

    @property
    def outage_s(self) -> float:
        """How long InfluxDB is away."""
        return min(OUTAGE_S, OUTAGE_SHARE * self.length_s)

    @property
    def faults(self) -> list[tuple[float, str]]:
        """When each fault comes, seconds since the beginning, in their order."""
        stop_s = OUTAGE_AT * self.length_s
        return [
            (RESTART_AT * self.length_s, "restart collector"),
            (BROKER_AT * self.length_s, "restart broker"),
            (stop_s, "stop InfluxDB"),
            (stop_s + self.outage_s, "start InfluxDB"),
        ]

    def growth(self, samples: Samples) -> float | None:
        """Median memory of the last quarter over that of the second; None when a quarter has no sample."""
        quarter_s = self.length_s / 4
        parts = [[mib for at, mib in samples if n * quarter_s <= at < (n + 1) * quarter_s] for n in (1, 3)]
        if not all(parts):
            return None
        second, last = map(statistics.median, parts)
        return last / second
