"""What was known before this process began, and where that knowledge ends.

While no collector listened nobody knows how the plant was: a value that was good when the last one stopped must not
seem to have held until today. So it ends, with a stale row, behind the last reading of its edge node; what the node
replays after its birth then fills the time in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from collectors.units import UnitTable
from plant.historian.protocol import Historian
from plant.readings import GOOD, STALE, Columns, Event, EventKind


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the historian knows.

    Attributes:
        known: The newest reading of each tag.
        gone: A stale row for each tag that is good in `known`: to be stored.
        states: Time since which each unit was in its state, UTC ms, by unit number.
        texts: The newest text of each text metric, with its unit's number.
    """

    known: Columns
    gone: Columns
    states: Mapping[int, int]
    texts: tuple[tuple[int, Event], ...]


def recall(historian: Historian, units: UnitTable, now: int) -> Recalled:
    """Ask the historian; blocks. `now` is the host time, UTC ms.

    Raises:
        StoreUnavailableError: It does not answer.
    """
    known = historian.held(units.tags.tolist(), now)
    numbers = {row.unit.storage: number for number, row in enumerate(units)}
    events = historian.events(list(numbers), [EventKind.STATE, EventKind.TEXT], now, now + 1)
    states = {
        numbers[event.unit]: event.time for event in events if event.kind is EventKind.STATE and event.quality == GOOD
    }
    texts = tuple((numbers[event.unit], event) for event in events if event.kind is EventKind.TEXT)
    return Recalled(known, _gone(known, units), states, texts)


def _gone(known: Columns, units: UnitTable) -> Columns:
    """Stale rows just behind the last reading of each edge node."""
    if not len(known):
        return known
    nodes = {node: index for index, node in enumerate(sorted({(row.unit.site, row.unit.gateway) for row in units}))}
    node_of_unit = np.array([nodes[row.unit.site, row.unit.gateway] for row in units], np.int32)
    node = node_of_unit[units.of_tag[known.tag]]
    last = np.zeros(len(nodes), np.int64)
    np.maximum.at(last, node, known.time)
    rows = known.quality == GOOD
    count = int(np.count_nonzero(rows))
    return Columns(known.tag[rows], last[node[rows]] + 1, np.full(count, np.nan), np.full(count, STALE, np.uint16))
