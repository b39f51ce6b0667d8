"""Two collectors share the sites of one broker and one historian: published against stored."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from collecting import Edge, sharded_tiny
from keeping import KeepingEdge, all_stored, lost_or_doubled, measuring
from links import Probe, running, until
from processing import page, service

from dashboard.health import SystemHealth, summary
from dashboard.live.reader import NamespaceReader
from dashboard.live.store import LiveStore
from plant.clock import now_ms
from plant.historian.open import open_historian
from plant.historian.protocol import Historian, Retention
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link
from plant.sparkplug.hoststate import HostState

pytestmark = [pytest.mark.broker, pytest.mark.influxdb]

NODES = {
    ("alpha", "kiln-1", "kiln", "power"): "alpha/shop/kiln-1/kiln/power",
    ("alpha", "board-1", "former", "power"): "alpha/shop/board-1/former/power",
    ("beta", "plant", "former", "power"): "beta/shop/board-1/former/power",
}
"""Edge node and what it measures, and the path of that tag."""
SHARDS = {"collector-1": "alpha", "collector-2": "beta"}


class Dashboard:
    """What a dashboard reads from the namespace."""

    def __init__(self, enterprise: Enterprise) -> None:
        self._enterprise = enterprise
        self.store = LiveStore(now_ms)
        self.reader = NamespaceReader(enterprise.slug, self.store)

    def health(self) -> SystemHealth:
        """Of all collectors together."""
        return summary(self._enterprise, self.store, now_ms(), tabs=0, ticking=True)

    def shards(self) -> dict[str, tuple[str, ...]]:
        """Sites by host id."""
        return {each.host_id: each.sites for each in self.health().collectors}


@asynccontextmanager
async def watching(enterprise: Enterprise, address: BrokerAddress) -> AsyncIterator[Dashboard]:
    """A dashboard's view, connected."""
    dashboard = Dashboard(enterprise)
    link = Link(address, "dashboard", dashboard.reader, rng=random.Random(4))
    dashboard.reader.attach(link.subscribe)
    task = asyncio.create_task(link.run())
    yield dashboard
    await link.close()
    await task


def report(port: int) -> dict[str, Any]:
    """What a collector tells of itself."""
    return dict(json.loads(page(port, "/healthz?detail=1")[1]))


class Plant:
    """The nodes of all sites, and where their tags are."""

    def __init__(self, enterprise: Enterprise, historian: Historian, nodes: Sequence[KeepingEdge]) -> None:
        tags = TagTable(enterprise)
        self._historian = historian
        self._tags = [tags.by_path(path).index for path in NODES.values()]
        self.nodes = dict(zip(NODES.values(), nodes, strict=True))

    def growing(self, site: str, by: int = 50) -> Callable[[], bool]:
        """Whether a site's nodes have measured so many values since now and all of these are stored."""
        rows = [row for row in zip(self._tags, self.nodes.items(), strict=True) if row[1][0].startswith(site)]
        goals = [(tag, node, len(node.kept) + by) for tag, (_, node) in rows]

        def stored() -> bool:
            for tag, node, goal in goals:
                if len(node.kept) < goal:
                    return False
                first = dict(list(node.kept.items())[:goal])
                if lost_or_doubled(self._historian, tag, first):
                    return False
            return True

        return stored

    async def settle(self) -> None:
        """Stop measuring; all is stored, once."""
        for tag, node in zip(self._tags, self.nodes.values(), strict=True):
            await all_stored(self._historian, tag, node)


@asynccontextmanager
async def running_plant(enterprise: Enterprise, historian: Historian, address: BrokerAddress) -> AsyncIterator[Plant]:
    """All edge nodes measure."""
    async with AsyncExitStack() as stack:
        nodes = [
            await stack.enter_async_context(measuring(enterprise, site, node, address, unit, metric))
            for site, node, unit, metric in NODES
        ]
        yield Plant(enterprise, historian, nodes)


def test_two_shards_share_the_sites_and_one_does_not_need_the_other(
    mosquitto: BrokerAddress, influxdb: str, tmp_path: Path, free_port: Callable[[], int]
):
    """Two real processes: each stores its site's values and no other's, kill -9 of one leaves the other untouched.

    What the nodes of the killed one measured meanwhile is stored when it is back. The dashboard sees both, then one,
    then both.
    """
    enterprise = sharded_tiny(tmp_path)
    historian = open_historian(influxdb, TagTable(enterprise), tmp_path, Retention())
    ports = {host: free_port() for host in SHARDS}

    def shard(host: str) -> AbstractContextManager[subprocess.Popen[str]]:
        arguments = ("--broker", str(mosquitto), "--historian", influxdb, "--model", str(tmp_path / "sharded.yaml"))
        own = ("--host-id", host, "--data", str(tmp_path / host), "--service-port", str(ports[host]))
        return service(*arguments, *own)

    async def main() -> None:
        state = Probe([("spBv1.0/STATE/#", 1)])
        async with (
            running(mosquitto, "reader", state),
            watching(enterprise, mosquitto) as dashboard,
            running_plant(enterprise, historian, mosquitto) as plant,
        ):
            with shard("collector-1") as first:
                with shard("collector-2") as second:
                    await until(lambda: dashboard.health().sites_live == 2, "both sites are live", 60.0)
                    assert dashboard.shards() == {"collector-1": ("alpha",), "collector-2": ("beta",)}
                    assert dashboard.health().ok
                    for site in SHARDS.values():
                        await until(plant.growing(site), f"{site} is stored", 30.0)
                    for host, site in SHARDS.items():
                        told = report(ports[host])
                        assert (set(told["sites"]), told["collector"]["quarantined"]) == ({site}, {}), "nothing foreign"
                        assert told["collector"]["written"] > 50
                        assert _births(plant, site) == {1}, "each node is born once, for its own host"
                    born = _births(plant, "alpha")
                    second.kill()
                    await asyncio.to_thread(second.wait)
                await until(lambda: dashboard.health().sites_live == 1, "the dashboard sees that one is away", 60.0)
                assert dashboard.shards() == {"collector-1": ("alpha",)}
                await until(plant.growing("alpha"), "the other site goes on", 30.0)
                assert _births(plant, "alpha") == born, "its nodes have noticed nothing"
                assert not HostState.decode(state.payloads("spBv1.0/STATE/collector-2")[-1]).online
                with shard("collector-2"):
                    await until(lambda: dashboard.health().ok, "both are back", 60.0)
                    await plant.settle()
                    assert first.poll() is None

    asyncio.run(main())
    historian.close()


def _births(plant: Plant, site: str) -> set[int]:
    nodes: list[Edge] = [node for path, node in plant.nodes.items() if path.startswith(site)]
    return {node.births for node in nodes}
