"""When counters grew: each increase of each counter, at the time to which it belongs."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.counters import growth, rollovers, set_back
from plant.production.lines import LineTable
from plant.production.signals import Unwatched
from plant.production.steps import Integers
from plant.readings import STALE, Columns
from plant.rollup import usable

Floats = NDArray[np.float64]
MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Pieces:
    """Increases, sorted by tag; columns of shape (n,).

    Attributes:
        tag: Index in the tag table, int64.
        instant: Within the time to which it belongs, UTC ms.
        told: When it was told, UTC ms: what a controller says of it (its lot) is what it says then.
        amount: In the counter's unit, above 0.
    """

    tag: Integers
    instant: Integers
    told: Integers
    amount: Floats

    def __len__(self) -> int:
        return len(self.tag)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> Pieces:
        """The rows that a mask, an index array or a slice chooses, in its order."""
        return Pieces(*(getattr(self, field.name)[rows] for field in fields(self)))


def pieces(table: LineTable, readings: Columns, unwatched: Unwatched) -> Pieces:
    """The increases between good readings; roll-over, reset, replacement and clocks set back as in `plant.counters`.

    A counter is read when it changes, so that an increase belongs to the instant before it is told. If its quality had
    been lost meanwhile, or nobody had watched, nobody knows when it grew: the increase is spread evenly over the time
    from the loss to the reading, a piece a minute.

    Args:
        table: The lines.
        readings: Of counters, in any order, with the last one before the time that matters.
        unwatched: When nobody watched their units.
    """
    values, rollover = (
        Columns.concat((_marks(table, readings, unwatched), readings)).latest_written(),
        rollovers(table.tags),
    )
    values = values.take(~set_back(values, rollover))
    value = usable(values)
    good = np.flatnonzero(np.isfinite(value))
    before, after = good[:-1], good[1:]
    same = values.tag[before] == values.tag[after]
    before, after = before[same], after[same]
    amount = growth(value[before], value[after], rollover[values.tag[after]])
    grew = amount > 0
    before, after, amount = before[grew], after[grew], amount[grew]
    lost = after > before + 1
    since = np.where(lost, values.time[np.minimum(before + 1, len(values) - 1)], values.time[after] - 1)
    whole = Pieces(values.tag[after].astype(np.int64), since, values.time[after], amount)
    return _spread(whole, lost)


def _marks(table: LineTable, readings: Columns, unwatched: Unwatched) -> Columns:
    """A reading without quality at the beginning of each unwatched span, for each counter of its unit."""
    tags = np.unique(readings.tag)
    unit = np.array([table.unit_index[table.tags[tag].unit.storage] for tag in tags.tolist()], np.int64)
    place, span = np.nonzero(unit[:, None] == unwatched.unit[None, :])
    count = len(place)
    return Columns(
        tags[place].astype(np.int32),
        unwatched.begin[span],
        np.full(count, np.nan),
        np.full(count, STALE, np.uint16),
    )


def _spread(whole: Pieces, lost: NDArray[np.bool_]) -> Pieces:
    """The same with those that are `lost` cut into minutes."""
    since, until = whole.instant, whole.told
    first = since // MINUTE_MS
    count = np.where(lost, (until - 1) // MINUTE_MS - first + 1, 1)
    source = np.repeat(np.arange(len(whole)), count)
    number = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    begin = np.maximum((first[source] + number) * MINUTE_MS, since[source])
    end = np.minimum((first[source] + number + 1) * MINUTE_MS, until[source])
    share = np.where(lost[source], (end - begin) / np.maximum(1, until - since)[source], 1.0)
    instant = np.where(lost[source], begin, since[source])
    told = np.where(lost[source], begin, until[source])
    return Pieces(whole.tag[source], instant, told, whole.amount[source] * share)
