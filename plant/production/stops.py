"""Stops as wholes: what follows each other without production is one stop, and its length decides what it is.

A stop is a run of delay (ADET), of setup (AUST) or of no order (ADOT). Time outside planned busy time does not end it
unless the line runs in it; time that is not known does not if the line comes out of it in the state in which it went
in. Its length is the planned busy time from its beginning to its end, wherever windows begin and end.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.calendar.spans import Planned
from plant.packml import Mode, State
from plant.production.attribution import NOBODY, Attribution
from plant.production.elements import Element, Loss
from plant.production.judge import judged
from plant.production.lines import LineTable
from plant.production.reasons import CHANGEOVER, DOWNSTREAM, MATERIAL, PLANNED, UNCODED, ReasonTree
from plant.production.segments import Segments
from plant.production.signals import Signals
from plant.production.steps import Integers

Bools = NDArray[np.bool_]

NO_STOP: Final = -1
_STOPS: Final = (Element.ADET, Element.AUST, Element.ADOT)
_OF_THE_UNIT: Final = (Loss.BREAKDOWN, Loss.MINOR_STOP, Loss.START_UP, Loss.SETUP)
"""Losses for which the line's constraint itself is to blame."""


@dataclass(frozen=True, slots=True)
class Stops:
    """Stops, sorted by (line, start); all columns int64 but `open`, shape (n,).

    Attributes:
        line: Index in the line table.
        start: UTC ms; `end` likewise, exclusive.
        element: `Element` of all of it.
        loss: `Loss` that took most of it, likewise `reason` and `cause`.
        reason: As the controller told it, a code of the reason tree.
        cause: Unit that is to blame, -1 for none.
        length_ms: Planned busy time of it, which decides between a minor stop and a breakdown.
        open: It is not over at the end of what is known.
    """

    line: Integers
    start: Integers
    end: Integers
    element: Integers
    loss: Integers
    reason: Integers
    cause: Integers
    length_ms: Integers
    open: Bools

    def __len__(self) -> int:
        return len(self.line)

    def take(self, rows: Bools | NDArray[np.intp]) -> Stops:
        """The rows that a mask or an index array chooses, in its order."""
        return Stops(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class Judged:
    """Parts of time with what they count as; columns of shape (n,) as in `Segments`.

    Attributes:
        element: `Element`.
        loss: `Loss`.
        reason: Code in the reason tree.
        cause: Unit that is to blame, -1 for none.
        stop: Number of the stop that it belongs to, `NO_STOP` for none; stops are numbered by (line, start).
        undecided: The stop is open and still shorter than the limit, so that its loss may become another.
    """

    parts: Segments
    element: Integers
    loss: Integers
    reason: Integers
    cause: Integers
    stop: Integers
    undecided: Bools


def judge(table: LineTable, reasons: ReasonTree, told: Signals, parts: Segments) -> Judged:
    """What the parts count as; stops at the edges of the window are judged by what of them is inside it.

    So the window has to reach back to the beginning of each stop whose parts matter, and on to its end.
    """
    element, loss = judged(parts)
    stop = _numbered(parts, element)
    length = _lengths(parts, element, stop)
    loss, undecided = _by_length(table, parts, loss, stop, length, _is_open(parts, element, stop))
    reason = _reasons(parts, loss, stop)
    constraint = np.array([row.constraint for row in table], np.int64)
    cause = np.where(np.isin(loss, _OF_THE_UNIT), constraint[parts.line], NOBODY)
    reason, cause = _external(table, reasons, told, parts, loss, stop, reason, cause)
    reason = _given(reasons, parts, element, reason)
    return Judged(parts, element, loss, reason, cause, stop, undecided)


def stops_of(of: Judged) -> Stops:
    """The stops among some parts."""
    parts, inside = of.parts, of.stop != NO_STOP
    number = of.stop[inside]
    if len(number) == 0:
        return Stops(*(np.empty(0, np.bool_ if field.name == "open" else np.int64) for field in fields(Stops)))
    first = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
    last = np.append(first[1:], len(number)) - 1
    mine = parts.take(inside)
    element = of.element[inside]
    counted = np.isin(element, _STOPS)
    loss, reason, cause = (_longest(mine, number, counted, column[inside]) for column in (of.loss, of.reason, of.cause))
    return Stops(
        line=mine.line[first],
        start=mine.start[first],
        end=mine.end[last],
        element=element[first],
        loss=loss,
        reason=reason,
        cause=cause,
        length_ms=_lengths(parts, of.element, of.stop),
        open=_is_open(parts, of.element, of.stop),
    )


def _numbered(parts: Segments, element: Integers) -> Integers:
    """Number of the stop of each part; what lies between two parts of one stop belongs to it."""
    lost = np.isin(element, _STOPS)
    unknown = element == Element.UNKNOWN
    solid = np.flatnonzero(~_bridges(parts, element))
    before, here = solid[:-1], solid[1:]
    gone = np.concatenate(([0], np.cumsum(unknown)))
    same = (parts.line[before] == parts.line[here]) & (element[before] == element[here]) & lost[here]
    same &= (gone[here] == gone[before]) | (parts.state[before] == parts.state[here])
    fresh = lost[solid] & ~np.concatenate(([False], same))[: len(solid)]
    stop = np.full(len(parts), NO_STOP, np.int64)
    stop[solid] = np.where(lost[solid], np.cumsum(fresh) - 1, NO_STOP)
    for a, b in zip(before[same].tolist(), here[same].tolist(), strict=True):
        stop[a:b] = stop[a]
    return stop


def _bridges(parts: Segments, element: Integers) -> Bools:
    """Parts that do not end a stop by themselves."""
    idle = (element == Element.NOT_PLANNED) & (parts.state != State.EXECUTE)
    bridges: Bools = idle | (element == Element.UNKNOWN)
    return bridges


def _lengths(parts: Segments, element: Integers, stop: Integers) -> Integers:
    """Planned busy time of each stop, ms."""
    inside = (stop != NO_STOP) & (element != Element.NOT_PLANNED)
    length = np.zeros(int(stop.max(initial=NO_STOP)) + 1, np.int64)
    np.add.at(length, stop[inside], (parts.end - parts.start)[inside])
    return length


def _by_length(
    table: LineTable, parts: Segments, loss: Integers, stop: Integers, length: Integers, is_open: Bools
) -> tuple[Integers, Bools]:
    """Losses with minor stops told apart, and which of them are not decided; once a fitter came it is a breakdown."""
    limit = np.array([row.minor_ms for row in table], np.int64)[parts.line]
    repaired = np.zeros(len(length) + 1, np.bool_)  # the last one is for parts that are in no stop
    repaired[stop[(parts.mode == Mode.MAINTENANCE) & (parts.planned == Planned.BUSY) & (stop != NO_STOP)]] = True
    minor = (loss == Loss.BREAKDOWN) & (np.append(length, 0)[stop] < limit) & ~repaired[stop]
    return np.where(minor, int(Loss.MINOR_STOP), loss), minor & np.append(is_open, False)[stop]


def _is_open(parts: Segments, element: Integers, stop: Integers) -> Bools:
    """Whether each stop is the last that is known of its line; what is not planned or not known may still go on."""
    solid = np.flatnonzero((stop != NO_STOP) | ~_bridges(parts, element))
    line, number = parts.line[solid], stop[solid]
    last = np.append(line[1:] != line[:-1], True)[: len(solid)]
    is_open = np.zeros(int(stop.max(initial=NO_STOP)) + 1, np.bool_)
    is_open[number[last & (number != NO_STOP)]] = True
    return is_open


def _reasons(parts: Segments, loss: Integers, stop: Integers) -> Integers:
    """What is told of each part; of one of which nothing is, what is told later of the same loss, else before.

    A controller that tells the reason of a stop late means all of the stop.
    """
    rows = np.arange(len(parts))
    said = (parts.reason != UNCODED) & (stop != NO_STOP)
    later = np.minimum.accumulate(np.where(said, rows, len(parts))[::-1])[::-1]
    earlier = np.maximum.accumulate(np.where(said, rows, -1))
    ahead, behind = np.minimum(later, len(parts) - 1), np.maximum(earlier, 0)
    by_later = (later < len(parts)) & (stop[ahead] == stop) & (loss[ahead] == loss)
    by_earlier = (earlier >= 0) & (stop[behind] == stop)
    reason = np.select([said, by_later, by_earlier], [parts.reason, parts.reason[ahead], parts.reason[behind]], UNCODED)
    return np.where(stop != NO_STOP, reason, UNCODED).astype(np.int64)


def _external(
    table: LineTable,
    reasons: ReasonTree,
    told: Signals,
    parts: Segments,
    loss: Integers,
    stop: Integers,
    reason: Integers,
    cause: Integers,
) -> tuple[Integers, Integers]:
    """Reasons and causes with those of starved and blocked times, each run of which has one cause."""
    reason, cause = reason.copy(), cause.copy()
    external = np.flatnonzero(loss == Loss.EXTERNAL)
    if len(external) == 0:
        return reason, cause
    attribution = Attribution(table, told)
    ways = {reasons.code(MATERIAL): True, reasons.code(DOWNSTREAM): False}
    slugs = {True: reasons.code(MATERIAL), False: reasons.code(DOWNSTREAM)}
    apart = np.append(True, (np.diff(external) > 1) | (stop[external][1:] != stop[external][:-1]))
    for run in np.split(external, np.flatnonzero(apart)[1:]):
        said = next((int(code) for code in reason[run] if code != UNCODED), UNCODED)
        unit = table[int(parts.line[run[0]])].constraint
        found = attribution.cause(
            unit, int(parts.start[run[0]]), int(parts.end[run[-1]]), ways.get(reasons.group(said))
        )
        cause[run] = found.unit
        if said == UNCODED and found.unit != NOBODY:
            reason[run] = slugs[found.starved]
    return reason, cause


def _given(reasons: ReasonTree, parts: Segments, element: Integers, reason: Integers) -> Integers:
    """Reasons with those that follow from mode and plan."""
    plans = np.array([UNCODED, *(reasons.code(f"{PLANNED}/{kind.name.lower()}") for kind in list(Planned)[1:])])
    setup = (element == Element.AUST) & (reason == UNCODED)
    given = np.where(setup, reasons.code(CHANGEOVER), reason)
    return np.where(element == Element.NOT_PLANNED, plans[parts.planned], given)


def _longest(parts: Segments, number: Integers, counted: Bools, value: Integers) -> Integers:
    """The value that took most of the counted time of each stop; the earlier one of two equal."""
    pairs, place = np.unique(np.stack((number[counted], value[counted])), axis=1, return_inverse=True)
    total = np.bincount(place.ravel(), (parts.end - parts.start)[counted])
    first = np.full(pairs.shape[1], np.iinfo(np.int64).max)
    np.minimum.at(first, place.ravel(), parts.start[counted])
    order = np.lexsort((first, -total, pairs[0]))
    chosen = order[np.append(True, pairs[0][order][1:] != pairs[0][order][:-1])]
    longest: Integers = pairs[1][chosen]
    return longest
