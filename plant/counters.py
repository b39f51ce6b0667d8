"""By how much counters grew, of many tags at once.

A counter only grows, until it starts again. Between two good readings in a row, v and then w, it grew

- by ``w - v`` if ``w >= v``, whatever lay between (readings that are not good are passed over, so a gap costs nothing);
- by ``rollover - v + w`` if it has a roll-over and that is less than half a turn: it ran over its last digit;
- by ``w`` if w is small against v (`SMALL`): it was reset to 0, and w is what it has counted since;
- by 0 otherwise: another meter with a count of its own took its place; it counts from its first reading on.

The increase is never negative, and that of a window is the sum of those of its parts. Readings that lie among others
because a clock was set back are none of these: `set_back` finds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import TierColumns
from plant.model.tags import Tag
from plant.readings import GOOD, Columns
from plant.rollup import usable

SET_BACK_MS: Final = 600_000
"""A clock that is set back by less than this makes a counter fall that is at its old height again within this time."""
SMALL: Final = 0.05
"""A first value up to this share of the value before is a reset to 0; a larger one is a meter in its place."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Growth:
    """Increases of counters.

    Attributes:
        tag: Index in the tag table, ascending, int32, shape (n,).
        amount: Increase in the counter's unit, 0 or more; NaN where there was no good reading at all. float64.
    """

    tag: NDArray[np.int32]
    amount: Floats

    def of(self, tag: int) -> float | None:
        """The increase of one tag, None if it is not known."""
        row = int(np.searchsorted(self.tag, tag))
        if row == len(self.tag) or self.tag[row] != tag or np.isnan(self.amount[row]):
            return None
        return float(self.amount[row])


def rollovers(tags: Sequence[Tag]) -> Floats:
    """Roll-over of each tag by its index in the table, NaN for none; shape (tags,)."""
    return np.array([np.nan if tag.metric.rollover is None else tag.metric.rollover for tag in tags], np.float64)


def increase(readings: Columns, opening: Columns, rollover: Floats) -> Growth:
    """Increases over a window from its readings.

    Args:
        readings: Of the window, as `Columns.latest_written` sorts them.
        opening: The last reading before the window of each tag that has one; without it a tag counts from its first
            reading inside.
        rollover: By tag index, NaN for none; see `rollovers`.
    """
    values = Columns.concat((opening, readings)).latest_written()
    tags = np.unique(values.tag)
    value = usable(values)
    good = np.isfinite(value)
    tag, value = values.tag[good], value[good]
    step = growth(value[:-1], value[1:], rollover[tag[1:]])
    step[tag[1:] != tag[:-1]] = 0.0
    place = np.searchsorted(tags, tag)
    amount = np.asarray(np.bincount(place[1:], step, len(tags)), np.float64)
    amount[np.bincount(place, minlength=len(tags)) == 0] = np.nan
    return Growth(tags, amount)


def increase_of_rows(rows: TierColumns, opening: Columns, rollover: Floats) -> Growth:
    """Increases over a window from rows that tile it.

    A row tells the least, the greatest and the last value in it, so that a counter that started again inside keeps
    what it counted before and after.

    Args:
        rows: Sorted by (tag, time).
        opening: The last reading before the window of each tag that has one.
        rollover: By tag index, NaN for none; see `rollovers`.
    """
    known = np.isfinite(rows.low)
    tag, time, low, high = rows.tag[known], rows.time[known], rows.low[known], rows.high[known]
    last = np.where(np.isnan(rows.last[known]), high, rows.last[known])  # its quality ended: it came as far as `high`
    before = _before(tag, last, opening)
    again = low < before
    # Three points a row: how far it came before it started again, where it started, where it ended.
    top = np.where(again, np.where(high > np.fmax(before, last), high, before), low)
    point = np.repeat(np.arange(len(tag)), 3)
    values = np.stack((top, low, last), axis=1).ravel()
    instants = time[point] + np.tile(np.arange(3), len(tag))
    readings = Columns(tag[point], instants, values, np.full(len(point), GOOD, np.uint16))
    return increase(readings, opening, rollover)


def growth(before: Floats, after: Floats, rollover: Floats) -> Floats:
    """The increase from each good value to the one after it, by the rules above; `rollover` is NaN for none."""
    turn = rollover - before + after
    return np.select(
        [after >= before, (turn >= 0) & (turn < rollover / 2), after <= SMALL * before],
        [after - before, turn, after],
        0.0,
    )


def set_back(columns: Columns, rollover: Floats) -> NDArray[np.bool_]:
    """Which readings are to be left out, because the clock of their source was set back in between.

    What was read before and after then lies side by side in time, and the counter seems to fall and to rise again and
    again, each rise a second time. A counter that falls by no reset and no roll-over, and soon stands where it stood,
    has not fallen.

    Args:
        columns: As `Columns.latest_written` sorts them.
        rollover: By tag index, NaN for none; see `rollovers`.
    """
    out = np.zeros(len(columns), np.bool_)
    value = usable(columns)
    good = np.flatnonzero(np.isfinite(value))
    tag, time, value = columns.tag[good], columns.time[good], value[good]
    fell = np.flatnonzero((tag[1:] == tag[:-1]) & (value[1:] < value[:-1])) + 1
    fell = fell[growth(value[fell - 1], value[fell], rollover[tag[fell]]) == 0.0]
    back = 0
    for first in fell.tolist():
        if first < back:
            continue
        same = slice(first, int(np.searchsorted(tag, tag[first], "right")))
        soon = slice(first, first + int(np.searchsorted(time[same], time[first] + SET_BACK_MS, "right")))
        again = np.flatnonzero(value[soon] >= value[first - 1])
        if len(again):
            back = first + int(again[0])
            out[good[first:back]] = True
    return out


def _before(tag: NDArray[np.int32], last: Floats, opening: Columns) -> Floats:
    """The value before each row: the last of the row before, else the opening one, else NaN."""
    before = np.full(len(tag), np.nan)
    if len(opening):
        row = np.minimum(np.searchsorted(opening.tag, tag), len(opening) - 1)
        before = np.where(opening.tag[row] == tag, usable(opening)[row], np.nan)
    follows = np.flatnonzero(tag[1:] == tag[:-1]) + 1
    before[follows] = last[follows - 1]
    return before
