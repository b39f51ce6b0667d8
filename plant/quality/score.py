"""From defects to a score: 100 is a tag of which every second was known and nothing was doubted.

::

    loss of a tag and hour = min(1, sum over causes of WEIGHT[cause] x severity)         severity: 0 to 1, see below
    score of a tag         = 100 x (1 - loss)
    score of a site        = mean of the scores of its tags in service

Severity is the share of the hour for `Cause.GAP`, `Cause.FROZEN` and `Cause.UNIT_MISMATCH`, the share of the readings
for `Cause.OUT_OF_RANGE`, `Cause.CLOCK_SKEW` and `Cause.LATE`, and the number of spikes over `MANY_SPIKES`, at most 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import HOUR_MS, TierColumns
from plant.quality.defects import CAUSES, NUMBER, Cause, Defects

WEIGHT: Final[Mapping[Cause, float]] = MappingProxyType(
    {
        Cause.GAP: 1.0,
        Cause.FROZEN: 0.8,
        Cause.OUT_OF_RANGE: 0.5,
        Cause.SPIKE: 0.5,
        Cause.CLOCK_SKEW: 0.3,
        Cause.LATE: 0.1,
        Cause.UNIT_MISMATCH: 0.5,
    }
)
"""What an hour that is spoilt by one cause alone costs. A value that is missing is worth nothing; one that stands still
hardly more; one whose unit nobody knows may be right or not; one that came late is whole in the end."""
MANY_SPIKES: Final = 6
"""One in ten minutes."""
CLEAN: Final = 0.0005
"""A loss below this, two seconds of an hour, is none: births and hand-overs cost as much."""

_HOUR_S: Final = HOUR_MS / 1_000
_SECONDS: Final = (Cause.GAP, Cause.FROZEN, Cause.UNIT_MISMATCH)
_SHARES_OF_READINGS: Final = (Cause.OUT_OF_RANGE, Cause.CLOCK_SKEW, Cause.LATE)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HourQuality:
    """Quality of some tags in one hour.

    Attributes:
        tag: Index in the tag table, ascending, int32, shape (n,).
        score: 0 to 100, float64, shape (n,).
        amount: Of each cause, as `Cause` says, float64, shape (causes, n).
        loss: What each cause costs, 0 to its weight, float64, shape (causes, n).
    """

    tag: NDArray[np.int32]
    score: Floats
    amount: Floats
    loss: Floats

    def __len__(self) -> int:
        return len(self.tag)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> HourQuality:
        """The tags that a mask or an index array chooses, in its order."""
        return HourQuality(self.tag[rows], self.score[rows], self.amount[:, rows], self.loss[:, rows])

    @property
    def defective(self) -> NDArray[np.bool_]:
        """Which tags have a loss that is worth telling, shape (n,)."""
        defective: NDArray[np.bool_] = self.loss.sum(axis=0) >= CLEAN
        return defective

    def causes(self, place: int, least: float = 0.0) -> dict[Cause, float]:
        """Amounts of the causes that cost a tag more than `least`, the costliest first."""
        order = np.argsort(-self.loss[:, place], kind="stable").tolist()
        return {CAUSES[row]: float(self.amount[row, place]) for row in order if self.loss[row, place] > least}


def score(tags: NDArray[np.int32], rows: TierColumns, defects: Defects) -> HourQuality:
    """Quality of tags in one hour that is over.

    Args:
        tags: Tags to judge, ascending: all that are in service, those that never spoke too.
        rows: Their hour rows, for gaps and for the number of readings; a tag without one was not known for a second.
        defects: Of that hour, in any order.
    """
    amount = np.zeros((len(CAUSES), len(tags)))
    mine = defects.take(np.isin(defects.tag, tags))
    np.add.at(amount, (mine.cause, np.searchsorted(tags, mine.tag)), mine.amount)
    rows = rows.take(np.isin(rows.tag, tags))
    place = np.searchsorted(tags, rows.tag)
    readings = np.zeros(len(tags))
    readings[place] = rows.count
    amount[NUMBER[Cause.GAP]] = _HOUR_S
    amount[NUMBER[Cause.GAP], place] = (HOUR_MS - rows.good_ms) / 1_000
    loss = np.array([[WEIGHT[cause]] for cause in CAUSES]) * np.minimum(1.0, _severity(amount, readings))
    return HourQuality(tags, 100.0 * (1.0 - np.minimum(1.0, loss.sum(axis=0))), amount, loss)


def _severity(amount: Floats, readings: Floats) -> Floats:
    severity = amount.copy()
    for cause in _SECONDS:
        severity[NUMBER[cause]] /= _HOUR_S
    for cause in _SHARES_OF_READINGS:
        severity[NUMBER[cause]] /= np.maximum(np.maximum(readings, amount[NUMBER[cause]]), 1.0)
    severity[NUMBER[Cause.SPIKE]] /= MANY_SPIKES
    return severity
