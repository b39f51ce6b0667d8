"""All minute and hour rows of a window from its readings: while a history is made, after it, or on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.gaps import Spans, rollup_watched, told_by_rows
from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.readings import Columns
from plant.rollup import combine, newest, rollup

SLICE_MS: Final = 10 * MINUTE_MS
"""Readings of so long a time are in memory at once, ms: about two million of a full plant at 1 s. Divides an hour."""


class TierMaker:
    """Makes minute and hour rows as time goes on, replacing what was there.

    A value holds until the next reading, also where nobody collected, unless one says so.

    Args:
        historian: Where the rows go; asked for what held before the start.
        tags: Indices in the tag table.
        start: Rounded down to a minute, UTC ms.

    Attributes:
        at: The end of what is made, UTC ms.
    """

    def __init__(self, historian: Historian, tags: Sequence[int], start: int) -> None:
        self.at = start - start % MINUTE_MS
        self._historian = historian
        self._tags = tags
        self._begin = self.at
        self._held = historian.held(tags, self.at)
        self._hour: list[TierColumns] = []

    def add(self, samples: Columns, until: int, unknown: Spans | None = None) -> None:
        """Make the rows up to `until`, a minute at most an hour away and not beyond the present hour.

        Args:
            samples: Readings from `at` up to `until` (exclusive), as `Columns.latest_written` sorts them.
            until: UTC ms.
            unknown: When tags were not watched; none if not given.
        """
        if unknown is None:
            minutes = rollup(samples, self._held, self.at, until, MINUTE_MS)
        else:
            minutes = rollup_watched(samples, self._held, unknown, self.at, until)
        self._historian.write_tier(Tier.MINUTE, minutes)
        self._held = newest(Columns.concat((self._held, newest(samples))).latest_written())
        self._hour.append(minutes)
        self.at = until
        if until % HOUR_MS == 0:
            if until - HOUR_MS >= self._begin:
                rows = TierColumns.concat(self._hour).latest_written()
                self._historian.write_tier(Tier.HOUR, combine(rows, HOUR_MS))
            else:
                make_hour(self._historian, self._tags, until - HOUR_MS)
            self._hour.clear()

    def close(self) -> None:
        """Make the last hour, if it is not the present one of the historian: its other minutes are there."""
        hour = self.at - self.at % HOUR_MS
        span = self._historian.span()
        if self._hour and span is not None and span[1] >= hour + HOUR_MS - MINUTE_MS:
            make_hour(self._historian, self._tags, hour)


def rebuild(
    historian: Historian,
    tags: Sequence[int],
    start: int,
    end: int,
    progress: Callable[[float], None],
    *,
    watched: NDArray[np.intp] | None = None,
) -> None:
    """Make the rows of the window again from readings, replacing what was there.

    Args:
        historian: Where the readings are and the rows go.
        tags: Indices in the tag table, ascending if `watched` is given.
        start: Rounded down to a minute, UTC ms.
        end: Rounded down to a minute, UTC ms: a minute that is not over gets no row.
        progress: Told the share that is done, 0 to 1.
        watched: Number of the group of each tag, such as its edge node; minutes for which the present rows of a whole
            group know nothing stay unknown. If not given, values hold over everything.

    Raises:
        StoreUnavailableError: The historian does not answer; what was written so far stays.
    """
    maker = TierMaker(historian, tags, start)
    begin, finish = maker.at, end - end % MINUTE_MS
    while maker.at < finish:
        until = min(maker.at - maker.at % SLICE_MS + SLICE_MS, finish)
        unknown = None if watched is None else told_by_rows(historian, tags, watched, maker.at, until)
        maker.add(historian.raw(tags, maker.at, until), until, unknown)
        progress((until - begin) / (finish - begin))
    maker.close()


def make_hour(historian: Historian, tags: Sequence[int], hour: int) -> None:
    """The hour's rows from its minute rows, replacing what was there."""
    minutes = historian.tier(Tier.MINUTE, tags, hour, hour + HOUR_MS)
    historian.write_tier(Tier.HOUR, combine(minutes, HOUR_MS))
