"""Did the collector call minutes settled before they were right? What was kept before, against what is kept at last.

A minute without a provisional row promises that its figures stay as they are. So whoever looks now and then while the
world goes on remembers what each minute said when it was first seen settled; whatever differs in the end was a promise
that was broken.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from factory.verify.compare import Check, Kind
from plant.historian.protocol import MINUTE_MS
from plant.production.elements import Element, Loss
from plant.production.minutes import QUANTITIES, ProductionMinutes

LEAST_S: Final = 2.0
"""Looks are at least so long apart, s."""
SHARE: Final = 0.03
"""Looking takes no more than so much of the time."""
TOLERANCE: Final = 1e-6
"""Seconds and amounts that are nearer than this are equal: sums of the same numbers in another order."""
_LOSSES: Final = len(Loss)
_CLASSES: Final = len(Element) * _LOSSES


@dataclass(frozen=True, slots=True)
class Minutes:
    """What minutes say, whatever rows they have.

    Attributes:
        key: Line and minute as one number, ascending, shape (n,).
        says: Seconds by element and class of loss, then amounts, shape (n, figures). A reason or a cause that is told
            later is no other figure.
        settled: Whether no row of it is provisional, shape (n,).
    """

    key: NDArray[np.int64]
    says: NDArray[np.float64]
    settled: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: ProductionMinutes) -> Minutes:
        """From rows as a historian keeps them."""
        minutes = rows.line.astype(np.int64) * _MOST_MINUTES + rows.time // MINUTE_MS
        key, place = np.unique(minutes, return_inverse=True)
        says = np.zeros((len(key), _CLASSES + len(QUANTITIES)))
        np.add.at(says, (place, rows.element * _LOSSES + rows.loss), rows.seconds)
        for number, name in enumerate(QUANTITIES):
            np.add.at(says, (place, _CLASSES + number), rows.arrays[name])
        settled = np.bincount(place, rows.provisional, len(key)) == 0
        return cls(key, says, settled)

    def take(self, rows: NDArray[np.bool_]) -> Minutes:
        """Those that a mask chooses."""
        return Minutes(self.key[rows], self.says[rows], self.settled[rows])


_MOST_MINUTES: Final = 1 << 32
"""More minutes than there will be since 1970."""


class Promises:
    """What minutes said when they were first seen settled.

    Args:
        read: All minutes of some lines that are kept by now.
        clock: s, of any beginning.
    """

    def __init__(self, read: Callable[[], ProductionMinutes], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._first: list[Minutes] = []
        self._seen = np.empty(0, np.int64)
        self._next_s = -math.inf

    def look(self) -> None:
        """Look, unless that was done a moment ago."""
        began_s = self._clock()
        if began_s < self._next_s:
            return
        now = Minutes.of(self._read())
        fresh = now.take(now.settled & ~np.isin(now.key, self._seen))
        if len(fresh.key):
            self._first.append(fresh)
            self._seen = np.concatenate((self._seen, fresh.key))
        ended_s = self._clock()
        self._next_s = ended_s + max(LEAST_S, (ended_s - began_s) / SHARE)

    def broken(self, last: Minutes) -> list[int]:
        """Minutes between the first and the last of one line that said settled and say something else now, UTC ms."""
        if not len(last.key):
            return []
        within = (first.take((first.key >= last.key[0]) & (first.key <= last.key[-1])) for first in self._first)
        keys = np.sort(np.concatenate([np.empty(0, np.int64), *(broken(first, last) for first in within)]))
        return [key % _MOST_MINUTES * MINUTE_MS for key in keys.tolist()]


def broken(first: Minutes, last: Minutes) -> NDArray[np.int64]:
    """Keys of minutes that do not say any more what they said; also of those that are gone."""
    place = np.searchsorted(last.key, first.key)
    there = place < len(last.key)
    there[there] = last.key[place[there]] == first.key[there]
    same = there.copy()
    same[there] = np.isclose(first.says[there], last.says[place[there]], 0.0, TOLERANCE).all(axis=1)
    return first.key[~same]


def settled(
    line: str, kept: ProductionMinutes, promises: Promises, *, dries: bool, stops_since: int | None = None
) -> Iterator[Check]:
    """Whether minutes of a line were called settled too early, and whether they are in the end.

    Args:
        line: ``site/line``.
        kept: Its minutes, as they are kept when all has come.
        promises: What was kept before.
        dries: Whether its good product comes by lot, so that the last minutes wait for their lots.
        stops_since: When a stop began that has not ended, UTC ms: whether it is a minor one is not known yet. None if
            there is none.
    """
    last = Minutes.of(kept)
    early = promises.broken(last)
    since = f"from {datetime.fromtimestamp(early[0] / 1000, UTC):%Y-%m-%d %H:%M} UTC on" if early else ""
    yield Check(Kind.SETTLED, line, "minutes settled too early", 0.0, len(early), 0.0, since)
    minute_ms = last.key % _MOST_MINUTES * MINUTE_MS
    waiting = ~last.settled if stops_since is None else ~last.settled & (minute_ms + MINUTE_MS <= stops_since)
    why, limit = ("their lots are not dried yet", None) if dries else ("", 0.0)
    yield Check(Kind.SETTLED, line, "minutes not settled", 0.0, float(np.count_nonzero(waiting)), limit, why)
