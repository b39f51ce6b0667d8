"""Production minutes and stops of all lines from what the historian holds: the pure whole.

::

    events, levels ─▶ signals ─▶ segments ─▶ judge, stops ─┐
    calendar ────────────────────────▲                     ├─▶ assemble ─▶ ProductionMinutes
    readings of counters ─▶ pieces ─▶ lots, counts ────────┘
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plant.production.assemble import assemble
from plant.production.corrections import Correction
from plant.production.counts import counted
from plant.production.growth import Floats, pieces
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes
from plant.production.planned import PlannedStops
from plant.production.reasons import ReasonTree
from plant.production.segments import segments
from plant.production.signals import Unwatched, signals
from plant.production.steps import Integers
from plant.production.stops import Stops, judge, stops_of
from plant.readings import Columns, Event


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of [start, end), UTC ms.

    The window has to reach back to the beginnings of stops and lots that reach into the minutes that are asked for, and
    on to their ends as far as those are known already; then any partition of the minutes gives the same rows. What is
    told at `end` itself has to be there too: a counter that is read then has counted before.

    Attributes:
        events: States, modes and texts, in any order, with the last of each before `start`.
        counters: Readings of the lines' counters, in any order, with the last of each before `start`.
        levels: Readings of stores (`plant.production.signals.level_tags`), likewise.
        unwatched: When nobody watched.
        planned: When lines are not to run.
        corrections: What people have entered.
        watermark: Of each line, UTC ms: its edge nodes have told everything before. Shape (lines,).
    """

    start: int
    end: int
    events: Sequence[Event]
    counters: Columns
    levels: Columns
    unwatched: Unwatched
    planned: PlannedStops
    corrections: Sequence[Correction]
    watermark: Integers


@dataclass(frozen=True, slots=True)
class Production:
    """What lines did.

    Attributes:
        minutes: Rows of the minutes that were asked for.
        stops: All stops of the time that is known.
        unplaced: Good and reject by line of lots of which nobody knows when they were formed, shape (lines, 2).
    """

    minutes: ProductionMinutes
    stops: Stops
    unplaced: Floats


def production(table: LineTable, reasons: ReasonTree, told: Told, start: int, end: int) -> Production:
    """What all lines did in the minutes of [start, end), UTC ms on multiples of a minute, within the time of `told`."""
    said = signals(table, reasons, told.events, told.levels, told.unwatched)
    parts = segments(table, said, told.planned, told.start, told.end)
    judged = judge(table, reasons, said, parts)
    found = counted(table, said, pieces(table, told.counters, told.unwatched), told.corrections)
    minutes = assemble(table, said, judged, found.counts, told.watermark, start, end)
    return Production(minutes, stops_of(judged), found.unplaced)
