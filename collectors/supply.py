"""The data supply of a site as the `health` message tells it: edge nodes, live tags, and the collector itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from collectors.live import LiveState
from collectors.units import UnitTable
from plant.messages import CollectorHealth, HealthMessage, NodeHealth, SiteQuality
from plant.model.enterprise import Enterprise, Site
from plant.readings import GOOD
from plant.sparkplug.host import NodeStatus
from plant.sparkplug.topic import NodeId


class DataSupply:
    """Makes the health messages of the sites that are served."""

    def __init__(self, enterprise: Enterprise, units: UnitTable, live: LiveState) -> None:
        rows = {site: [row for row in units if row.unit.site == site] for site in {row.unit.site for row in units}}
        self._sites = tuple(site for site in enterprise.sites if site.slug in rows)
        self._tags = {site: np.concatenate([row.tags for row in rows[site]]) for site in rows}
        self._devices: dict[NodeId, int] = {}
        for row in units:
            node = NodeId(row.unit.site, row.unit.gateway)
            self._devices[node] = self._devices.get(node, 0) + 1
        self._live = live

    def messages(
        self,
        now: int,
        nodes: Iterable[NodeStatus],
        collector: CollectorHealth,
        quality: Mapping[str, SiteQuality],
    ) -> Mapping[str, HealthMessage]:
        """Health by site slug.

        Args:
            now: Host time, UTC ms.
            nodes: What the host session knows of edge nodes; those that are not in the model are left out.
            collector: How this collector is.
            quality: Of the last full hour by site slug, as far as it is known.
        """
        known = {status.node: status for status in nodes}
        return {
            site.slug: HealthMessage(
                now,
                int(np.count_nonzero(self._live.quality[self._tags[site.slug]] == GOOD)),
                len(self._tags[site.slug]),
                self._nodes(site, known),
                collector,
                quality.get(site.slug),
            )
            for site in self._sites
        }

    def _nodes(self, site: Site, known: Mapping[NodeId, NodeStatus]) -> tuple[NodeHealth, ...]:
        return tuple(
            _node(NodeId(site.slug, gateway.slug), known, self._devices.get(NodeId(site.slug, gateway.slug), 0))
            for gateway in site.gateways
        )


def _node(node: NodeId, known: Mapping[NodeId, NodeStatus], expected: int) -> NodeHealth:
    status = known.get(node) or _unborn(node)
    return NodeHealth(
        node.node,
        status.online,
        status.since_ms,
        status.last_seen_ms,
        status.devices_online,
        expected,
        status.sequence_gaps,
        status.rebirths,
    )


def _unborn(node: NodeId) -> NodeStatus:
    return NodeStatus(node, online=False, since_ms=0, last_seen_ms=0, devices_online=0, sequence_gaps=0, rebirths=0)
