"""All minute and hour rows of a window from its readings: after the first filling of the history, or on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from plant.historian.protocol import HOUR_MS, MINUTE_MS, Historian, Tier, TierColumns
from plant.readings import Columns
from plant.rollup import combine, newest, rollup

SLICE_MS: Final = 10 * MINUTE_MS
"""Readings of so long a time are in memory at once, ms: about two million of a full plant at 1 s. Divides an hour."""


def rebuild(historian: Historian, tags: Sequence[int], start: int, end: int, progress: Callable[[float], None]) -> None:
    """Make the rows of the window again from readings, replacing what was there.

    A value holds until the next reading, also where the collectors were away.

    Args:
        historian: Where the readings are and the rows go.
        tags: Indices in the tag table.
        start: Rounded down to a minute, UTC ms.
        end: Rounded down to a minute, UTC ms: a minute that is not over gets no row.
        progress: Told the share that is done, 0 to 1.

    Raises:
        StoreUnavailableError: The historian does not answer; what was written so far stays.
    """
    begin, finish = start - start % MINUTE_MS, end - end % MINUTE_MS
    held = historian.held(tags, begin)
    hour: list[TierColumns] = []
    at = begin
    while at < finish:
        until = min(at - at % SLICE_MS + SLICE_MS, finish)
        samples = historian.raw(tags, at, until)
        minutes = rollup(samples, held, at, until, MINUTE_MS)
        historian.write_tier(Tier.MINUTE, minutes)
        held = newest(Columns.concat((held, samples)).latest_written())
        hour.append(minutes)
        if until % HOUR_MS == 0:
            if until - HOUR_MS >= begin:
                historian.write_tier(Tier.HOUR, combine(TierColumns.concat(hour).latest_written(), HOUR_MS))
            else:
                make_hour(historian, tags, until - HOUR_MS)
            hour.clear()
        progress((until - begin) / (finish - begin))
        at = until
    if hour and _is_past(historian, finish):
        make_hour(historian, tags, finish - finish % HOUR_MS)


def make_hour(historian: Historian, tags: Sequence[int], hour: int) -> None:
    """The hour's rows from its minute rows, replacing what was there."""
    minutes = historian.tier(Tier.MINUTE, tags, hour, hour + HOUR_MS)
    historian.write_tier(Tier.HOUR, combine(minutes, HOUR_MS))


def _is_past(historian: Historian, instant: int) -> bool:
    """Whether the hour that holds `instant` has its last minute row."""
    span = historian.span()
    return span is not None and span[1] >= instant - instant % HOUR_MS + HOUR_MS - MINUTE_MS
