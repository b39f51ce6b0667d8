"""What is wrong with readings, counted while they come in: many turns of the pipeline are looked at together."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plant.model.tags import Tag
from plant.quality.defects import Cause, Defects
from plant.quality.detector import Arrival, Arrived, Detector
from plant.readings import Columns

TOGETHER = 8_000
"""Readings that are looked at together at most: their columns still fit into the processor's cache."""
MOST_FOUND = 100_000
"""Rows of defects that are kept before equal ones are added up."""


class QualityCounter:
    """Counts defects. Called on the collector's loop, but for `take`, which any one thread may call.

    Args:
        tags: The tag table.
        started: Host time, UTC ms.
    """

    def __init__(self, tags: Sequence[Tag], started: int) -> None:
        self._detector = Detector(tags)
        self._waiting: list[tuple[Columns, int]] = []
        self._how = Arrival.LIVE
        self._rows = 0
        self._lock = threading.Lock()
        self._found: list[Defects] = []
        self._found_rows = 0
        self._mismatched = np.zeros(len(tags), np.bool_)
        self._taken = started

    def note(self, readings: Columns, at: int, how: Arrival) -> None:
        """Readings of known tags have come, before any check; `at` is the host time, UTC ms."""
        if len(readings) == 0:
            return
        if how is not self._how or self._rows + len(readings) > TOGETHER:
            self.sample()
        self._how = how
        self._waiting.append((readings, at))
        self._rows += len(readings)

    def born(self, tags: NDArray[np.integer], mismatched: Sequence[int]) -> None:
        """The source of `tags` was born, and names another unit of measure than the model for `mismatched`."""
        with self._lock:
            self._mismatched[tags] = False
            self._mismatched[list(mismatched)] = True

    def away(self, tags: NDArray[np.integer]) -> None:
        """The source of these tags has gone."""
        self.sample()
        self._detector.away(tags)

    def sample(self) -> None:
        """Look at what waits; call it about once a second."""
        waiting, self._waiting, self._rows = self._waiting, [], 0
        if not waiting:
            return
        at = np.repeat(np.array([at for _, at in waiting], np.int64), [len(readings) for readings, _ in waiting])
        readings = waiting[0][0] if len(waiting) == 1 else Columns.concat(readings for readings, _ in waiting)
        found = self._detector.observe(Arrived(readings, at, self._how))
        if len(found):
            with self._lock:
                self._found.append(found)
                self._found_rows += len(found)
                if self._found_rows > MOST_FOUND:
                    self._found = [Defects.concat(self._found).summed()]
                    self._found_rows = len(self._found[0])

    def take(self, now: int) -> Defects:
        """What was found since the last time, one row for each hour, tag and cause; `now` is the host time, UTC ms."""
        with self._lock:
            found, self._found, self._found_rows = self._found, [], 0
            wrong = np.flatnonzero(self._mismatched)
            since, self._taken = self._taken, max(self._taken, now)
        spans = np.full(len(wrong), since, np.int64), np.full(len(wrong), now, np.int64)
        return Defects.concat((*found, Defects.lasting(Cause.UNIT_MISMATCH, wrong, *spans))).summed()
