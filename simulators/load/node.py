"""One edge node of a load test: a Sparkplug session on an MQTT connection of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.edge import BirthsSent, EdgeDefinition, EdgeOutput, EdgeSession
from plant.sparkplug.names import SEQUENCE_MODULUS

Clock = Callable[[], int]
"""Wall clock, UTC ms."""
Current = Callable[[str | None], list[float]]
"""Present values of a device, or of the node (None)."""

_FIXED_HEADER = 1
_TOPIC_LENGTH = 2


class LoadNode:
    """Publishes bodies that it is given.

    Args:
        definition: Its devices and metrics.
        address: The broker.
        clock: Wall clock, UTC ms.
        current: Asked before births, which tell every value.
        rng: For the back-off of the link.

    Attributes:
        births: Birth sequences.
    """

    def __init__(
        self,
        definition: EdgeDefinition,
        address: BrokerAddress,
        *,
        clock: Clock,
        current: Current,
        rng: random.Random,
    ) -> None:
        self.births = 0
        self._clock = clock
        self._current = current
        self._sources: list[str | None] = list(definition.devices) or [None]
        self._session = EdgeSession(definition, clock() // 1000 % SEQUENCE_MODULUS)
        self.link = Link(address, f"load-{definition.group}-{definition.node}", self, rng=rng, quiet=True)

    @property
    def born(self) -> bool:
        """Whether its births are out on a connection that stands."""
        return self._session.born and self.link.connected

    def first_alias(self, device: str | None) -> int:
        """Alias of the first metric of a device, or of the node (None)."""
        return self._session.first_alias(device)

    def send(self, device: str | None, body: bytes) -> int:
        """Publish a DATA body.

        Returns:
            Bytes of the MQTT packet; 0 when it is not on its way.
        """
        message = self._session.encoded(device, body)
        if message is None or not self.link.publish(message.topic, message.payload, message.qos):
            return 0
        rest = _TOPIC_LENGTH + len(message.topic) + len(message.payload)
        return _FIXED_HEADER + max(1, -(-rest.bit_length() // 7)) + rest

    async def stop(self) -> None:
        """NDEATH, DISCONNECT, and the end of the link."""
        self._carry_out(self._session.disconnect(self._clock()))
        await self.link.close()

    def will(self) -> Will:
        """The NDEATH of the next connection."""
        will = self._session.connecting(self._clock()).will
        return Will(will.topic, will.payload, will.qos, will.retain)

    def on_connected(self) -> None:
        """Births, unless a primary host gates them."""
        self._remember()
        self._carry_out(self._session.connected(self._clock()))

    def on_subscribed(self) -> None:
        """Nothing waits for this."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A rebirth is wanted, or the primary host came or went."""
        self._remember()
        self._carry_out(self._session.message(topic, payload, self._clock(), retained=retained))

    def on_disconnected(self) -> None:
        """The link is gone."""
        self._carry_out(self._session.disconnected(self._clock()))

    def _remember(self) -> None:
        """Births to come tell the present values; the session has not seen those that went by it encoded."""
        now_ms = self._clock()
        for device in self._sources:
            self._session.remember(device, now_ms, self._current(device))

    def _carry_out(self, outputs: Iterable[EdgeOutput]) -> None:
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
                case _:  # nothing is writable, and who comes and goes shows in what is reached
                    continue
