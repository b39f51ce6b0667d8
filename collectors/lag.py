"""How long readings took, over the last minute, without keeping any of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 60
_STEPS = 400
_GROWTH = 1.05
"""Bins grow by 5 %, so a percentile is at most 5 % too high; 400 of them reach from 1 ms to over three days."""
_EDGES_MS = _GROWTH ** np.arange(_STEPS)


class LagWindow:
    """A histogram per second for the last `WINDOW_S` seconds, and the totals for Prometheus.

    Attributes:
        total: Readings since the start, per bin of `BOUNDS_MS`.
        sum_ms: Sum of their lags, ms.
    """

    BOUNDS_MS = (10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000)

    def __init__(self) -> None:
        self._seconds = np.zeros((WINDOW_S, _STEPS + 1), np.int64)
        self._stamps = np.full(WINDOW_S, -WINDOW_S, np.int64)
        self.total = np.zeros(len(self.BOUNDS_MS) + 1, np.int64)
        self.sum_ms = 0.0

    def add(self, lags_ms: NDArray[np.integer], now_s: float) -> None:
        """Count lags; `now_s` is a clock that never goes back. A clock that is ahead gives a lag of 0."""
        lags = np.maximum(lags_ms, 0)
        second = int(now_s)
        slot = second % WINDOW_S
        if self._stamps[slot] != second:
            self._stamps[slot] = second
            self._seconds[slot] = 0
        self._seconds[slot] += np.bincount(np.searchsorted(_EDGES_MS, lags), minlength=_STEPS + 1)
        self.total += np.bincount(np.searchsorted(self.BOUNDS_MS, lags), minlength=len(self.BOUNDS_MS) + 1)
        self.sum_ms += float(lags.sum())

    def percentile(self, share: float, now_s: float) -> float | None:
        """Lag in ms that this share (0 to 1) of the last minute's readings did not exceed; None without any."""
        recent = (self._stamps > int(now_s) - WINDOW_S) & (self._stamps <= int(now_s))
        counts = self._seconds[recent].sum(axis=0)
        total = int(counts.sum())
        if total == 0:
            return None
        bin_ = int(np.searchsorted(np.cumsum(counts), share * total))
        return round(float(_EDGES_MS[min(bin_, _STEPS - 1)]), 1)
