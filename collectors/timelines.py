"""What time it is for an edge node: mostly ours, but a replayed world, or a clock that is slow, is in the past.

Such a node's absence must be told on its own time line. A row at our time would lie in its future: it would contradict
what the node tells when it gets there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collectors.live import LiveState
from collectors.units import NO_UNIT, UnitTable
from collectors.validation import SKEW_MS
from plant.readings import STALE, Columns


class TimeLines:
    """How far each edge node is behind us, from its own newest readings.

    Args:
        units: The units that are served.
        live: What they show; its times are those before the readings that are told of here.
    """

    def __init__(self, units: UnitTable, live: LiveState) -> None:
        nodes: dict[tuple[str, str], int] = {}
        self._of_unit = [nodes.setdefault((row.unit.site, row.unit.gateway), len(nodes)) for row in units]
        self._node = np.where(units.of_tag == NO_UNIT, len(nodes), np.array([*self._of_unit, 0], np.intp)[units.of_tag])
        self._live = live
        self._behind = np.zeros(len(nodes) + 1, np.int64)
        self._newest = np.zeros(len(nodes) + 1, np.int64)

    def heard(self, columns: Columns, now: int) -> None:
        """Live readings have come; those that were not the newest of their node when they came tell nothing.

        Args:
            columns: Readings of data messages.
            now: Host time, UTC ms.
        """
        if not len(columns) or (columns.time.min() >= now - SKEW_MS and not self._behind.any()):
            return  # all is as it should be: the hot path
        newest = self._newest_of(columns.tag, columns.time)
        shown = np.flatnonzero(self._live.quality != STALE)
        ahead = (newest > 0) & (newest >= self._newest_of(shown, self._live.time[shown]))
        self._newest[ahead] = newest[ahead]
        self._behind[ahead] = np.where(now - newest > SKEW_MS, now - newest, 0)[ahead]

    def born(self, columns: Columns, now: int) -> None:
        """A birth's values: their times are those at which they began to hold, so the node is there by now at least."""
        newest = self._newest_of(columns.tag, columns.time)
        behind = np.maximum(0, now - newest)
        self._behind = np.where(behind > SKEW_MS, np.minimum(self._behind, behind), 0)

    def ended(self, number: int, at: int) -> int:
        """When a source of this unit that has gone at `at`, host time, was last known on its own time line; UTC ms."""
        node = self._of_unit[number]
        return int(self._newest[node]) if self._behind[node] else at

    def present(self, number: int, now: int) -> int:
        """The time now on the time line of this unit's edge node, UTC ms; `now` is the host's."""
        return now - int(self._behind[self._of_unit[number]])

    def _newest_of(self, tags: NDArray[np.integer], times: NDArray[np.int64]) -> NDArray[np.int64]:
        """The newest time of each node, 0 where there is none."""
        newest = np.zeros(len(self._behind), np.int64)
        np.maximum.at(newest, self._node[tags], times)
        return newest
