"""Until when the edge nodes of each line have told everything: what decides whether a minute is settled.

=================================  ====================================================================
an edge node that                  has told everything until
=================================  ====================================================================
is there                           its newest live reading
is away                            where it stopped
is back and replays                what it has replayed, until that has reached its birth
is back and replays nothing        where it had stopped, for `GRACE_MS`: a gateway need not say whether it has kept
                                   anything
was never heard                    does not count, unless the line has no other
=================================  ====================================================================

Times are those of the nodes, so that a world of the past settles as one of the present does; only the grace is waited
for by the host's clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from collectors.live import LiveState
from collectors.units import NO_UNIT, UnitTable
from plant.historian.protocol import MINUTE_MS
from plant.production.lines import LineTable
from plant.production.steps import Integers
from plant.readings import Columns
from plant.sparkplug.host.node import NodeStatus

GRACE_MS: Final = MINUTE_MS
"""A node that replays nothing for so long after its return, or after what it replayed last, has nothing to replay."""
OVERLAP_MS: Final = 75_000
"""A message that is missing is noticed late: what a node tells again then begins so long before, ms."""
REACHED_MS: Final = 5_000
"""A replay that has come so close to the node's birth, ms, is over: nothing need have changed in between."""
LOOKS: Final = 5
"""What was received is durable so many looks later, as long as the historian takes what it gets."""
_NO_LIMIT: Final = 2**62


@dataclass(frozen=True, slots=True)
class _Session:
    """By what a node's session is known from its next one."""

    online: bool = False
    since_ms: int = 0
    mishaps: int = 0


class Watermarks:
    """Watches the edge nodes of the units that are served; on the loop's thread, but for `of_lines`.

    Args:
        units: The units that are served.
        live: What they show.
        table: All lines.
    """

    def __init__(self, units: UnitTable, live: LiveState, table: LineTable) -> None:
        names: dict[str, int] = {}
        of_unit = [names.setdefault(f"{row.unit.site}/{row.unit.gateway}", len(names)) for row in units]
        count = len(names)
        self._names = names
        self._node = np.where(units.of_tag == NO_UNIT, count, np.array([*of_unit, count], np.intp)[units.of_tag])
        self._live = live
        self._lines = [np.array([names[name] for name in row.nodes if name in names], np.intp) for row in table]
        self._sessions = [_Session()] * count
        self._born, self._replayed, self._limit, self._told, self._quiet = np.zeros((5, count + 1), np.int64)
        self._limit[:] = _NO_LIMIT
        self._received: deque[Integers] = deque([self._told.copy()], maxlen=LOOKS + 1)

    def born(self, columns: Columns) -> None:
        """The values of a birth, with the times at which they began to hold."""
        np.maximum.at(self._born, self._node[columns.tag], columns.time)

    def replayed(self, columns: Columns) -> None:
        """History that has come from edge nodes, in their order."""
        np.maximum.at(self._replayed, self._node[columns.tag], columns.time)

    def look(self, nodes: Sequence[NodeStatus], now: int, *, durable: bool) -> None:
        """See how the nodes stand; call it about once a second.

        Args:
            nodes: How every node stands that was ever born.
            now: Host's time, UTC ms.
            durable: What is received soon becomes durable; False while it waits for the historian.
        """
        newest = np.zeros(len(self._limit), np.int64)
        np.maximum.at(newest, self._node, self._live.time)
        for status in nodes:
            place = self._names.get(f"{status.node.group}/{status.node.node}")
            if place is not None:
                self._follow(place, status, int(newest[place]), now)
        self._told = np.minimum(newest, self._limit)
        if durable:
            self._received.append(self._told)

    def flushed(self) -> None:
        """All that was received is durable now."""
        self._received = deque([self._told], maxlen=LOOKS + 1)

    def of_lines(self) -> Integers:
        """Of each line of the table: its edge nodes have told everything before, UTC ms; 0 for lines of others."""
        told = self._received[0]
        heard = [told[nodes][told[nodes] > 0] for nodes in self._lines]
        return np.array([each.min() if len(each) else 0 for each in heard], np.int64)

    def _follow(self, place: int, status: NodeStatus, newest: int, now: int) -> None:
        before = self._sessions[place]
        session = _Session(status.online, status.since_ms, status.rebirths + status.sequence_gaps)
        self._sessions[place] = session
        if session.online and session != before:
            stopped = int(self._told[place])
            if session.since_ms == before.since_ms:
                stopped = min(stopped, newest - OVERLAP_MS)
            if self._told[place]:  # of one that was never heard nothing is expected
                self._limit[place] = min(int(self._limit[place]), stopped)
            self._quiet[place] = now
        self._catch_up(place, now, online=session.online)

    def _catch_up(self, place: int, now: int, *, online: bool) -> None:
        if self._limit[place] == _NO_LIMIT:
            return
        replayed = self._replayed[place]
        if replayed > self._limit[place]:
            self._limit[place], self._quiet[place] = replayed, now
        reached = replayed >= self._born[place] - REACHED_MS
        if reached or (online and now - self._quiet[place] >= GRACE_MS):
            self._limit[place] = _NO_LIMIT
