"""Report by exception over arrays: which tags have something to say now (Sparkplug B 3.0, operational behaviour)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plant.model.tags import TagTable
from plant.readings import GOOD

REFRESH_MS = 600_000
"""A tag that has not changed is told again after this time, so that a gap of data differs from a calm value."""

_GOLDEN = 0.618_033_988_749_895
"""Multiples of it modulo 1 spread evenly, so that the refreshes of thousands of tags do not fall together."""
_NEVER = np.uint16(65_535)


@dataclass(frozen=True, slots=True)
class Reported:
    """What was last told of each tag; arrays of shape (tags,).

    Attributes:
        value: NaN for none.
        quality: 65535 for what was never told.
        due_ms: When it is told again at the latest, UTC ms.
    """

    value: NDArray[np.float64]
    quality: NDArray[np.uint16]
    due_ms: NDArray[np.int64]


class Reporter:
    """Remembers what was last reported of each tag.

    The first call reports every tag that has a value. A tag whose value is NaN with a quality that is not good, and
    that was never reported, belongs to somebody else and stays silent.
    """

    def __init__(self, tags: TagTable, refresh_ms: int = REFRESH_MS) -> None:
        self._deadband = np.array([tag.metric.deadband for tag in tags], np.float64)
        self._refresh_ms = refresh_ms
        self._spread = ((0.1 + 0.9 * (np.arange(len(tags)) * _GOLDEN % 1.0)) * refresh_ms).astype(np.int64)
        self._value = np.full(len(tags), np.nan)
        self._quality = np.full(len(tags), _NEVER)
        self._due = np.zeros(len(tags), np.int64)

    def changed(self, now_ms: int, values: NDArray[np.float64], qualities: NDArray[np.uint16]) -> NDArray[np.intp]:
        """Tags to report now, ascending; they count as reported from here on.

        A tag is reported when its quality changes, when its value moves by its deadband or more (by anything, for a
        deadband of 0), and every `refresh_ms` at the latest.

        Args:
            now_ms: Time of the values, UTC ms.
            values: One value per tag of the table, NaN for none, shape (tags,).
            qualities: One quality per tag, shape (tags,).
        """
        moved = np.abs(values - self._value)
        news = (moved >= self._deadband) & (moved > 0.0)
        news |= qualities != self._quality
        news |= now_ms >= self._due
        news &= ~((self._quality == _NEVER) & (qualities != GOOD) & np.isnan(values))
        rows = np.flatnonzero(news)
        first = self._quality[rows] == _NEVER
        self._value[rows] = values[rows]
        self._quality[rows] = qualities[rows]
        self._due[rows] = now_ms + np.where(first, self._spread[rows], self._refresh_ms)
        return rows

    def memory(self) -> Reported:
        """What was told, to `recall` later."""
        return Reported(self._value.copy(), self._quality.copy(), self._due.copy())

    def recall(self, memory: Reported) -> None:
        """Go on as if this had been told."""
        self._value, self._quality, self._due = memory.value.copy(), memory.quality.copy(), memory.due_ms.copy()

    def forget(self, rows: NDArray[np.intp]) -> None:
        """Report these tags anew at the next call, as after a birth."""
        self._quality[rows] = _NEVER
