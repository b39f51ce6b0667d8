"""Step functions of many rows at once: what holds from a time on, until the next of the same row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

UNSAID: Final = -1
"""Value before the first that was told, and of what is not known."""
_TIME_BITS: Final = 42
"""Bits of a UTC ms time in a key; enough until the year 2109."""


def keys(row: NDArray[Any], time: NDArray[Any]) -> Integers:
    """One integer that sorts like (row, time); rows from 0, times from 0."""
    ordered: Integers = (np.asarray(row, np.int64) << _TIME_BITS) | np.asarray(time, np.int64)
    return ordered


@dataclass(frozen=True, slots=True)
class Steps:
    """Values that hold from their time on, sorted by (row, time), one for each.

    Attributes:
        row: Of a unit or a line, int64, shape (n,); `time` UTC ms and `value` likewise.
        key: `keys` of rows and times.
    """

    row: Integers
    time: Integers
    value: Integers
    key: Integers

    @classmethod
    def of(cls, row: NDArray[Any], time: NDArray[Any], value: NDArray[Any]) -> Steps:
        """From changes in any order of time; of two of one row and time the one that stands later holds."""
        order = np.lexsort((time, row))
        row, time, value = (np.asarray(column, np.int64)[order] for column in (row, time, value))
        last = np.ones(len(row), np.bool_)
        last[:-1] = (row[1:] != row[:-1]) | (time[1:] != time[:-1])
        row, time, value = row[last], time[last], value[last]
        return cls(row, time, value, keys(row, time))

    @classmethod
    def from_rows(cls, rows: Iterable[tuple[int, int, int]]) -> Steps:
        """From (row, time, value)."""
        table = np.array(list(rows), np.int64).reshape(-1, 3)
        return cls.of(*table.T)

    def at(self, row: NDArray[Any], time: NDArray[Any]) -> Integers:
        """What holds in each row at each time, `UNSAID` before the first; shape of `row`."""
        if len(self.row) == 0:
            return np.full(np.shape(row), UNSAID, np.int64)
        place = np.searchsorted(self.key, keys(row, time), "right") - 1
        held: Integers = np.where((place >= 0) & (self.row[place] == row), self.value[place], UNSAID)
        return held

    def interrupted(self, row: Integers, begin: Integers, end: Integers, value: int) -> Steps:
        """The same with `value` in spans [begin, end) of rows; what is told inside a span counts, and ends it there."""
        apart = [(r, b, e) for r, b, e in zip(row.tolist(), begin.tolist(), end.tolist(), strict=True) if b < e]
        if not apart:
            return self
        spans = np.array(apart, np.int64)
        again = np.searchsorted(self.key, keys(spans[:, 0], spans[:, 2]))
        before = self.at(spans[:, 0], spans[:, 2])
        inside = again > np.searchsorted(self.key, keys(spans[:, 0], spans[:, 1]))
        closes = ~inside
        return Steps.of(
            np.concatenate((spans[:, 0], spans[closes, 0], self.row)),
            np.concatenate((spans[:, 1], spans[closes, 2], self.time)),
            np.concatenate((np.full(len(spans), value), before[closes], self.value)),
        )

    def known(self) -> Steps:
        """The same without what says nothing: the last real value holds on."""
        said = self.value > UNSAID
        return Steps.of(self.row[said], self.time[said], self.value[said])

    def during(self, row: int, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """What holds in a row in [start, end), as (start, end, value) that tile it."""
        first, past = np.searchsorted(self.key, keys(np.array([row, row]), np.array([start + 1, end])))
        times = [start, *self.time[first:past].tolist(), end]
        values = [int(self.at(np.array([row]), np.array([start]))[0]), *self.value[first:past].tolist()]
        yield from zip(times[:-1], times[1:], values, strict=True)
