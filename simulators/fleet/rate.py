"""How fast something grows."""

from __future__ import annotations

from collections import deque


class Rate:
    """Growth per second over the last `span_s`.

    Args:
        span_s: Time over which it is averaged, s.
    """

    def __init__(self, span_s: float = 10.0) -> None:
        self._span_s = span_s
        self._marks: deque[tuple[float, float]] = deque()

    def mark(self, at_s: float, amount: float) -> None:
        """The amount at `at_s` of a monotonic clock."""
        self._marks.append((at_s, amount))
        while len(self._marks) > 2 and self._marks[1][0] <= at_s - self._span_s:
            self._marks.popleft()

    def forget(self) -> None:
        """The amount was set; what was measured before says nothing."""
        self._marks.clear()

    @property
    def per_s(self) -> float:
        """Growth per second; 0 until it is known."""
        if len(self._marks) < 2:
            return 0.0
        (from_s, before), (to_s, after) = self._marks[0], self._marks[-1]
        return (after - before) / (to_s - from_s) if to_s > from_s else 0.0
