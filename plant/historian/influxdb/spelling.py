"""Which good qualities are written although good is what a missing one means."""

from __future__ import annotations

import threading

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


class Spelling:
    """Remembers of one policy what was written last.

    InfluxDB merges the fields of a point that is written again, so a good quality must be spelled out where it may have
    to replace another one: at times that may have been written before. It is also spelled out after a bad one, so that
    the newest quality field always tells the truth to whoever reads the server without us.

    Args:
        tags: Length of the tag table.
        since: Everything up to here may have been written by an earlier process, UTC ms.
    """

    def __init__(self, tags: int, since: int) -> None:
        self._newest = np.full(tags, since, np.int64)
        self._was_good = np.ones(tags, np.bool_)
        self._lock = threading.Lock()

    def spelled(self, tag: NDArray[np.int32], time: NDArray[np.int64], good: Bools) -> Bools:
        """Rows, sorted by (tag, time), whose good quality is to be written; shape (n,)."""
        before = np.ones(len(tag), np.bool_)
        with self._lock:
            again = time <= self._newest[tag]
            before[:1] = self._was_good[tag[:1]]
            before[1:] = np.where(tag[1:] == tag[:-1], good[:-1], self._was_good[tag[1:]])
        return again | ~before

    def written(self, tag: NDArray[np.int32], time: NDArray[np.int64], good: Bools) -> None:
        """These rows, sorted by (tag, time), are on the server."""
        final = np.ones(len(tag), np.bool_)
        final[:-1] = tag[1:] != tag[:-1]
        tag, time, good = tag[final], time[final], good[final]
        with self._lock:
            newer = time >= self._newest[tag]
            self._was_good[tag[newer]] = good[newer]
            self._newest[tag[newer]] = time[newer]
