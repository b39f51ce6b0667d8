"""Stops out of production minutes: what the summary of a day needs, also when its readings are long gone.

Minutes hold what the stop engine found, so stopped minutes that follow each other are a stop again. In which part of a
minute a line ran is not kept: beginning and end are right to the minute, the length to the second.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.kpi.window import MINUTE_MS
from plant.production.elements import Element
from plant.production.minutes import ProductionMinutes
from plant.production.steps import Integers
from plant.production.stops import Stops

Bools = NDArray[np.bool_]

_STOPPED: Final = (Element.ADET, Element.AUST, Element.ADOT)
_SPAN: Final = 1 << 40
"""More minutes than any time has, to make one number of line and minute."""


def stops_in(minutes: ProductionMinutes) -> Stops:
    """The stops that some minutes hold, sorted by (line, start).

    As in the stop engine, time that is not planned or not known does not end a stop, and the loss, reason and cause of
    a stop are those that took most of it. A minute in which the line ran, or of which there is no row, ends it.

    Args:
        minutes: In any order; with those before a window a stop that reaches into it is whole.
    """
    rows = minutes.take(minutes.seconds > 0)
    stopped = rows.take(np.isin(rows.element, _STOPPED))
    if not len(stopped):
        return _nothing()
    stopped = stopped.take(np.lexsort((stopped.time, stopped.element, stopped.line)))
    key = _minute(stopped) * len(Element) + stopped.element
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    seconds = np.add.reduceat(stopped.seconds, first)
    of_minute = stopped.take(first)
    joined = _joined(of_minute, *_grid(rows))
    run = np.cumsum(np.append(True, ~joined)) - 1
    begin = np.flatnonzero(np.append(True, ~joined))
    end = np.append(begin[1:], len(run)) - 1
    lengths = np.rint(np.bincount(run, seconds) * 1_000.0).astype(np.int64)
    starts, ends = of_minute.time[begin], of_minute.time[end] + _ms(seconds[end])
    starts = np.where(begin == end, starts, starts + MINUTE_MS - _ms(seconds[begin]))
    newest = np.zeros(int(rows.line.max()) + 1, np.int64)
    np.maximum.at(newest, rows.line, rows.time)
    of_row = run[np.cumsum(np.append(True, key[1:] != key[:-1])) - 1]
    loss, reason, cause = (_longest(of_row, stopped, name) for name in ("loss", "reason", "cause"))
    line, element = of_minute.line[begin].astype(np.int64), of_minute.element[begin].astype(np.int64)
    found = Stops(line, starts, ends, element, loss, reason, cause, lengths, ends >= newest[line] + MINUTE_MS)
    return found.take(np.lexsort((found.start, found.line)))


def _minute(rows: ProductionMinutes) -> Integers:
    """Line and minute as one number."""
    return rows.line.astype(np.int64) * _SPAN + rows.time // MINUTE_MS


def _ms(seconds: NDArray[np.float64]) -> Integers:
    return np.rint(seconds * 1_000.0).astype(np.int64)


def _grid(rows: ProductionMinutes) -> tuple[Integers, Integers]:
    """All lines and minutes that there are, ascending, and in how many ways the line ran or stopped in each."""
    ways = np.unique(_minute(rows) * len(Element) + rows.element)
    minute, of_way = np.unique(ways // len(Element), return_inverse=True)
    counts = np.isin(ways % len(Element), (Element.APT, *_STOPPED))
    return minute, np.bincount(of_way, counts, len(minute)).astype(np.int64)


def _joined(stopped: ProductionMinutes, minute: Integers, ways: Integers) -> Bools:
    """Whether each stopped minute goes on in the next one, of minutes sorted by (line, element, time)."""
    place = np.searchsorted(minute, _minute(stopped))
    busy = np.cumsum(ways > 0)
    between: Integers = busy[place[1:] - 1] - busy[place[:-1]]
    complete = (place[1:] - place[:-1]) == np.diff(stopped.time) // MINUTE_MS
    same = (stopped.line[1:] == stopped.line[:-1]) & (stopped.element[1:] == stopped.element[:-1])
    follows = same & complete & (between == 0)
    pure = ways[place] == 1
    ended = np.append(False, follows & pure[:-1])[:-1]  # a mixed minute is the end of the stop before it
    joined: Bools = follows & (pure[:-1] | (pure[1:] & ~ended))
    return joined


def _longest(run: Integers, rows: ProductionMinutes, name: str) -> Integers:
    """The value that took most of the time of each run; the smaller one of two equal."""
    pairs, place = np.unique(np.stack((run, rows.arrays[name].astype(np.int64))), axis=1, return_inverse=True)
    total = np.bincount(place.ravel(), rows.seconds)
    order = np.lexsort((pairs[1], -total, pairs[0]))
    longest: Integers = pairs[1][order[np.append(True, pairs[0][order][1:] != pairs[0][order][:-1])]]
    return longest


def _nothing() -> Stops:
    none = np.empty(0, np.int64)
    return Stops(none, none, none, none, none, none, none, none, np.empty(0, np.bool_))
