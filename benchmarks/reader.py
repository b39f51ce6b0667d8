"""Looks into a historian again and again, and notes how old readings are when they first show."""

from __future__ import annotations

import threading

import numpy as np

from benchmarks.workload import METRIC_NAMES
from plant.clock import now_ms
from plant.historian.protocol import Historian
from plant.model.tags import TagTable

EVERY_S = 0.05
MACHINES_APART = 15
"""Of so many machines one is looked at: 20 series, a chart with many lines."""
WINDOW_MS = 5_000
"""How far back each look reaches."""


class Reader:
    """One metric of some machines, as a chart would read it.

    Args:
        historian: Where to look.
        tags: All tags.

    Attributes:
        seen: Of each reading its time, UTC ms, and its age when it was first seen, ms; up to `EVERY_S` too much.
    """

    def __init__(self, historian: Historian, tags: TagTable) -> None:
        self.seen: list[tuple[int, int]] = []
        self._historian = historian
        self._tags = [tag.index for tag in tags if tag.metric.key == METRIC_NAMES[0]][::MACHINES_APART]
        self._newest = np.full(len(tags), now_ms(), np.int64)

    def look(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.wait(EVERY_S):
            now = now_ms()
            found = self._historian.raw(self._tags, now - WINDOW_MS, now + 1)
            fresh = found.take(found.time > self._newest[found.tag])
            now = now_ms()
            self.seen += [(time, now - time) for time in fresh.time.tolist()]
            np.maximum.at(self._newest, fresh.tag, fresh.time)
