"""What every tag shows now: the newest value, its time and quality, in arrays over the tag table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from collectors.units import NO_TAG, NO_UNIT, UnitTable
from plant.readings import GOOD, STALE, Columns

NEVER = 0
"""Time of a tag that has never had a value."""


class LiveState:
    """Current values of all units that are served.

    Attributes:
        value: float64, shape (tags,); NaN where there is none.
        time: Source time of the value, UTC ms, `NEVER` where there is none.
        quality: uint16; `STALE` until the first value.
        state_since: Source time at which each unit's present state began, UTC ms, shape (units,).
    """

    def __init__(self, units: UnitTable) -> None:
        count = len(units.of_tag)
        self._units = units
        self.value = np.full(count, np.nan)
        self.time = np.full(count, NEVER, np.int64)
        self.quality = np.full(count, STALE, np.uint16)
        self.state_since = np.zeros(len(units), np.int64)
        self._stale_since = np.full(count, NEVER, np.int64)
        self._is_state = np.zeros(count, np.bool_)
        self._is_state[units.state_tag[units.state_tag != NO_TAG]] = True

    def seed(self, known: Columns, states: Mapping[int, int]) -> None:
        """Show what was known before this process began, as stale; tags that have spoken meanwhile stay as they are.

        Args:
            known: The newest reading of each tag.
            states: Time since which each unit is in its state, UTC ms, by unit number.
        """
        rows = known.take(self.time[known.tag] == NEVER)
        self.value[rows.tag] = rows.value
        self.time[rows.tag] = rows.time
        ended = rows.take(rows.quality == STALE)
        self._stale_since[ended.tag] = ended.time
        for number, since in states.items():
            if self.state_since[number] == NEVER:
                self.state_since[number] = since

    def apply(self, columns: Columns, *, anew: bool = False) -> NDArray[np.int32]:
        """Show newer values; those older than what is shown change nothing.

        Args:
            columns: Readings, in the order of arrival.
            anew: They come with a birth, which counts even if the source's clock was set back.

        Returns:
            Numbers of the units that have changed, ascending.
        """
        rows = columns.take(np.argsort(columns.time, kind="stable"))
        if not anew:
            rows = rows.take(rows.time >= self.time[rows.tag])
        self._follow_states(rows)
        # Of several values of a tag the last assignment stays: the newest, and of equal times the last to arrive.
        self.value[rows.tag] = rows.value
        self.time[rows.tag] = rows.time
        self.quality[rows.tag] = rows.quality
        return self.units_of(rows.tag)

    def units_of(self, tags: NDArray[np.integer]) -> NDArray[np.int32]:
        """Numbers of the units that these tags belong to, ascending."""
        numbers: NDArray[np.int32] = np.unique(self._units.of_tag[tags])
        served: NDArray[np.int32] = numbers[numbers != NO_UNIT]
        return served

    def withdraw(self, tags: NDArray[np.intp], at: int) -> tuple[Columns, Columns]:
        """The source of these tags is away since `at` (UTC ms): show them as stale.

        Returns:
            One `STALE` row for each tag that was not stale yet, at `at` or, when the source's clock is ahead of ours,
            just behind its last value: to be stored, for the last value ends here. And these last values.
        """
        tags = tags[self.quality[tags] != STALE]
        last = Columns(tags.astype(np.int32), self.time[tags], self.value[tags], self.quality[tags])
        times = np.maximum(last.time + 1, at)
        self.quality[tags] = STALE
        self._stale_since[tags] = times
        return Columns(last.tag, times, np.full(len(tags), np.nan), np.full(len(tags), STALE, np.uint16)), last

    def lapse(self, tags: NDArray[np.intp], at: int) -> Columns:
        """Tags that were known before this process began and of which nobody has spoken since `at` (UTC ms).

        Returns:
            One `STALE` row for each, at `at`: to be stored, for what was known does not hold any more.
        """
        never_ended = (self.quality[tags] == STALE) & (self.time[tags] != NEVER) & (self._stale_since[tags] == NEVER)
        tags = tags[never_ended]
        times = np.maximum(self.time[tags] + 1, at)
        self._stale_since[tags] = times
        return Columns(tags.astype(np.int32), times, np.full(len(tags), np.nan), np.full(len(tags), STALE, np.uint16))

    def confirmed(self, born: Columns, at: int) -> Columns:
        """Values of a birth that did not change while their source was away.

        They carry the time at which they began to hold, before the stale row; without another row they would stay
        unknown until they change.

        Args:
            born: The birth's values.
            at: Host time of the birth, UTC ms.

        Returns:
            The same values at the time of the birth: to be stored, for they are known again from here on.
        """
        gone = self._stale_since[born.tag]
        rows = born.take((gone != NEVER) & (born.time <= gone) & (born.quality == GOOD))
        times = np.maximum(self._stale_since[rows.tag] + 1, at)
        self._stale_since[born.tag] = NEVER
        return Columns(rows.tag, times, rows.value, rows.quality)

    def _follow_states(self, rows: Columns) -> None:
        """Note since when units are in their state; `rows` in the order of time, not shown yet."""
        states = rows.take(self._is_state[rows.tag] & (rows.quality == GOOD))
        if not len(states):
            return
        states = states.take(np.argsort(states.tag, kind="stable"))
        first = np.ones(len(states), np.bool_)
        first[1:] = states.tag[1:] != states.tag[:-1]
        before = np.where(first, self.value[states.tag], np.roll(states.value, 1))
        number = self._units.of_tag[states.tag]
        turned = (states.value != before) | (first & (self.state_since[number] == NEVER))  # NaN equals nothing
        # Of several changes of a unit the last assignment stays.
        self.state_since[number[turned]] = states.time[turned]
