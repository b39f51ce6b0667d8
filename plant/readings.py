"""Readings as columns: on the hot path a batch is four arrays, never an object per value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

GOOD = 192
"""Quality of a value that may be used (Sparkplug B property ``Quality``)."""
BAD = 0
"""Quality of a value that the source itself distrusts, or that is missing."""
STALE = 500
"""Quality of a value whose source is away; it counts as not known."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A batch of readings of many tags.

    Attributes:
        tag: Index in the `plant.model.tags.TagTable`, int32, shape (n,).
        time: Source time, UTC ms, int64, shape (n,).
        value: float64, shape (n,); NaN where there is no value (quality is then not `GOOD`).
        quality: `BAD`, `GOOD` or `STALE`, uint16, shape (n,).
    """

    tag: NDArray[np.int32]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.tag)

    @classmethod
    def of(cls, tag: Iterable[int], time: Iterable[int], value: Iterable[float], quality: Iterable[int]) -> Columns:
        """Columns from any four iterables of equal length."""
        return cls(
            np.fromiter(tag, np.int32),
            np.fromiter(time, np.int64),
            np.fromiter(value, np.float64),
            np.fromiter(quality, np.uint16),
        )

    @classmethod
    def empty(cls) -> Columns:
        """Columns of length 0."""
        return cls.of((), (), (), ())

    @classmethod
    def concat(cls, parts: Iterable[Columns]) -> Columns:
        """All parts, one after the other."""
        parts = list(parts)
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([part.tag for part in parts]),
            np.concatenate([part.time for part in parts]),
            np.concatenate([part.value for part in parts]),
            np.concatenate([part.quality for part in parts]),
        )

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Columns:
        """The rows that a mask, an index array or a slice chooses, in its order."""
        return Columns(self.tag[rows], self.time[rows], self.value[rows], self.quality[rows])

    def latest_written(self) -> Columns:
        """Sorted by (tag, time), one row per (tag, time): the one that came last in this batch.

        Writes are idempotent, so the same instant may be there more than once.
        """
        order = np.lexsort((self.time, self.tag))  # stable: equal keys keep the order of arrival
        ordered = self.take(order)
        if len(ordered) == 0:
            return ordered
        last = np.ones(len(ordered), np.bool_)
        last[:-1] = (ordered.tag[1:] != ordered.tag[:-1]) | (ordered.time[1:] != ordered.time[:-1])
        return ordered.take(last)


class EventKind(StrEnum):
    """What an `Event` tells of."""

    STATE = "state"
    MODE = "mode"
    TEXT = "text"
    QUALITY = "quality"
    """How well the readings of an hour were (`plant.quality.record`); the code is a score of 0 to 100."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change that is not a number: a state, a mode, an order, a recipe, a reason.

    Attributes:
        time: Source time, UTC ms.
        unit: Storage path of the unit, ``site/line/unit`` (`plant.model.enterprise.Unit.storage`).
        kind: State, mode or text.
        metric: Key of the metric that changed.
        text: The new text; for states and modes the name in `plant.packml`, such as ``EXECUTE``.
        code: The new code for states and modes, -1 for texts.
        quality: `BAD`, `GOOD` or `STALE`; anything but `GOOD` means that the state is not known from here on.
    """

    time: int
    unit: str
    kind: EventKind
    metric: str
    text: str
    code: int
    quality: int
