"""How the fleet is doing, as one value, one sentence, one health answer and a few metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Phase(StrEnum):
    """Where the edge nodes stand; each value is a sentence for the log."""

    BROKER = "edge nodes wait for the broker"
    HOST = "edge nodes wait for their primary host"
    BORN = "all edge nodes are born"


@dataclass(frozen=True, slots=True)
class FleetStatus:
    """A moment of the fleet.

    Attributes:
        nodes: Edge nodes; `connected` to the broker, `born` with all certificates out.
        world_ms: The world's time, UTC ms; `behind_s` how far that is behind the clock.
        speed: World seconds per second that were reached.
        live: Whether the world keeps up with now.
        values: Live values published since the start; `values_per_s` of the last seconds.
        stored: Values kept in the ring since the start; `replayed` those told again or late, as history; `lost` those
            that fell out of the ring before they are known to have arrived.
        replaying: Edge nodes that have something to replay.
        ring_bytes: Space that the ring uses; `ring_limit_bytes` that it may use; `ring_holds_h` for how many hours
            that lasts as things go now.
        births: Birth sequences since the start.
        commands: Commands carried out; `refused` those that were not.
        backlog_bytes: What waits on the fullest link.
    """

    nodes: int
    connected: int
    born: int
    world_ms: int
    behind_s: float
    speed: float
    live: bool
    values: int
    values_per_s: float
    stored: int
    replayed: int
    lost: int
    replaying: int
    ring_bytes: int
    ring_limit_bytes: int
    ring_holds_h: float
    births: int
    commands: int
    refused: int
    backlog_bytes: int

    @property
    def phase(self) -> Phase:
        """What the fleet waits for."""
        if self.connected < self.nodes:
            return Phase.BROKER
        return Phase.BORN if self.born == self.nodes else Phase.HOST


def sentence(status: FleetStatus) -> str:
    """One line for people."""
    time = datetime.fromtimestamp(status.world_ms / 1000, UTC)
    behind = f", {status.behind_s:.0f} s behind" if status.behind_s >= 2.0 else ""
    return (
        f"{status.born}/{status.nodes} edge nodes, {time:%Y-%m-%d %H:%M:%S} UTC at {status.speed:.1f}x{behind}, "
        f"{status.values_per_s:.0f} values/s"
    )


def health(status: FleetStatus) -> tuple[bool, dict[str, Any]]:
    """Well while every edge node is born; waiting for a primary host is told, not hidden."""
    return status.phase is Phase.BORN, {"phase": status.phase.value, **asdict(status)}


class FleetMetrics(Collector):
    """The status in the form of Prometheus, made when it is asked for."""

    def __init__(self, status: Callable[[], FleetStatus]) -> None:
        self._status = status

    def collect(self) -> Iterable[Metric]:
        """Gauges and counters of this moment."""
        status = self._status()
        gauges = {
            "simulators_nodes": ("Edge nodes", status.nodes),
            "simulators_nodes_connected": ("Edge nodes with a broker", status.connected),
            "simulators_nodes_born": ("Edge nodes whose births are out", status.born),
            "simulators_speed": ("World seconds per second", status.speed),
            "simulators_behind_seconds": ("World time behind the clock", status.behind_s),
            "simulators_backlog_bytes": ("Bytes that wait on the fullest link", status.backlog_bytes),
            "simulators_nodes_replaying": ("Edge nodes that have something to replay", status.replaying),
            "simulators_ring_bytes": ("Space used by what is not known to have arrived", status.ring_bytes),
            "simulators_ring_limit_bytes": ("Space for what is not known to have arrived", status.ring_limit_bytes),
            "simulators_ring_holds_hours": ("Time for which that space lasts as things go", status.ring_holds_h),
        }
        counters = {
            "simulators_values": ("Values published", status.values),
            "simulators_values_stored": ("Values kept until they have arrived", status.stored),
            "simulators_values_replayed": ("Values told again or late, as history", status.replayed),
            "simulators_values_lost": ("Values that fell out of the ring before they have arrived", status.lost),
            "simulators_births": ("Birth sequences", status.births),
            "simulators_commands": ("Commands carried out", status.commands),
            "simulators_commands_refused": ("Commands refused", status.refused),
        }
        for name, (text, value) in gauges.items():
            yield GaugeMetricFamily(name, text, value=value)
        for name, (text, value) in counters.items():
            yield CounterMetricFamily(name, text, value=value)
