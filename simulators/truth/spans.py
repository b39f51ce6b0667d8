"""Spans of time in which something stayed as it was, and what was counted meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from simulators.truth.tables import Floats, Integers

N = TypeVar("N", np.int64, np.float64)


@dataclass(frozen=True, slots=True)
class Closed:
    """Spans that are over.

    Attributes:
        row: Of what, such as the row of a unit, shape (n,).
        codes: What stayed as it was, shape (codes, n).
        start_ms: UTC ms, shape (n,); `end_ms` likewise.
        counted: Increase of the counters from start to end, shape (counters, n).
    """

    row: Integers
    codes: Floats
    start_ms: Integers
    end_ms: Integers
    counted: Floats


class Spans:
    """One open span for each of n things; a pure function of what it is shown.

    Args:
        at_ms: Where the first spans begin, UTC ms.
        codes: What is true from then on, shape (codes, n).
        counters: Sums that only grow, shape (counters, n).
    """

    def __init__(self, at_ms: int, codes: Floats, counters: Floats) -> None:
        self._codes = codes.copy()
        self._start_ms = np.full(codes.shape[1], at_ms, np.int64)
        self._base = counters.copy()
        self._closed: list[Closed] = []

    def look(self, at_ms: int, codes: Floats, counters: Floats) -> None:
        """Close the spans of things whose codes are others from `at_ms` on, and open new ones; shapes as before."""
        changed = codes != self._codes
        if changed.any():
            rows = np.flatnonzero(changed.any(axis=0))
            self._close(rows, at_ms, counters)
            self._codes[:, rows] = codes[:, rows]

    def cut(self, at_ms: int, counters: Floats) -> Closed:
        """All spans that are over, open ones cut off at `at_ms`, where they go on; in the order of their ends."""
        self._close(np.arange(len(self._start_ms)), at_ms, counters)
        parts, self._closed = self._closed, []
        return Closed(
            _joined([each.row for each in parts]),
            _joined([each.codes for each in parts]),
            _joined([each.start_ms for each in parts]),
            _joined([each.end_ms for each in parts]),
            _joined([each.counted for each in parts]),
        )

    def _close(self, rows: NDArray[np.intp], at_ms: int, counters: Floats) -> None:
        ends = np.full(len(rows), at_ms, np.int64)
        counted = counters[:, rows] - self._base[:, rows]
        self._closed.append(Closed(rows, self._codes[:, rows], self._start_ms[rows], ends, counted))
        self._start_ms[rows] = at_ms
        self._base[:, rows] = counters[:, rows]


def _joined(parts: list[NDArray[N]]) -> NDArray[N]:
    return np.concatenate(parts, axis=-1)
