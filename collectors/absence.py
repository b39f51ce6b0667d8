"""What a replay proves about the time in which an edge node could not be heard.

A node reports by exception and keeps what it cannot send. When its replay reaches from before the absence into it, the
node was alive and recording, so the tags of which the replay says nothing did not change: their stale row is replaced,
at its own time, by the value that held. When the replay begins too late (the node's memory was too short) or does not
go into the absence (the node was dead), the stale rows stay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from collectors.units import NO_UNIT, UnitTable
from plant.readings import GOOD, Columns

_NEVER = np.iinfo(np.int64).max


class Absences:
    """The last absence of every tag."""

    def __init__(self, units: UnitTable) -> None:
        nodes: dict[tuple[str, str], int] = {}
        of_unit = [nodes.setdefault((row.unit.site, row.unit.gateway), len(nodes)) for row in units]
        self._node = np.where(units.of_tag == NO_UNIT, len(nodes), np.array([*of_unit, 0], np.intp)[units.of_tag])
        count = len(units.of_tag)
        self._since = np.full(count, _NEVER, np.int64)
        self._value = np.full(count, np.nan)
        self._value_time = np.zeros(count, np.int64)
        self._oldest = np.full(len(nodes) + 1, _NEVER, np.int64)
        self._newest = np.zeros(len(nodes) + 1, np.int64)
        self._proved = np.zeros(count, np.bool_)

    def began(self, stale: Columns, last: Columns) -> None:
        """Tags have become stale.

        Args:
            stale: Their stale rows.
            last: Their last readings before, in the same order.
        """
        good = last.quality == GOOD
        tags = stale.tag
        self._since[tags] = np.where(good, stale.time, _NEVER)
        self._value[tags], self._value_time[tags] = last.value, last.time
        self._proved[tags] = False
        nodes = np.unique(self._node[tags])
        self._oldest[nodes], self._newest[nodes] = _NEVER, 0

    def forget(self, tags: NDArray[np.integer]) -> None:
        """These tags are stale although their edge node is there: a device has gone, which no replay contradicts."""
        self._since[tags] = _NEVER

    def proved(self, replayed: Columns) -> Columns:
        """Take note of replayed readings, in the order of their arrival.

        Returns:
            Good rows at the times of stale rows, to replace them.
        """
        node = self._node[replayed.tag]
        np.minimum.at(self._oldest, node, replayed.time)
        np.maximum.at(self._newest, node, replayed.time)
        corrected = self._note_values(replayed)
        known = (self._oldest[self._node] <= self._since) & (self._newest[self._node] > self._since)
        tags = np.flatnonzero(known & (self._since != _NEVER) & (~self._proved | corrected))
        self._proved[tags] = True
        return Columns(tags.astype(np.int32), self._since[tags], self._value[tags], np.full(len(tags), GOOD, np.uint16))

    def _note_values(self, replayed: Columns) -> NDArray[np.bool_]:
        """The absence was noticed later than it began: what was replayed in between is what held when it was."""
        earlier = replayed.take(
            (replayed.time <= self._since[replayed.tag])
            & (replayed.time > self._value_time[replayed.tag])
            & (replayed.quality == GOOD)
        )
        ordered = earlier.take(np.argsort(earlier.time, kind="stable"))
        self._value[ordered.tag], self._value_time[ordered.tag] = ordered.value, ordered.time
        corrected = np.zeros(len(self._since), np.bool_)
        corrected[ordered.tag] = True
        return corrected
