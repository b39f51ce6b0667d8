"""The state machine of one edge node: what goes in is what happened, what comes out is what to do about it.

::

                 connecting -> Connect          connected -> Subscribe...
    DISCONNECTED ---------------------> OPENING ----------------> WAITING --- STATE online ---> BORN
         ^                                                            (at once without primary host)  |
         +----- disconnected(), disconnect(), STATE offline: NDEATH, Disconnect(reconnect) -----------+

Only in BORN is DATA published. bdSeq belongs to a connection, seq to a birth sequence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum

from plant.errors import BadInputError
from plant.readings import GOOD
from plant.sparkplug.actions import Connect, Disconnect, Publish, Subscribe
from plant.sparkplug.codec import decode, encode
from plant.sparkplug.datatypes import Value
from plant.sparkplug.edge.commands import read_commands
from plant.sparkplug.edge.definition import EdgeDefinition, MetricDefinition
from plant.sparkplug.edge.events import (
    BirthCause,
    BirthsSent,
    EdgeOutput,
    Ignored,
    PrimaryHostChanged,
)
from plant.sparkplug.edge.primary import PrimaryHostGate
from plant.sparkplug.edge.source import EdgeSource, add_bd_seq, add_rebirth_control, in_order
from plant.sparkplug.hoststate import HostState
from plant.sparkplug.names import SEQUENCE_MODULUS
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.topic import NAMESPACE, Source, StateTopic, Topic, Verb, parse

_FIRST_ALIAS = 1  # 0 is legal, but there are hosts that take it for "no alias"
_DISCONNECT_WITH_WILL = 0x04


class _Phase(Enum):
    DISCONNECTED = "disconnected"
    OPENING = "opening"
    WAITING = "waiting"
    BORN = "born"


class EdgeSession:
    """One edge node on one MQTT connection.

    Every method takes the time as ``now_ms``, UTC ms. Outputs are to be carried out in their order.
    """

    def __init__(self, definition: EdgeDefinition, last_bd_seq: int | None = None) -> None:
        """Begin disconnected.

        Args:
            definition: The node, its devices and their metrics.
            last_bd_seq: bdSeq of the last CONNECT as it was persisted; None if there never was one.
        """
        self._definition = definition
        self._bd_seq = last_bd_seq
        self._phase = _Phase.DISCONNECTED
        self._seq = 0
        self._gate = PrimaryHostGate()
        self._sources = _sources_of(definition)

    @property
    def born(self) -> bool:
        """Whether DATA is published now; if not, `data` only remembers the values for the next births."""
        return self._phase is _Phase.BORN

    @property
    def bd_seq(self) -> int | None:
        """The bdSeq of the last CONNECT."""
        return self._bd_seq

    def connecting(self, now_ms: int) -> Connect:
        """The next CONNECT, with a will of its own; ask before every attempt and persist ``bd_seq`` first."""
        self._bd_seq = 0 if self._bd_seq is None else (self._bd_seq + 1) % SEQUENCE_MODULUS
        self._phase = _Phase.OPENING
        return Connect(will=replace(self._death(now_ms), qos=1), bd_seq=self._bd_seq)

    def connected(self, now_ms: int) -> list[EdgeOutput]:
        """The CONNACK is here: subscribe, and without a primary host publish the births."""
        definition = self._definition
        self._phase = _Phase.WAITING
        outputs: list[EdgeOutput] = [Subscribe(str(Topic(definition.group, Verb.NCMD, definition.node)))]
        outputs += self._device_commands()
        if definition.primary_host is not None:
            return [*outputs, Subscribe(str(StateTopic(definition.primary_host)))]
        return [*outputs, *self._births(BirthCause.CONNECTED, now_ms)]

    def disconnected(self, now_ms: int) -> list[EdgeOutput]:
        """The connection is lost; the broker publishes the will."""
        self._phase = _Phase.DISCONNECTED
        return self._host_is_unknown(now_ms)

    def disconnect(self, now_ms: int) -> list[EdgeOutput]:
        """End deliberately: NDEATH first, then DISCONNECT."""
        return self._leave("stopped", now_ms, reconnect=False)

    def message(self, topic: str, payload: bytes, now_ms: int, *, retained: bool = False) -> list[EdgeOutput]:
        """A message of a subscribed topic has arrived.

        Args:
            topic: Its topic.
            payload: Its payload.
            now_ms: Time of arrival, UTC ms.
            retained: Whether it carries the retain flag; retained commands are ignored.
        """
        try:
            match parse(topic):
                case StateTopic(host) if host == self._definition.primary_host:
                    return self._host_state(HostState.decode(payload), now_ms)
                case Topic(verb=Verb.NCMD | Verb.DCMD) as command if not retained:
                    return self._command(command, payload, now_ms)
                case _:
                    return [Ignored("wrong_topic", f"{topic!r} is not for this edge node, or is a retained command")]
        except BadInputError as error:
            return [Ignored(error.reason, f"{topic}: {error}")]

    def data(
        self,
        device: str | None,
        indices: Sequence[int],
        timestamps_ms: Sequence[int],
        values: Sequence[Value | None],
        now_ms: int,
        *,
        qualities: Sequence[int] | None = None,
        historical: bool = False,
    ) -> Publish | None:
        """Publish changed values of the node (``device`` None) or of a device as one message.

        Values that are not historical also become the current ones for later births, published or not.

        Args:
            device: Device id, None for the node.
            indices: Positions of the metrics in their definitions; one may come more than once.
            timestamps_ms: When each value was captured, UTC ms.
            values: Python values of the metrics' datatypes (``ndarray.tolist()``), None for null.
            now_ms: Time of sending, UTC ms.
            qualities: 0, 192 or 500 each; None for all good.
            historical: These are replayed values: flag them as such.

        Returns:
            The message, or None when there is nothing to publish: no births are out, the device is dead, no values.

        Raises:
            IncompatibleValueError: a value does not fit its datatype; nothing has changed then.
        """
        source = self._sources[device]
        if qualities is None:
            qualities = [GOOD] * len(indices)
        rows = in_order(indices, timestamps_ms, values, qualities)
        payload = SparkplugPayload(timestamp=now_ms, seq=self._seq)
        source.add_data(payload, rows, historical=historical)
        if not historical:
            source.remember(rows)
        if self._phase is not _Phase.BORN or not source.alive or not rows:
            return None
        self._seq = (self._seq + 1) % SEQUENCE_MODULUS
        return Publish(source.data_topic, encode(payload))

    def remember(self, device: str | None, timestamp_ms: int, values: Sequence[Value | None]) -> None:
        """Make these the current values of all metrics of the node or of a device, for the births to come.

        Args:
            device: Device id, None for the node.
            timestamp_ms: When they were captured, UTC ms.
            values: One per metric in the order of the definitions, None for null; all good.
        """
        self._sources[device].remember([(index, timestamp_ms, value, GOOD) for index, value in enumerate(values)])

    def first_alias(self, device: str | None) -> int:
        """Alias of the first metric of the node or of a device in all births; the others follow one by one."""
        return self._sources[device].first_alias

    def encoded(self, device: str | None, body: bytes) -> Publish | None:
        """Publish values that somebody else has encoded, for senders of very many of them; see `remember` too.

        Args:
            device: Device id, None for the node.
            body: A DATA payload without its seq, which is appended here: protobuf fields may come in any order.

        Returns:
            The message, or None when no births are out or the device is dead.
        """
        source = self._sources[device]
        if self._phase is not _Phase.BORN or not source.alive:
            return None
        seq = encode(SparkplugPayload(seq=self._seq))
        self._seq = (self._seq + 1) % SEQUENCE_MODULUS
        return Publish(source.data_topic, body + seq)

    def device_lost(self, device: str, now_ms: int) -> list[EdgeOutput]:
        """The node cannot reach the device any more: DDEATH."""
        source = self._sources[device]
        was_alive, source.alive = source.alive, False
        if not self.born or not was_alive:
            return []
        return [Publish(source.death_topic, encode(self._next_payload(now_ms)))]

    def device_found(self, device: str, now_ms: int) -> list[EdgeOutput]:
        """The node reaches the device again: DBIRTH."""
        source = self._sources[device]
        was_alive, source.alive = source.alive, True
        return [self._birth_of(source, now_ms)] if self.born and not was_alive else []

    def redefine(
        self,
        devices: Mapping[str, tuple[MetricDefinition, ...]],
        node_metrics: tuple[MetricDefinition, ...],
        now_ms: int,
    ) -> list[EdgeOutput]:
        """Change devices or metrics while running: all births again, with the bdSeq of this connection.

        Devices that are no more get a DDEATH first.

        Raises:
            InvalidTopicError, ConfigurationError: as `EdgeDefinition` does; nothing has changed then.
        """
        definition = replace(self._definition, devices=devices, node_metrics=node_metrics)
        gone = [device for device in self._sources if device is not None and device not in devices]
        deaths = [death for device in gone for death in self.device_lost(device, now_ms)]
        former, self._definition, self._sources = self._sources, definition, _sources_of(definition)
        for device, source in self._sources.items():
            if device in former:
                source.take_over(former[device])
        if self._phase in {_Phase.DISCONNECTED, _Phase.OPENING}:
            return []
        births = self._births(BirthCause.CHANGED, now_ms) if self.born else []
        return [*deaths, *self._device_commands(), *births]

    def rebirth(self, now_ms: int) -> list[EdgeOutput]:
        """All births again, with the bdSeq of this connection; [] when none are out."""
        return self._births(BirthCause.REBIRTH, now_ms) if self.born else []

    def _host_state(self, state: HostState, now_ms: int) -> list[EdgeOutput]:
        was_online = self._gate.online
        refusal = self._gate.offer(state, now_ms)
        if refusal is not None:
            return [Ignored("stale_state", f"STATE of {self._definition.primary_host} does not count: {refusal}")]
        if state.online == was_online:
            return []
        changed = PrimaryHostChanged(state.online, state.timestamp_ms)
        if state.online:
            return [changed, *self._births(BirthCause.HOST_ONLINE, now_ms)]
        return [changed, *self._leave("the primary host is offline", now_ms, reconnect=True)]

    def _host_is_unknown(self, now_ms: int) -> list[EdgeOutput]:
        was_online, self._gate.online = self._gate.online, False
        return [PrimaryHostChanged(online=False, since_ms=now_ms)] if was_online else []

    def _command(self, topic: Topic, payload: bytes, now_ms: int) -> list[EdgeOutput]:
        source = self._sources.get(topic.device)
        if source is None or topic.source != source.source:
            return [Ignored("wrong_topic", f"{topic} is for another edge node or an unknown device")]
        outputs, wants_rebirth = read_commands(source, decode(payload))
        return [*outputs, *(self.rebirth(now_ms) if wants_rebirth else [])]

    def _device_commands(self) -> list[Subscribe]:
        """The subscription to commands of the devices, if any of them can be written."""
        definition = self._definition
        if not any(metric.writable for own in definition.devices.values() for metric in own):
            return []
        return [Subscribe(f"{NAMESPACE}/{definition.group}/{Verb.DCMD}/{definition.node}/+")]

    def _births(self, cause: BirthCause, now_ms: int) -> list[EdgeOutput]:
        self._phase = _Phase.BORN
        self._seq = 0
        births = [self._birth_of(source, now_ms) for source in self._sources.values() if source.alive]
        return [*births, BirthsSent(cause, now_ms)]

    def _birth_of(self, source: EdgeSource, now_ms: int) -> Publish:
        payload = self._next_payload(now_ms)
        if source.source.device is None:
            add_bd_seq(payload, self._live_bd_seq(), now_ms)
            add_rebirth_control(payload, now_ms)
        source.add_current(payload, now_ms)
        return Publish(source.birth_topic, encode(payload))

    def _next_payload(self, now_ms: int) -> SparkplugPayload:
        payload = SparkplugPayload(timestamp=now_ms, seq=self._seq)
        self._seq = (self._seq + 1) % SEQUENCE_MODULUS
        return payload

    def _death(self, now_ms: int) -> Publish:
        """NDEATH: bdSeq and nothing else, without seq.

        When published it goes at QoS 0 like all other messages, so that no client library sends it again on the next
        connection because it was not acknowledged; as a will it is registered at QoS 1.
        """
        payload = SparkplugPayload(timestamp=now_ms)
        add_bd_seq(payload, self._live_bd_seq(), now_ms)
        return Publish(self._sources[None].death_topic, encode(payload))

    def _leave(self, cause: str, now_ms: int, *, reconnect: bool) -> list[EdgeOutput]:
        """NDEATH if there was an NBIRTH (it may not be the first message of a connection), then DISCONNECT."""
        deaths = [self._death(now_ms)] if self.born else []
        self._phase = _Phase.DISCONNECTED
        return [*deaths, Disconnect(cause, reconnect, _DISCONNECT_WITH_WILL)]

    def _live_bd_seq(self) -> int:
        if self._bd_seq is None:
            raise RuntimeError("ask connecting() for the CONNECT before anything is published")
        return self._bd_seq


def _sources_of(definition: EdgeDefinition) -> dict[str | None, EdgeSource]:
    """The node first, then its devices; aliases run on over all of them."""
    sources: dict[str | None, EdgeSource] = {}
    alias = _FIRST_ALIAS
    parts: list[tuple[str | None, tuple[MetricDefinition, ...]]] = [(None, definition.node_metrics)]
    for device, own in [*parts, *definition.devices.items()]:
        sources[device] = EdgeSource(Source(definition.group, definition.node, device), own, alias)
        alias += len(own)
    return sources
