"""An edge node that keeps what it says and says it again when in doubt, as the simulators' do, at any rate."""

from __future__ import annotations

import random

import numpy as np
from faults.grid import Grid

from benchmarks.workload import DEVICE, FLEET, METRIC_NAMES, METRICS
from plant.clock import now_ms
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.edge import BirthsSent, EdgeDefinition, EdgeOutput, EdgeSession, MetricDefinition
from simulators.fleet.delivery import Delivery

METRIC_DEFINITIONS = tuple(MetricDefinition(name, DataType.DOUBLE) for name in METRIC_NAMES)
FULL_BYTES = 1 << 20
"""A link on which this much waits is given no more of the past."""
MERGED = 8
"""Steps of the past in one message."""


class StoringEdge:
    """The edge node of one machine of the benchmarks' model; a `plant.mqtt.link.LinkHandler`.

    Args:
        machine: Its number.
        address: The broker.
        grid: What it says.
        overlap_s: How long connection and host must have held until what was sent counts as arrived.
        host: Waits with its births for the STATE of this host; None waits for nobody.
        past: Steps that it has kept from before.

    Attributes:
        births: Birth sequences.
        replayed: Values that were told as history.
        born_with: Steps whose values its births have told.
    """

    def __init__(
        self, machine: int, address: BrokerAddress, grid: Grid, *, overlap_s: float, host: str | None, past: int
    ) -> None:
        self.machine = FLEET[machine]
        self.number = machine
        self.births = 0
        self.replayed = 0
        self.born_with: set[int] = set()
        self._newest = past - 1  # step of the current values
        self.delivery = Delivery(past, overlap_s)
        definition = EdgeDefinition(
            self.machine.site, self.machine.line, {DEVICE: METRIC_DEFINITIONS}, primary_host=host
        )
        self._grid = grid
        self._session = EdgeSession(definition)
        name = f"{self.machine.site}-{self.machine.line}"
        self.link = Link(address, name, self, rng=random.Random(machine), quiet=True)

    @property
    def born(self) -> bool:
        """Whether its births are out on a connection that stands."""
        return self._session.born and self.link.connected

    @property
    def settled(self) -> bool:
        """Whether all that it has kept is on its way to a host."""
        return self.born and not self.delivery.pending and not self.link.backlog

    def tell(self, step: int) -> None:
        """Say all metrics of a step, or keep them for later."""
        message = self._data(step, step, historical=False)
        self._newest = step
        live = message is not None and self.link.publish(message.topic, message.payload)
        self.delivery.told(step + 1, live=live)

    def replay(self) -> int:
        """Say some of what was kept; how many values that were."""
        delivery = self.delivery
        if not (self.born and delivery.pending) or self.link.backlog > FULL_BYTES:
            return 0
        first, last = delivery.sent, min(delivery.gap_end, delivery.sent + MERGED) - 1
        message = self._data(first, last, historical=True)
        if message is None or not self.link.publish(message.topic, message.payload):
            return 0
        delivery.replayed(last + 1)
        self.replayed += (last - first + 1) * METRICS
        return (last - first + 1) * METRICS

    def confirm(self, now_s: float) -> None:
        """Connection and host are still there, if they are."""
        if self.born:
            self.delivery.confirm(now_s)

    async def leave(self) -> None:
        """NDEATH, DISCONNECT, and the end of the link."""
        self._carry_out(self._session.disconnect(now_ms()))
        await self.link.close()

    def _data(self, first: int, last: int, *, historical: bool) -> Publish | None:
        steps = np.arange(first, last + 1)
        times = np.repeat([self._grid.time(self.number, step) for step in steps.tolist()], METRICS).tolist()
        values = self._grid.values(self.number, steps).ravel().tolist()
        indices = list(range(METRICS)) * len(steps)
        return self._session.data(DEVICE, indices, times, values, now_ms(), historical=historical)

    # LinkHandler

    def will(self) -> Will:
        """The NDEATH of the next connection."""
        will = self._session.connecting(now_ms()).will
        return Will(will.topic, will.payload, will.qos, will.retain)

    def on_connected(self) -> None:
        """Births, unless a host gates them."""
        self._carry_out(self._session.connected(now_ms()))

    def on_subscribed(self) -> None:
        """Nothing waits for this."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A rebirth is wanted, or the host came or went."""
        self._carry_out(self._session.message(topic, payload, now_ms(), retained=retained))

    def on_disconnected(self) -> None:
        """The link is gone."""
        self._carry_out(self._session.disconnected(now_ms()))

    def _carry_out(self, outputs: list[EdgeOutput]) -> None:
        for output in outputs:
            match output:
                case Publish(topic, payload, qos, retain):
                    self.link.publish(topic, payload, qos, retain)
                case Subscribe(topic_filter, qos):
                    self.link.subscribe([(topic_filter, qos)])
                case Disconnect(reconnect=True):
                    self.link.reconnect()
                case BirthsSent():
                    self.births += 1
                    self.born_with.add(self._newest)
                    self.delivery.doubt()
                case _:
                    continue
