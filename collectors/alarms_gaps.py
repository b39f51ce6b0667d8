"""When alarms of which edge node could not be watched, and when that can be made good. No I/O, no clock.

A gap begins when a node is not heard any more and ends with its births; the replay that follows says what was in
between. It is judged when the replay has been quiet for a while, and again if more comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from plant.alarms.change import Change, Standing
from plant.alarms.journal import Entry
from plant.alarms.states import Event

OVERLAP_MS: Final = 60_000
"""A replay may tell of what was lost before it was noticed that the node is away."""
LONGEST_MS: Final = 24 * 3_600_000
"""What is longer ago is not judged any more."""
REPLAY_QUIET_MS: Final = 5_000
"""A replay that pauses for so long is over, as far as can be told."""
FORGET_MS: Final = 120_000
"""A node that has replayed nothing for so long after its return has nothing to replay."""


@dataclass(slots=True)
class Gap:
    """Time in which alarms of a node could not be watched.

    Attributes:
        since: UTC ms of the node.
        known: How its alarms stood then, by key.
        until: When it could be heard again, UTC ms of the node; None before that.
        active_at: Host time of the last thing that happened about it, UTC ms.
        owed: Whether there is something to judge.
        told: Changes that were found already.
    """

    since: int
    known: Mapping[str, Standing]
    until: int | None = None
    active_at: int = 0
    owed: bool = False
    told: set[tuple[str, Event, int]] = field(default_factory=set)

    def new(self, changes: Sequence[Change]) -> list[Change]:
        """Those that were neither known when the gap began, nor found before, of what history tells."""
        found = []
        for change in changes:
            key = change.rule.key
            known = self.known.get(key)
            name = (key, change.event, change.time)
            if (known is None or change.time > known.changed) and name not in self.told:
                self.told.add(name)
                found.append(change)
        return found


class Gaps:
    """The gap of each edge node that has one, by its number."""

    def __init__(self) -> None:
        self._open: dict[int, Gap] = {}

    def __contains__(self, node: int) -> bool:
        return node in self._open

    def resume(self, node: int, at: int, known: Mapping[str, Standing], told: Iterable[Entry], now: int) -> None:
        """This process begins, and was not there since it was judged until `at`.

        Args:
            node: Its number.
            at: UTC ms of the node.
            known: How its alarms stood.
            told: What the journal has of them since before that time.
            now: Host time, UTC ms.
        """
        found = {(entry.alarm, entry.event, entry.time) for entry in told if entry.alarm in known}
        self._open[node] = Gap(at - OVERLAP_MS, dict(known), active_at=now, owed=True, told=found)

    def begin(self, node: int, at: int, known: Mapping[str, Standing], now: int) -> None:
        """A node is not heard any more.

        Args:
            node: Its number.
            at: Until when it was judged, UTC ms of the node.
            known: How its alarms stand.
            now: Host time, UTC ms.
        """
        gap = self._open.get(node)
        if gap is None:
            self._open[node] = Gap(at - OVERLAP_MS, dict(known), active_at=now)
        elif gap.until is not None and not gap.owed:
            self._open[node] = Gap(max(at - OVERLAP_MS, gap.since), dict(known), active_at=now)

    def end(self, node: int, at: int, now: int) -> None:
        """It is heard again, since `at`, UTC ms of the node; every unit of it says so for itself."""
        gap = self._open.get(node)
        if gap is not None:
            gap.until, gap.active_at = at, now
            gap.since = max(gap.since, at - LONGEST_MS)

    def replayed(self, node: int, now: int) -> None:
        """It tells of what was; a node that was never away repeats only what was heard."""
        gap = self._open.get(node)
        if gap is not None:
            gap.owed, gap.active_at = True, now

    def due(self, now: int) -> list[tuple[int, Gap]]:
        """Gaps that can be judged; those of which nothing more is to be expected are forgotten."""
        for node, gap in list(self._open.items()):
            if gap.until is not None and not gap.owed and now - gap.active_at >= FORGET_MS:
                del self._open[node]
        return [
            (node, gap)
            for node, gap in self._open.items()
            if gap.until is not None and gap.owed and now - gap.active_at >= REPLAY_QUIET_MS
        ]

    def owed(self) -> list[tuple[int, Gap]]:
        """Gaps that have ended and are not judged, however short a while ago that was."""
        return [(node, gap) for node, gap in self._open.items() if gap.until is not None and gap.owed]

    def notice(self, node: int, change: Change) -> None:
        """An alarm of the node has changed before it could be judged what went before."""
        gap = self._open.get(node)
        if gap is not None:
            gap.told.add((change.rule.key, change.event, change.time))

    def judged_until(self, node: int, otherwise: int) -> int:
        """Until when a node is judged without a gap, UTC ms; `otherwise` if it has none."""
        gap = self._open.get(node)
        return otherwise if gap is None or (gap.until is not None and not gap.owed) else gap.since + OVERLAP_MS
