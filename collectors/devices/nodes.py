"""Gateways behind which there are devices alone: shown as edge nodes, although no Sparkplug node is born for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collectors.live import LiveState
from collectors.units import UnitTable
from plant.readings import GOOD
from plant.sparkplug.host import NodeStatus
from plant.sparkplug.topic import NodeId


@dataclass(slots=True)
class _Node:
    units: list[NDArray[np.intp]]
    online: bool = False
    since_ms: int = 0


class DeviceNodes:
    """How such gateways stand.

    Args:
        units: The units that are served.
        live: What they show.
    """

    def __init__(self, units: UnitTable, live: LiveState) -> None:
        self._live = live
        self._nodes: dict[NodeId, _Node] = {}
        for row in units:
            node = self._nodes.setdefault(NodeId(row.unit.site, row.unit.gateway), _Node([]))
            node.units.append(row.tags)

    def nodes(self, claimed: NDArray[np.intp], now: int) -> Sequence[NodeStatus]:
        """Status of each gateway whose tags all belong to devices.

        Args:
            claimed: Tags that devices speak for.
            now: Host time, UTC ms.
        """
        of_devices = np.zeros(len(self._live.quality), np.bool_)
        of_devices[claimed] = True
        return [
            self._status(name, node, now)
            for name, node in self._nodes.items()
            if all(of_devices[tags].all() for tags in node.units) and any(map(len, node.units))
        ]

    def _status(self, name: NodeId, node: _Node, now: int) -> NodeStatus:
        speaking = sum(bool((self._live.quality[tags] == GOOD).any()) for tags in node.units)
        if (speaking > 0) != node.online:
            node.online, node.since_ms = speaking > 0, now
        last_seen = max((int(self._live.time[tags].max(initial=0)) for tags in node.units), default=0)
        return NodeStatus(
            name,
            online=node.online,
            since_ms=node.since_ms,
            last_seen_ms=last_seen,
            devices_online=speaking,
            sequence_gaps=0,
            rebirths=0,
        )
