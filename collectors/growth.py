"""How fast the historian grows, so that a full disk is foreseen."""

from __future__ import annotations

from collections import deque

SAMPLE_EVERY_S = 60.0
LEAST_S = 600.0
"""Stores grow in steps (segments, checkpoints): less than ten minutes say nothing."""
WINDOW_S = 86_400.0
_DAY_S = 86_400.0


class Growth:
    """Growth of a size over the last day; `now_s` is a clock that never goes back."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def sample(self, size_bytes: int, now_s: float) -> None:
        """Note the size; samples closer than `SAMPLE_EVERY_S` are left out."""
        if self._samples and now_s - self._samples[-1][0] < SAMPLE_EVERY_S:
            return
        self._samples.append((now_s, size_bytes))
        while self._samples[0][0] < now_s - WINDOW_S:
            self._samples.popleft()

    @property
    def bytes_per_day(self) -> float | None:
        """Growth at the pace measured, bytes a day; None before `LEAST_S` have been measured."""
        if not self._samples:
            return None
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        if last_s - first_s < LEAST_S:
            return None
        return round((last - first) / (last_s - first_s) * _DAY_S)
