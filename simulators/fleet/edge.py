"""One edge node: a Sparkplug edge session on an MQTT link."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.edge import BirthsSent, Command, EdgeOutput, EdgeSession, Ignored, PrimaryHostChanged
from plant.sparkplug.topic import Topic, Verb, parse
from simulators.fleet.bdseq import BdSeqFile
from simulators.fleet.declare import declare
from simulators.fleet.layout import Change, NodePlan, live_metrics

log = structlog.get_logger(__name__)

Clock = Callable[[], int]
"""Wall clock, UTC ms."""
CommandTaker = Callable[["EdgeNode", Command], None]


@dataclass(slots=True)
class NodeCounts:
    """What one node did since it started.

    Attributes:
        messages: DATA messages that are on their way; `values` the values in them.
        lost: Values that nobody took: no births were out, or the link had no room. What the first births carry is
            not lost.
        births: Birth sequences by cause.
        ignored: Messages from outside that could not be used, by reason.
    """

    messages: int = 0
    values: int = 0
    lost: int = 0
    births: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)


class EdgeNode:
    """Carries out what its session asks for, on a link of its own.

    Args:
        plan: What it publishes.
        address: The broker.
        bd_seq: Where its bdSeq is kept.
        clock: Wall clock, UTC ms.
        on_command: Takes the writes of a host.
        rng: For the back-off of the link.
    """

    def __init__(
        self,
        plan: NodePlan,
        address: BrokerAddress,
        bd_seq: BdSeqFile,
        *,
        clock: Clock,
        on_command: CommandTaker,
        rng: random.Random,
    ) -> None:
        self.plan = plan
        self.name = f"{plan.definition.group}/{plan.definition.node}"
        self.counts = NodeCounts()
        self._bd_seq = bd_seq
        self._clock = clock
        self._on_command = on_command
        self._session = EdgeSession(plan.definition, bd_seq.last(clock()))
        client_id = f"edge-{plan.definition.group}-{plan.definition.node}"
        self.link = Link(address, client_id, self, rng=rng, quiet=True)

    @property
    def born(self) -> bool:
        """Whether its births are out on a connection that stands."""
        return self._session.born and self.link.connected

    def report(self, changes: Sequence[Change]) -> None:
        """Publish what has changed, one DATA a device.

        Values that cannot be published are remembered for the next births and counted as lost. Store and forward has
        its place here: what is lost now is what a disk ring would keep, and `BirthsSent` is when it would replay.

        Args:
            changes: Of its devices.
        """
        now_ms = self._clock()
        for change in changes:
            count = len(change.indices)
            message = self._session.data(
                change.device, change.indices, change.times, change.values, now_ms, qualities=change.qualities
            )
            if message is not None and self._publish(message):
                self.counts.messages += 1
                self.counts.values += count
            elif self.link.connections > 0:
                self.counts.lost += count

    async def stop(self) -> None:
        """NDEATH, DISCONNECT, and the end of the link."""
        self._carry_out(self._session.disconnect(self._clock()))
        await self.link.close()

    def will(self) -> Will:
        """The NDEATH of the next connection; its bdSeq is on disk before it is used."""
        connect = self._session.connecting(self._clock())
        if connect.bd_seq is not None:
            self._bd_seq.keep(connect.bd_seq)
        return Will(connect.will.topic, connect.will.payload, connect.will.qos, connect.will.retain)

    def on_connected(self) -> None:
        """The link is up."""
        self._carry_out(self._session.connected(self._clock()))

    def on_subscribed(self) -> None:
        """Births wait for the primary host, not for this."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A command, or the primary host's STATE."""
        self._carry_out(self._session.message(topic, payload, self._clock(), retained=retained))

    def on_disconnected(self) -> None:
        """The link is gone."""
        self._carry_out(self._session.disconnected(self._clock()))

    def _carry_out(self, outputs: Iterable[EdgeOutput]) -> None:
        for output in outputs:
            match output:
                case Publish():
                    self._publish(self._declared(output))
                case Subscribe(topic_filter, qos):
                    self.link.subscribe([(topic_filter, qos)])
                case Disconnect(reconnect=True):
                    self.link.reconnect()
                case Command():
                    self._on_command(self, output)
                case BirthsSent(cause):
                    self.counts.births[cause] += 1
                case PrimaryHostChanged(online):
                    log.debug("primary host", node=self.name, online=online)
                case Ignored(reason, text):
                    self.counts.ignored[reason] += 1
                    log.debug("ignored", node=self.name, reason=reason, text=text)

    def _declared(self, message: Publish) -> Publish:
        match parse(message.topic):
            case Topic(verb=Verb.DBIRTH, device=str(device)):
                return declare(message, live_metrics(self.plan.units[device]))
            case _:
                return message

    def _publish(self, message: Publish) -> bool:
        return self.link.publish(message.topic, message.payload, message.qos, message.retain)
