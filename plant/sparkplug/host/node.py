"""One edge node as a host sees it: its births, its order of messages, who is online and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from plant.errors import BadInputError
from plant.sparkplug.codec import encode
from plant.sparkplug.envelope import Envelope
from plant.sparkplug.host.births import Declarations, read_bd_seq, read_declarations
from plant.sparkplug.host.config import HostConfig
from plant.sparkplug.host.events import (
    Birth,
    Data,
    HostOutput,
    MetricsStale,
    NodeOffline,
    NodeOnline,
    OfflineCause,
    RebirthCause,
    Rejected,
    SequenceGap,
    Unread,
)
from plant.sparkplug.host.rebirth import RebirthDesk
from plant.sparkplug.host.reorder import ReorderBuffer
from plant.sparkplug.names import SEQUENCE_MODULUS
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.samples import LATEST_TIMESTAMP_MS, BirthTable, Reading, Reject
from plant.sparkplug.topic import NodeId, Source, Topic, Verb

Body: TypeAlias = SparkplugPayload | Envelope


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """How an edge node stands.

    Attributes:
        node: Which one.
        online: Born and not dead.
        since_ms: Host's time of the last change of ``online``, UTC ms.
        last_seen_ms: Host's time of its last message, UTC ms.
        devices_online: Devices that are born and not dead.
        sequence_gaps: Times that a message of it was missing.
        rebirths: Rebirths asked of it.
    """

    node: NodeId
    online: bool
    since_ms: int
    last_seen_ms: int
    devices_online: int
    sequence_gaps: int
    rebirths: int


@dataclass(slots=True)  # not frozen: one is made per message
class Message:
    """A message with a sequence number, on its way through the reorder buffer; decoded, or its envelope alone."""

    topic: Topic
    payload: Body
    at_ms: int
    size: int


class NodeView:
    """State of one edge node; the session feeds it decoded messages and the time.

    Attributes:
        node: Which one.
        online: Born and not dead.
        since_ms: Host's time of the last change of ``online``, UTC ms.
    """

    def __init__(self, node: NodeId, config: HostConfig, rebirths: RebirthDesk) -> None:
        self.node = node
        self.online = False
        self.since_ms = 0
        self._config = config
        self._rebirths = rebirths
        self._bd_seq: int | None = None
        self._tables: dict[str | None, BirthTable] = {}
        self._unborn: set[str] = set()
        self._births_due_ms: int | None = None
        self._buffer: ReorderBuffer[Message] = ReorderBuffer(0, config.reorder_timeout_ms)
        self._waiting_bytes = 0
        self._last_seen_ms = 0
        self._gaps = 0

    def status(self) -> NodeStatus:
        """How it stands now."""
        devices = sum(device is not None for device in self._tables)
        rebirths = self._rebirths.times(self.node)
        return NodeStatus(self.node, self.online, self.since_ms, self._last_seen_ms, devices, self._gaps, rebirths)

    def table_of(self, device: str | None) -> BirthTable | None:
        """The last birth of the node or a device; None while it is offline."""
        return self._tables.get(device)

    def birth(self, topic: Topic, payload: SparkplugPayload, now_ms: int) -> list[HostOutput]:
        """NBIRTH: the node is online, each device only after its own DBIRTH.

        With the same bdSeq it is a rebirth within a connection: its devices are given `birth_timeout_ms` to follow.
        With another one the node was away unseen, so its devices are stale at once.

        Raises:
            BadInputError: no valid ``seq``, or too many metrics.
        """
        seq = _seq_of(payload)
        declarations = read_declarations(payload)
        self._check_room(declarations.table, beside=[])
        outputs = self._drain()
        bd_seq = read_bd_seq(payload)
        reborn = self.online and bd_seq is not None and bd_seq == self._bd_seq
        devices = {device for device in self._tables if device is not None} | self._unborn
        if reborn:
            self._unborn = devices
            self._births_due_ms = now_ms + self._config.birth_timeout_ms
        else:
            self._unborn = set()
            outputs += [self._stale(device, now_ms, OfflineCause.NEW_SESSION) for device in sorted(devices)]
            outputs.append(NodeOnline(self.node, now_ms, bd_seq))
            self.online, self.since_ms = True, now_ms
        self._bd_seq = bd_seq
        self._tables = {}
        self._last_seen_ms = now_ms
        self._buffer = ReorderBuffer(seq + 1, self._config.reorder_timeout_ms)
        self._rebirths.cancel(self.node)
        return [*outputs, *self._declare(topic, payload, now_ms, declarations)]

    def receive(self, message: Message) -> list[HostOutput]:
        """NDATA, DBIRTH, DDATA or DDEATH: wait for its turn, then use it.

        Raises:
            BadInputError: no valid ``seq``, or it came twice or too late.
        """
        now_ms = message.at_ms
        self._last_seen_ms = now_ms
        ready = self._buffer.offer(_seq_of(message.payload), message, now_ms)
        if ready is None:
            raise BadInputError("late_sequence", f"seq {message.payload.seq} came twice or is from the past")
        if ready:
            self._waiting_bytes -= sum(waited.size for waited in ready[1:])
            return self._use(ready)
        self._waiting_bytes += message.size
        limits = self._config.limits
        if len(self._buffer) > limits.reorder_messages or self._waiting_bytes > limits.reorder_bytes:
            return self._stop_waiting(now_ms)
        return []

    def death(self, payload: SparkplugPayload, now_ms: int) -> list[HostOutput]:
        """NDEATH: counts only with the bdSeq of the live NBIRTH; a second one has no effect.

        Raises:
            BadInputError: it belongs to another connection of the node.
        """
        if not self.online:
            return []
        bd_seq = read_bd_seq(payload)
        if self._bd_seq is not None and bd_seq != self._bd_seq:
            raise BadInputError("stale_death", f"NDEATH has bdSeq {bd_seq}, the live NBIRTH has {self._bd_seq}")
        self._last_seen_ms = now_ms
        return self.offline(now_ms, OfflineCause.DEATH)

    def offline(self, now_ms: int, cause: OfflineCause) -> list[HostOutput]:
        """The node is away, and all that belongs to it, as of the host's time."""
        if not self.online:
            return []
        outputs = self._drain()
        self.online, self.since_ms = False, now_ms
        outputs.append(NodeOffline(self.node, now_ms, cause))
        away = [*self._tables, *sorted(self._unborn)]
        for device in away:
            of_device = OfflineCause.NODE_DEATH if cause is OfflineCause.DEATH and device is not None else cause
            outputs.append(self._stale(device, now_ms, of_device))
        self._tables = {}
        self._unborn = set()
        self._births_due_ms = None
        self._rebirths.cancel(self.node)
        return outputs

    def tick(self, now_ms: int) -> list[HostOutput]:
        """What has waited long enough: a missing message, a missing DBIRTH."""
        outputs = self._stop_waiting(now_ms) if self._buffer.is_due(now_ms) else []
        due_ms = self._births_due_ms
        if due_ms is not None and not 0 < due_ms - now_ms <= self._config.birth_timeout_ms:
            outputs += [self._stale(device, now_ms, OfflineCause.NOT_REBORN) for device in sorted(self._unborn)]
            self._unborn = set()
            self._births_due_ms = None
        return outputs

    def _stop_waiting(self, now_ms: int) -> list[HostOutput]:
        """Go on without the missing message: values carry their own times, so what waited is still good."""
        self._gaps += 1
        gap = SequenceGap(self.node, self._buffer.expected, now_ms)
        return [gap, *self._drain(), *self._rebirths.ask(self.node, RebirthCause.SEQUENCE_GAP, now_ms)]

    def _drain(self) -> list[HostOutput]:
        self._waiting_bytes = 0
        return self._use(self._buffer.skip())

    def _use(self, messages: list[Message]) -> list[HostOutput]:
        return [output for message in messages for output in self._use_one(message)]

    def _use_one(self, message: Message) -> list[HostOutput]:
        try:
            if isinstance(message.payload, Envelope):
                return self._unread(message.topic, message.payload, message.at_ms)
            match message.topic.verb:
                case Verb.DBIRTH:
                    return self._device_birth(message, message.payload)
                case Verb.DDEATH:
                    return self._device_death(message, message.payload)
                case _:
                    return self._data(message.topic, message.payload, message.at_ms)
        except BadInputError as error:
            return [Rejected(error.reason, 1, str(message.topic), str(error), _bytes_of(message.payload))]

    def _device_birth(self, message: Message, payload: SparkplugPayload) -> list[HostOutput]:
        device = message.topic.device
        declarations = read_declarations(payload)
        beside = [table for name, table in self._tables.items() if name != device]
        self._check_room(declarations.table, beside)
        self._unborn.discard(device or "")
        return self._declare(message.topic, payload, message.at_ms, declarations)

    def _device_death(self, message: Message, payload: SparkplugPayload) -> list[HostOutput]:
        device = message.topic.device
        known = self._tables.pop(device, None) is not None or device in self._unborn
        self._unborn.discard(device or "")
        sent_ms = payload.timestamp
        at_ms = sent_ms if 0 < sent_ms <= LATEST_TIMESTAMP_MS else message.at_ms
        return [self._stale(device, at_ms, OfflineCause.DEATH)] if known else []

    def _unread(self, topic: Topic, envelope: Envelope, now_ms: int) -> list[HostOutput]:
        table = self._tables.get(topic.device)
        if table is None:
            return before_birth(topic, self._rebirths, envelope, now_ms)
        return [Unread(topic, envelope, table, now_ms)]

    def _data(self, topic: Topic, payload: SparkplugPayload, now_ms: int) -> list[HostOutput]:
        table = self._tables.get(topic.device)
        if table is None:
            return before_birth(topic, self._rebirths, payload, now_ms)
        return read_data(topic, payload, table, now_ms, self._rebirths)

    def _declare(
        self, topic: Topic, payload: SparkplugPayload, now_ms: int, declarations: Declarations
    ) -> list[HostOutput]:
        """Take over a table and the values that came with it."""
        table = self._tables[topic.device] = declarations.table
        reading = table.read(payload)
        # What is not in the table was counted as broken, or belongs to the protocol.
        reading.rejected.pop(Reject.UNKNOWN_METRIC, None)
        if declarations.broken:
            reading.rejected[Reject.BAD_DECLARATION] = declarations.broken
        return [Birth(topic.source, table, reading, now_ms), *_rejections(topic, reading)]

    def _check_room(self, declared: BirthTable, beside: list[BirthTable]) -> None:
        """Refuse a birth that would take this node over a limit; ``beside`` are the tables that stay."""
        limits = self._config.limits
        if len(beside) > limits.devices_per_node:  # one of them is the node's own
            raise BadInputError("too_many_devices", f"{self.node} has more than {limits.devices_per_node} devices")
        if sum(map(len, beside)) + len(declared) > limits.metrics_per_node:
            raise BadInputError("too_many_metrics", f"{self.node} has more than {limits.metrics_per_node} metrics")

    def _stale(self, device: str | None, at_ms: int, cause: OfflineCause) -> MetricsStale:
        return MetricsStale(Source(self.node.group, self.node.node, device), at_ms, cause)


