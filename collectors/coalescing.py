"""How often a unit may speak: at once after a silence, else merged at the end of the interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Coalescer:
    """Decides when changed units are published.

    A unit whose last message is older than the interval is due at once; one that spoke within it is due when the
    interval is over, with everything that has changed until then in one message.

    Args:
        count: Number of units.
        interval_ms: Least time between two messages of a unit.
    """

    def __init__(self, count: int, interval_ms: int) -> None:
        self._interval = interval_ms
        self._changed = np.zeros(count, np.bool_)
        self._allowed = np.full(count, np.iinfo(np.int64).min)

    def mark(self, units: NDArray[np.integer]) -> None:
        """These units have something to say."""
        self._changed[units] = True

    def mark_all(self) -> None:
        """Every unit has to say everything again, at once."""
        self._changed[:] = True
        self._allowed[:] = np.iinfo(np.int64).min

    def due(self, now: int) -> NDArray[np.intp]:
        """Numbers of the units to publish now, ascending; each counts as published.

        Args:
            now: ms of a clock that never goes back.
        """
        units = np.flatnonzero(self._changed & (self._allowed <= now))
        self._changed[units] = False
        self._allowed[units] = now + self._interval
        return units

    def next_due(self) -> int | None:
        """When to ask `due` again, ms; None while nothing waits."""
        waiting = self._allowed[self._changed]
        return int(waiting.min()) if len(waiting) else None
