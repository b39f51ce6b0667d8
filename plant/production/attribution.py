"""Who is to blame when a line starves or is blocked: the nearest unit along the material that does not execute.

From the suspended unit the search goes against the flow when it starves, with the flow when it is blocked, one unit
after the other. It passes units that execute, and those that are suspended themselves, for they are victims as well;
it ends at a store that is not empty (against the flow) or not full (with it), since that one would have helped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from plant.packml import State
from plant.production.lines import LineTable
from plant.production.signals import Fill, Signals

NOBODY: Final = -1
BEFORE_MS: Final = 120_000
"""A unit that stood so long before the suspension, ms, may be its cause: buffers run out late, and a machine runs on
empty for a while before it gives up."""
_VICTIM: Final = (State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING)

Graph = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Cause:
    """Who is to blame, `NOBODY` if it cannot be told; `starved` is False for a blocked line."""

    unit: int
    starved: bool


class Attribution:
    """Looks for the units that make others starve or block them.

    Args:
        table: The lines; the material graph is that of the model.
        told: States and stores.
    """

    def __init__(self, table: LineTable, told: Signals) -> None:
        self._told = told
        place = {(unit.site, unit.ref): index for index, unit in enumerate(table.units)}
        self._down: Graph = {
            index: [place[unit.site, ref] for ref in unit.feeds if (unit.site, ref) in place]
            for index, unit in enumerate(table.units)
        }
        up: dict[int, list[int]] = {index: [] for index in self._down}
        for index, targets in self._down.items():
            for target in targets:
                up[target].append(index)
        self._up: Graph = up

    def cause(self, unit: int, start: int, end: int, starved: bool | None) -> Cause:
        """Who made `unit` suspend itself in [start, end), UTC ms.

        Args:
            unit: The suspended one.
            start: UTC ms.
            end: UTC ms.
            starved: Whether it lacks material (True) or room (False); None if it does not say, then the nearer one.
        """
        begin = start - BEFORE_MS
        ways = (True, False) if starved is None else (starved,)
        found = [(*self._search(unit, begin, start, end, lacks), lacks) for lacks in ways]
        blamed, _, lacks = min(found, key=lambda each: each[1])
        return Cause(blamed, lacks)

    def _search(self, unit: int, begin: int, start: int, end: int, starved: bool) -> tuple[int, int]:
        """The unit to blame and how far away it is; a victim, or the last store, if there is nobody beyond."""
        graph, helps = (self._up, Fill.EMPTY) if starved else (self._down, Fill.FULL)
        weaker: tuple[int, int] | None = None
        for distance, units in enumerate(_rings(graph, unit, lambda each: self._ends(each, start, helps)), 1):
            blamed, victims = (self._standing(units, begin, end, of_victims=flag) for flag in (False, True))
            if blamed != NOBODY:
                return blamed, distance
            stores = [each for each in units if self._fill(each, start) == helps]
            last = victims if victims != NOBODY else next(iter(stores), NOBODY)
            if last != NOBODY:
                weaker = last, distance
        return weaker if weaker is not None else (NOBODY, len(self._up) + 1)

    def _standing(self, units: Sequence[int], begin: int, end: int, *, of_victims: bool) -> int:
        """The unit that stood longest in [begin, end), `NOBODY` if all executed or are not known."""
        stood = [self._stood_ms(unit, begin, end, of_victims) for unit in units]
        longest = int(np.argmax(stood)) if stood else 0
        return units[longest] if stood and stood[longest] > 0 else NOBODY

    def _stood_ms(self, unit: int, begin: int, end: int, of_victims: bool) -> int:
        return sum(
            until - since
            for since, until, state in self._told.state.during(unit, begin, end)
            if state > State.UNDEFINED and state != State.EXECUTE and (state in _VICTIM) == of_victims
        )

    def _ends(self, unit: int, at: int, helps: Fill) -> bool:
        """Whether the search ends at a store, which has what is needed."""
        fill = self._fill(unit, at)
        return fill >= 0 and fill != helps

    def _fill(self, unit: int, at: int) -> int:
        return int(self._told.fill.at(np.array([unit]), np.array([at]))[0])


def _rings(graph: Graph, unit: int, ends: Callable[[int], bool]) -> Iterator[list[int]]:
    """Units at distance 1, 2 and so on, in the order of the model; nothing beyond those at which it ends."""
    seen, ring = {unit}, [unit]
    while ring:
        following = sorted({each for one in ring for each in graph[one]} - seen)
        seen.update(following)
        if following:
            yield following
        ring = [each for each in following if not ends(each)]