def before_birth(topic: Topic, rebirths: RebirthDesk, payload: Body, now_ms: int) -> list[HostOutput]:
    """A message of a node or device whose birth this host has not seen: it cannot be read; ask for the births."""
    text = f"{topic} came before its birth"
    rejected = Rejected("before_birth", 1, str(topic), text, _bytes_of(payload))
    return [rejected, *rebirths.ask(topic.node_id, RebirthCause.BEFORE_BIRTH, now_ms)]


def read_data(
    topic: Topic, payload: SparkplugPayload, table: BirthTable, now_ms: int, rebirths: RebirthDesk
) -> list[HostOutput]:
    """The values of an NDATA or DDATA, metric by metric, and what cannot be used of it."""
    reading = table.read(payload)
    outputs: list[HostOutput] = []
    if reading:
        outputs.append(Data(topic.source, reading, now_ms, payload.timestamp))
    outputs += _rejections(topic, reading)
    if Reject.UNKNOWN_METRIC in reading.rejected:
        outputs += rebirths.ask(topic.node_id, RebirthCause.UNKNOWN_METRIC, now_ms)
    return outputs


def _seq_of(payload: Body) -> int:
    seq = payload.seq if isinstance(payload, Envelope) or payload.HasField("seq") else None
    if seq is None or seq >= SEQUENCE_MODULUS:
        raise BadInputError("bad_sequence", f"seq is missing or above {SEQUENCE_MODULUS - 1}")
    return seq


def _bytes_of(payload: Body) -> bytes:
    return payload.data if isinstance(payload, Envelope) else encode(payload)


def _rejections(topic: Topic, reading: Reading) -> list[Rejected]:
    return [
        Rejected(reason, count, str(topic), f"{topic}: {count} values cannot be used: {reason}")
        for reason, count in reading.rejected.items()
    ]
