"""When messages are due, and how late they are; a pure function of the times that it is given."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FORGET_AFTER_S = 1.0
"""What is later than this is left out: a generator that has slept must not storm the broker to make up for it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to send now.

    Attributes:
        first: Number of the first message; message n is due n / rate after the start and belongs to source n modulo
            the number of sources.
        lags_s: How late each message is, from `first` on, s.
        left_out: Messages before `first` that are too late to be sent at all.
    """

    first: int
    lags_s: NDArray[np.float64]
    left_out: int


class Schedule:
    """Evenly spread messages.

    Args:
        per_s: Messages a second.
        most: Messages of one turn at most; the rest waits for the next.
        start_s: Time of message 0 on a monotonic clock, s.
    """

    def __init__(self, per_s: float, most: int, start_s: float) -> None:
        self._per_s = per_s
        self._most = most
        self._start_s = start_s
        self._next = 0

    def turn(self, now_s: float) -> Turn:
        """The messages that are due at `now_s`."""
        past_s = now_s - self._start_s
        oldest = max(self._next, math.ceil((past_s - FORGET_AFTER_S) * self._per_s))
        due = math.floor(past_s * self._per_s) + 1
        end = max(oldest, min(due, oldest + self._most))
        lags_s = past_s - np.arange(oldest, end) / self._per_s
        turn = Turn(oldest, lags_s, oldest - self._next)
        self._next = end
        return turn


class LagHistogram:
    """Quantiles of very many delays in little memory: bins 5 % wide, from 0.1 ms to 100 s."""

    def __init__(self) -> None:
        self._edges_s = np.geomspace(1e-4, 1e2, round(math.log(1e6) / math.log(1.05)))
        self._counts = np.zeros(len(self._edges_s) + 1, np.int64)
        self.longest_s = 0.0

    def add(self, lags_s: NDArray[np.float64]) -> None:
        """Delays, s."""
        if len(lags_s):
            self._counts += np.bincount(np.searchsorted(self._edges_s, lags_s), minlength=len(self._counts))
            self.longest_s = max(self.longest_s, float(lags_s.max()))

    def quantile_s(self, share: float) -> float:
        """The delay that `share` of all stay below, at most 5 % too high; 0 when there are none."""
        reached = np.cumsum(self._counts)
        if reached[-1] == 0:
            return 0.0
        place = int(np.searchsorted(reached, share * reached[-1]))
        return min(float(self._edges_s[min(place, len(self._edges_s) - 1)]), self.longest_s)
