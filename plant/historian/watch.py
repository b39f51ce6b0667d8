"""Who was watched when: spans without collectors, and what a replay from the edge tells about them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.historian.gaps import Spans
from plant.model.tags import Tag

Integers = NDArray[np.int64]

_MOST_GAPS: Final = 32
"""Spans that are remembered; replays into older ones hold values as if somebody had watched."""
NEVER: Final = 2**62


@dataclass(slots=True)
class _Gap:
    """A span [begin, end) without collectors; of each edge node the part [since, until) that its replay has covered."""

    begin: int
    end: int
    since: Integers
    until: Integers


class Watch:
    """The gaps of this process's tags.

    An edge node reports by exception. Its replay therefore proves what all its tags were, the silent ones too, from the
    replay's first reading to its newest; what comes before and after stays unknown.

    Args:
        tags: The tags, in the order in which positions are counted.
    """

    def __init__(self, tags: Sequence[Tag]) -> None:
        nodes: dict[tuple[str, str], int] = {}
        for tag in tags:
            nodes.setdefault((tag.unit.site, tag.unit.gateway), len(nodes))
        self._node = np.array([nodes[tag.unit.site, tag.unit.gateway] for tag in tags], np.intp)
        self._nodes = len(nodes)
        self._gaps: list[_Gap] = []

    def add_gap(self, begin: int, end: int) -> None:
        """Nobody watched in [begin, end), UTC ms."""
        if begin < end:
            none = np.full(self._nodes, begin, np.int64)
            self._gaps = [*self._gaps[1 - _MOST_GAPS :], _Gap(begin, end, none, none.copy())]

    def replayed(self, position: NDArray[np.intp], time: Integers) -> tuple[Integers, Integers]:
        """Take note of late readings, given as position of the tag and time (UTC ms) of each.

        Returns:
            Of each tag the part [from, to) of gaps that has become known by this; (`NEVER`, 0) for none.
        """
        known_from = np.full(len(self._node), NEVER, np.int64)
        known_to = np.zeros(len(self._node), np.int64)
        for gap in self._gaps:
            before = time < gap.end
            since, until = self._extended(gap, self._node[position[before]], time[before])
            longer = (since < gap.since) | (until > gap.until)
            unknown = (gap.until == gap.since) | (since < gap.since)
            known_from = np.minimum(
                known_from, np.where(longer, np.where(unknown, since, gap.until), NEVER)[self._node]
            )
            known_to = np.maximum(known_to, np.where(longer, until, 0)[self._node])
            gap.since, gap.until = since, until
        return known_from, known_to

    def _extended(self, gap: _Gap, node: NDArray[np.intp], time: Integers) -> tuple[Integers, Integers]:
        """`since` and `until` of the gap with these readings before its end.

        A replay that begins before the gap, as it should, leaves no doubt about the gap's first part.
        """
        oldest, newest = np.full(self._nodes, NEVER, np.int64), np.zeros(self._nodes, np.int64)
        np.minimum.at(oldest, node, np.maximum(time, gap.begin))
        np.maximum.at(newest, node, time + 1)
        told = newest > gap.begin
        fresh = told & (gap.until == gap.since)
        since = np.where(fresh, oldest, np.where(told, np.minimum(oldest, gap.since), gap.since))
        return since, np.where(told, np.maximum(newest, gap.until), gap.until)

    def unwatched(self, positions: NDArray[np.intp], tags: NDArray[np.int32]) -> Spans:
        """The unknown spans of the tags at these positions, named by their index in the tag table."""
        begins, ends = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        names = [np.empty(0, np.int32)]
        node = self._node[positions]
        for gap in self._gaps:
            begins += [np.full(len(node), gap.begin), gap.until[node]]
            ends += [gap.since[node], np.full(len(node), gap.end)]
            names += [tags, tags]
        return Spans(np.concatenate(names), np.concatenate(begins), np.concatenate(ends))

    def next_known(self, positions: NDArray[np.intp], at: int) -> int:
        """`at`, or the end of the gap in which it lies if none of the tags is known there any more."""
        for gap in self._gaps:
            if gap.begin <= at < gap.end and (gap.until[self._node[positions]] <= at).all():
                return gap.end
        return at
