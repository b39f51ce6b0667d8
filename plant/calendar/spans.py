"""Stretches of time as arrays, UTC ms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plant.model.shifts import Shift

Instants = NDArray[np.int64]
"""UTC ms."""


class Bounds(NamedTuple):
    """UTC ms; `end` is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """One shift of one production day.

    Attributes:
        day: The production day that it belongs to.
        start: UTC ms; `end` likewise, exclusive.
    """

    shift: Shift
    day: date
    start: int
    end: int


class Planned(IntEnum):
    """What is planned for a line at a time; where several hold, the highest counts."""

    BUSY = 0
    """It is to run: planned busy time (ISO 22400-2)."""
    BREAK = 1
    """A planned break of its crew."""
    UNMANNED = 2
    """A shift that does not work."""
    HOLIDAY = 3
    """A day on which its crew rests."""
    MAINTENANCE = 4
    """An approved window of planned maintenance (ППР)."""


class Stop(NamedTuple):
    """A time in which a line is not to run, UTC ms; `end` is exclusive."""

    start: int
    end: int
    kind: Planned


@dataclass(frozen=True, slots=True)
class PlannedTime:
    """A window cut into parts that tile it: each begins where the one before ends.

    Attributes:
        start_ms: UTC ms, shape (parts,); `end_ms` likewise, exclusive.
        kind: `Planned` of each part, shape (parts,), int8; neighbours differ.
    """

    start_ms: Instants
    end_ms: Instants
    kind: NDArray[np.int8]

    @property
    def busy(self) -> tuple[Instants, Instants]:
        """Start and end of the parts in which the line is to run, UTC ms, shape (busy parts,)."""
        busy = self.kind == Planned.BUSY
        return self.start_ms[busy], self.end_ms[busy]

    @property
    def busy_ms(self) -> int:
        """Planned busy time, ms."""
        return self.total_ms(Planned.BUSY)

    def total_ms(self, kind: Planned) -> int:
        """Time of one kind, ms."""
        return int((self.end_ms - self.start_ms)[self.kind == kind].sum())

    def busy_before(self, instants: Instants) -> Instants:
        """Planned busy time from the start of the window to each of some instants within it, ms, of the same shape.

        The difference of two is the planned busy time between them.
        """
        lengths = np.where(self.kind == Planned.BUSY, self.end_ms - self.start_ms, 0)
        edges = np.concatenate([self.start_ms, self.end_ms[-1:]])
        if not edges.size:
            return np.zeros(instants.shape, np.int64)
        passed = np.interp(instants, edges, np.append(0, np.cumsum(lengths)))
        return np.asarray(np.rint(passed), np.int64)

    def at(self, instants: Instants) -> NDArray[np.int8]:
        """`Planned` at each of some instants within the window, UTC ms."""
        found: NDArray[np.int8] = self.kind[np.searchsorted(self.start_ms, instants, "right") - 1]
        return found


def layered(start_ms: int, end_ms: int, stops: Sequence[Stop]) -> PlannedTime:
    """[start, end), UTC ms, cut where stops begin and end; where several hold the highest kind counts, else busy."""
    inside = [stop for stop in stops if max(stop.start, start_ms) < min(stop.end, end_ms)]
    marks = np.array([stop[:2] for stop in inside], np.int64).reshape(-1, 2).clip(start_ms, end_ms)
    edges = np.unique(np.concatenate([[start_ms, max(start_ms, end_ms)], marks.ravel()]))
    kind = np.zeros(len(edges) - 1, np.int8)
    for (begin, end), stop in zip(np.searchsorted(edges, marks), inside, strict=True):
        np.maximum(kind[begin:end], stop.kind, out=kind[begin:end])
    first = np.append(True, kind[1:] != kind[:-1])[: len(kind)]
    starts = edges[:-1][first]
    return PlannedTime(starts, np.append(starts[1:], edges[-1])[: len(starts)], kind[first])
