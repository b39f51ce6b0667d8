"""Values to send: each metric a random walk that moves only when it is told, as report by exception wants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

START = 100.0
STEP = 0.5
"""Standard deviation of one change."""


class Signals:
    """The metrics of all sources, walking in turn.

    Args:
        sources: How many.
        metrics: Metrics of each source.
        rng: Source of the changes.

    Attributes:
        values: Present values, shape (sources, metrics).
    """

    def __init__(self, sources: int, metrics: int, rng: np.random.Generator) -> None:
        self.values = np.full((sources, metrics), START)
        self._next = np.zeros(sources, np.int64)
        self._rng = rng

    def change(self, sources: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Move the next `count` metrics of some sources, each source once.

        Returns:
            Places of the metrics in their sources and their new values, both of shape (sources, count).
        """
        metrics = (self._next[sources][:, None] + np.arange(count)) % self.values.shape[1]
        self._next[sources] += count
        rows = sources[:, None]
        self.values[rows, metrics] += self._rng.normal(0.0, STEP, metrics.shape)
        return metrics, self.values[rows, metrics]
