"""The state machine of a host application: what goes in is what happened, what comes out is what to do about it.

::

                 connecting -> Connect          connected -> Subscribe...          subscribed -> STATE online
    DISCONNECTED ---------------------> OPENING -----------------------> LISTENING ----------------------> ONLINE
         ^                                                                                                   |
         +---------------- disconnected(): all nodes stale; disconnect(): STATE offline, Disconnect ---------+

Messages are read as soon as they come; commands and rebirth requests wait until the host's own birth is out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from plant.errors import BadInputError
from plant.sparkplug.actions import Connect, Disconnect, Publish, Subscribe
from plant.sparkplug.codec import MalformedPayloadError, decode
from plant.sparkplug.datatypes import Value
from plant.sparkplug.envelope import scan
from plant.sparkplug.host.commands import CommandRefusedError, command
from plant.sparkplug.host.config import HostConfig
from plant.sparkplug.host.events import HostOutput, OfflineCause, RebirthCause, Rejected, Unread
from plant.sparkplug.host.node import Body, Message, NodeStatus, NodeView, before_birth, read_data
from plant.sparkplug.host.ownstate import OwnState
from plant.sparkplug.host.rebirth import RebirthDesk
from plant.sparkplug.hoststate import HostState
from plant.sparkplug.topic import NAMESPACE, NodeId, Source, StateTopic, Topic, Verb, parse

_COMMANDS = frozenset((Verb.NCMD, Verb.DCMD))
_DATA = frozenset((Verb.NDATA, Verb.DDATA))
_NORMAL_DISCONNECTION = 0


class HostSession:
    """One host application on one MQTT connection, following all edge nodes of its groups.

    Every method takes the time as ``now_ms``, UTC ms. Outputs are to be carried out in their order. No message makes
    it raise.

    Attributes:
        rejected: How many messages or values could not be used, by reason.
    """

    def __init__(self, config: HostConfig) -> None:
        self.rejected: Counter[str] = Counter()
        self._config = config
        self._state = OwnState(config)
        self._rebirths = RebirthDesk(config)
        self._nodes: dict[NodeId, NodeView] = {}
        self._online = False

    @property
    def online(self) -> bool:
        """Whether its birth is out."""
        return self._online

    @property
    def rival_ms(self) -> int | None:
        """STATE timestamp of another host with this id that is online, UTC ms; None if none is known."""
        return self._state.rival_ms

    def nodes(self) -> list[NodeStatus]:
        """How every node stands that was ever born."""
        return [node.status() for node in self._nodes.values()]

    def connecting(self, now_ms: int) -> Connect:
        """The next CONNECT, with a will as of now; ask before every attempt."""
        return self._state.connecting(now_ms)

    def connected(self, now_ms: int) -> list[HostOutput]:  # noqa: ARG002 - the inputs all carry the time
        """The CONNACK is here: subscribe; call `subscribed` when all are acknowledged."""
        own = Subscribe(str(StateTopic(self._config.host_id)))
        return [own, *(Subscribe(f"{NAMESPACE}/{group}/#") for group in self._config.groups)]

    def subscribed(self, now_ms: int) -> list[HostOutput]:
        """All SUBACKs are here: publish the birth, then whatever had to wait for it."""
        self._online = True
        self._rebirths.open()
        return [self._state.announce(), *self._rebirths.tick(now_ms)]

    def disconnected(self, now_ms: int) -> list[HostOutput]:
        """The connection is lost: nothing is known of any node until its next birth."""
        self._online = False
        self._rebirths.close()
        return self._counted(
            [output for node in self._nodes.values() for output in node.offline(now_ms, OfflineCause.HOST_DISCONNECTED)]
        )

    def disconnect(self, now_ms: int) -> list[HostOutput]:
        """End deliberately: STATE offline first, then DISCONNECT."""
        deaths = [self._state.death(now_ms)] if self._online else []
        self._online = False
        self._rebirths.close()
        return [*deaths, Disconnect("stopped", reconnect=False, reason_code=_NORMAL_DISCONNECTION)]

    def message(self, topic: str, payload: bytes, now_ms: int, *, retained: bool = False) -> list[HostOutput]:
        """A message has arrived.

        Args:
            topic: Its topic.
            payload: Its payload.
            now_ms: Time of arrival, UTC ms.
            retained: Whether it carries the retain flag. Sparkplug retains nothing but STATE, so others are refused.
        """
        try:
            outputs = self._message(topic, payload, now_ms, retained=retained)
        except BadInputError as error:
            kept = payload if len(payload) <= self._config.limits.payload_bytes else b""
            outputs = [Rejected(error.reason, 1, topic, str(error), kept)]
            if isinstance(error, MalformedPayloadError):
                outputs += self._malformed(topic, now_ms)
        return self._counted(outputs)

    def read_closely(self, unread: Unread) -> list[HostOutput]:
        """What the values of a message are that could not be read as columns, as if it had been read at once."""
        topic, now_ms = unread.topic, unread.at_ms
        try:
            payload = decode(unread.envelope.data)
        except MalformedPayloadError as error:
            rejected = Rejected(error.reason, 1, str(topic), str(error), unread.envelope.data)
            return self._counted([rejected, *self._malformed(str(topic), now_ms)])
        return self._counted(read_data(topic, payload, unread.table, now_ms, self._rebirths))

    def tick(self, now_ms: int) -> list[HostOutput]:
        """Time has passed; call it a few times a second."""
        outputs = self._state.tick(now_ms)
        for node in self._nodes.values():
            outputs += node.tick(now_ms)
        return self._counted([*outputs, *self._rebirths.tick(now_ms)])

    def command(self, source: Source, writes: Iterable[tuple[str, Value]], now_ms: int) -> Publish:
        """The NCMD or DCMD that writes these metrics.

        Raises:
            CommandRefusedError: the host or the source is offline, or the birth did not declare a metric.
            IncompatibleValueError: a value does not fit its metric's datatype.
        """
        node = self._nodes.get(source.node_id)
        table = None if node is None else node.table_of(source.device)
        if table is None or not self._online:
            raise CommandRefusedError("offline", f"{source if self._online else 'this host'} is offline")
        return command(source, table, writes, now_ms)

    def request_rebirth(self, node: NodeId, now_ms: int) -> list[HostOutput]:
        """Ask a node for all its births, as soon as the rate limit lets it."""
        return self._rebirths.ask(node, RebirthCause.ASKED, now_ms)

    def _message(self, text: str, data: bytes, now_ms: int, *, retained: bool) -> list[HostOutput]:
        topic = parse(text)
        if isinstance(topic, StateTopic):
            if topic.host != self._config.host_id:
                raise BadInputError("wrong_topic", f"{text} is the STATE of another host")
            return self._state.heard(HostState.decode(data), now_ms, retained=retained)
        if topic.verb in _COMMANDS:
            return []  # what hosts write to edge nodes, this one included
        self._check_followed(topic)
        if retained:
            raise BadInputError("retained", f"{text} is retained, so nobody knows how old it is")
        if len(data) > self._config.limits.payload_bytes:
            raise BadInputError("oversize", f"{text}: {len(data)} bytes are too many")
        envelope = scan(data) if self._config.columns and topic.verb in _DATA else None
        if envelope is not None:
            return self._received(topic, envelope, len(data), now_ms)
        payload = decode(data)
        if topic.verb is Verb.NBIRTH:
            return self._node_for_birth(topic.node_id).birth(topic, payload, now_ms)
        if topic.verb is Verb.NDEATH:
            node = self._nodes.get(topic.node_id)
            return [] if node is None else node.death(payload, now_ms)
        return self._received(topic, payload, len(data), now_ms)

    def _check_followed(self, topic: Topic) -> None:
        config = self._config
        if topic.group not in config.groups:
            raise BadInputError("wrong_topic", f"{topic} is of a group that this host does not follow")
        if config.nodes is not None and topic.node_id not in config.nodes:
            raise BadInputError("unknown_node", f"{topic} is of an edge node that this host does not follow")

    def _received(self, topic: Topic, body: Body, size: int, now_ms: int) -> list[HostOutput]:
        node = self._nodes.get(topic.node_id)
        if node is None or not node.online:
            return before_birth(topic, self._rebirths, body, now_ms)
        return node.receive(Message(topic, body, now_ms, size))

    def _node_for_birth(self, node_id: NodeId) -> NodeView:
        """The view of a node; when there is no room, the one that is offline for longest has to go."""
        node = self._nodes.get(node_id)
        if node is not None:
            return node
        if len(self._nodes) >= self._config.limits.nodes:
            offline = [view for view in self._nodes.values() if not view.online]
            if not offline:
                raise BadInputError("too_many_nodes", f"there are {len(self._nodes)} nodes; {node_id} is one too many")
            del self._nodes[min(offline, key=lambda view: view.since_ms).node]
        node = self._nodes[node_id] = NodeView(node_id, self._config, self._rebirths)
        return node

    def _malformed(self, text: str, now_ms: int) -> list[HostOutput]:
        topic = parse(text)
        if isinstance(topic, StateTopic):
            return []
        return self._rebirths.ask(topic.node_id, RebirthCause.MALFORMED_PAYLOAD, now_ms)

    def _counted(self, outputs: list[HostOutput]) -> list[HostOutput]:
        for output in outputs:
            if isinstance(output, Rejected):
                self.rejected[output.reason] += output.count
        return outputs
