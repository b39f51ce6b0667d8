"""Values per second over the last seconds."""

from __future__ import annotations

from collections import deque

WINDOW_S = 10.0


class RateWindow:
    """Rate of a running total, taken from samples of it; `now_s` is a clock that never goes back."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def sample(self, total: int, now_s: float) -> None:
        """Note the total; call it about once a second."""
        self._samples.append((now_s, total))
        while len(self._samples) > 2 and self._samples[1][0] <= now_s - WINDOW_S:
            self._samples.popleft()

    @property
    def per_s(self) -> float:
        """Mean rate of the last `WINDOW_S` seconds, or of the time since the first sample."""
        if len(self._samples) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._samples[0], self._samples[-1]
        return round((last - first) / (last_s - first_s), 1) if last_s > first_s else 0.0
