"""What time it is for the alarms of each edge node: its own, as its readings tell it.

A node whose clock is wrong, or that lives in a past world at speed, must neither end the delays of others nor wait for
them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.readings import STALE, Columns

GRACE_MS: Final = 1_000
"""Readings that are on their way may still clear what would be raised now."""
QUIET_MS: Final = 5_000
"""When nothing has come from a node for so long, its time goes on by the host's clock."""

BORN_MS: Final = 30_000
"""For so long a node that is new may take to tell its first value. Until then nobody knows what time it is there: of a
plant that is replayed from the past a birth alone looks as if it were of now."""


class NodeClocks:
    """The present of every edge node, UTC ms.

    Args:
        node_of_tag: Number of each tag's edge node, 0 or more, int32, shape (tags,).
        started: Host time, UTC ms: that of all nodes until they are heard.
    """

    def __init__(self, node_of_tag: NDArray[np.int32], started: int) -> None:
        self._node = node_of_tag
        count = int(node_of_tag.max(initial=0)) + 1
        self._newest = np.full(count, started, np.int64)
        self._heard = np.full(count, started, np.int64)
        self._has_spoken = np.zeros(count, np.bool_)
        self._is_new = np.zeros(count, np.bool_)
        self._has_told = np.zeros(count, np.bool_)
        self._past: deque[tuple[int, NDArray[np.int64]]] = deque([(started, self._newest.copy())])

    def hear(self, readings: Columns, now: int) -> None:
        """Readings of the present have come at `now`, host time; that a source is away tells no time."""
        told = readings.quality != STALE
        if not told.any():
            return
        nodes = self._node[readings.tag[told]]
        newest = np.zeros(len(self._newest), np.int64)
        np.maximum.at(newest, nodes, readings.time[told])
        here = newest > 0
        self._newest[here], self._heard[here], self._has_spoken[here] = newest[here], now, True
        self._has_told[here], self._is_new[here] = True, False

    def born(self, readings: Columns, present: int, now: int) -> None:
        """A birth has come: its values may be old, but its node is at `present`."""
        nodes = np.unique(self._node[readings.tag])
        self._newest[nodes], self._heard[nodes], self._has_spoken[nodes] = present, now, True
        self._is_new[nodes] = ~self._has_told[nodes]

    def times(self, now: int) -> Sequence[int]:
        """How far time has come at each node, as seen at `now`, host time; ask a few times a second.

        0 for a node that has just been born for the first time: its delays wait for its first value.
        """
        self._past.append((now, self._newest.copy()))
        while len(self._past) > 1 and self._past[1][0] <= now - GRACE_MS:
            self._past.popleft()
        since = now - self._heard
        alone = self._newest + since - GRACE_MS
        times = np.where(since >= QUIET_MS, alone, np.minimum(self._past[0][1], self._newest))
        found: list[int] = np.where(self._is_new & (since < BORN_MS), 0, times).tolist()
        return found

    def heard_until(self, node: int) -> int | None:
        """The newest time that a node has told, UTC ms; None if it has told nothing."""
        return int(self._newest[node]) if self._has_spoken[node] else None

    def present(self, node: int, now: int) -> int:
        """The time now at a node, as far as can be told; `now` is the host's."""
        return int(self._newest[node] + max(0, now - int(self._heard[node])))

    def presents(self, now: int) -> Sequence[int]:
        """The time now at all nodes."""
        return [self.present(node, now) for node in range(len(self._newest))]
