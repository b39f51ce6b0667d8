"""What can be wrong with a tag, and how often it was: columns of a few rows, since most readings are well."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import HOUR_MS


class Cause(StrEnum):
    """What is wrong; docs/quality.md has a row for each. Amounts are counts of readings unless it says seconds."""

    GAP = "gap"
    """Seconds without a good value."""
    FROZEN = "frozen"
    """Seconds in which the same digits were told again and again while the unit was in Execute."""
    OUT_OF_RANGE = "out_of_range"
    """Readings that the instrument cannot show, or that are no numbers."""
    SPIKE = "spike"
    """Jumps far beyond what is usual for the tag, and back at once."""
    CLOCK_SKEW = "clock_skew"
    """Readings of a source whose clock differs from ours."""
    LATE = "late"
    """Readings that came late, replayed ones too."""
    UNIT_MISMATCH = "unit_mismatch"
    """Seconds in which the source named another unit of measure than the model."""


CAUSES: Final = tuple(Cause)
"""Causes by the number that stands for them in `Defects.cause`."""
NUMBER: Final = {cause: number for number, cause in enumerate(CAUSES)}


@dataclass(frozen=True, slots=True)
class Defects:
    """Amounts of defects; the same hour, tag and cause may be there more than once.

    Attributes:
        hour: Start of the hour that they belong to, UTC ms, int64, shape (n,).
        tag: Index in the tag table, int32.
        cause: Place in `CAUSES`, uint8.
        amount: As `Cause` says, float64.
    """

    hour: NDArray[np.int64]
    tag: NDArray[np.int32]
    cause: NDArray[np.uint8]
    amount: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.tag)

    @classmethod
    def empty(cls) -> Defects:
        """Columns of length 0."""
        return cls(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8), np.empty(0, np.float64))

    @classmethod
    def of(cls, cause: Cause, tag: NDArray[np.integer], time: NDArray[np.int64]) -> Defects:
        """One for each reading; `time` is when it was, UTC ms."""
        hour = time - time % HOUR_MS
        return cls(hour, tag.astype(np.int32), np.full(len(tag), NUMBER[cause], np.uint8), np.ones(len(tag)))

    @classmethod
    def lasting(
        cls, cause: Cause, tag: NDArray[np.integer], begin: NDArray[np.int64], end: NDArray[np.int64]
    ) -> Defects:
        """Seconds of the spans [begin, end), UTC ms, each hour with its own part."""
        first = begin - begin % HOUR_MS
        hours = np.where(end > begin, -((first - end) // HOUR_MS), 0)
        row = np.repeat(np.arange(len(tag)), hours)
        place = np.arange(len(row)) - np.repeat(np.cumsum(hours) - hours, hours)
        hour = first[row] + HOUR_MS * place
        seconds = (np.minimum(end[row], hour + HOUR_MS) - np.maximum(begin[row], hour)) / 1_000
        return cls(hour, tag[row].astype(np.int32), np.full(len(row), NUMBER[cause], np.uint8), seconds)

    @classmethod
    def concat(cls, parts: Iterable[Defects]) -> Defects:
        """All parts, one after the other."""
        parts = [part for part in parts if len(part)]
        if not parts:
            return cls.empty()
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Defects:
        """The rows that a mask or an index array chooses, in its order."""
        return Defects(self.hour[rows], self.tag[rows], self.cause[rows], self.amount[rows])

    def summed(self) -> Defects:
        """One row for each hour, tag and cause, sorted so."""
        if len(self) == 0:
            return self
        ordered = self.take(np.lexsort((self.cause, self.tag, self.hour)))
        fresh = np.ones(len(ordered), np.bool_)
        fresh[1:] = (
            (ordered.hour[1:] != ordered.hour[:-1])
            | (ordered.tag[1:] != ordered.tag[:-1])
            | (ordered.cause[1:] != ordered.cause[:-1])
        )
        first = np.flatnonzero(fresh)
        return Defects(
            ordered.hour[first], ordered.tag[first], ordered.cause[first], np.add.reduceat(ordered.amount, first)
        )
