"""What was known before this process began, to be shown as stale until its sources are born again.

Nothing is stored of it: that nobody listened meanwhile, and what a replay proves about that time, is for the tiers
(`plant.historian`) to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collectors.units import UnitTable
from plant.historian.protocol import Historian
from plant.readings import GOOD, Columns, Event, EventKind


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the historian knows.

    Attributes:
        known: The newest reading of each tag.
        states: Time since which each unit was in its state, UTC ms, by unit number.
        texts: The newest text of each text metric, with its unit's number.
    """

    known: Columns
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
    return Recalled(known, states, texts)
