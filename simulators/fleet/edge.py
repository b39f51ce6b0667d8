"""One edge node: a Sparkplug edge session on an MQTT link, and what is wrong with them on purpose."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import structlog

from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.edge import BirthsSent, Command, EdgeOutput, EdgeSession, Ignored, PrimaryHostChanged, Refused
from plant.sparkplug.topic import Topic, Verb, parse
from simulators.fleet.bdseq import BdSeqFile
from simulators.fleet.declare import declare
from simulators.fleet.delivery import Delivery
from simulators.fleet.layout import Change, NodePlan, live_metrics
from simulators.world.influence import SOUND, NodeFault

log = structlog.get_logger(__name__)

Clock = Callable[[], int]
"""Wall clock, UTC ms."""
CommandTaker = Callable[["EdgeNode", Command | Refused], None]
"""Told of the writes of a host, and of those that the session refuses."""

REPLAY_ROOM_BYTES = 1 << 16
"""A replay adds nothing to a link on which this much waits: live values come after no more than that."""


@dataclass(slots=True)
class NodeCounts:
    """What one node did since it started.

    Attributes:
        messages: DATA messages that are on their way, of live values; `values` the values in them.
        replayed: Values told again, or late, as history.
        doubled: Messages that were sent twice on purpose; `held` those that were held back on purpose.
        lost: Values that fell out of the ring before they are known to have arrived, or that it could not take.
        births: Birth sequences by cause.
        ignored: Messages from outside that could not be used, by reason.
    """

    messages: int = 0
    values: int = 0
    replayed: int = 0
    doubled: int = 0
    held: int = 0
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
        rng: For the back-off of the link, and for what is doubled or held back.
        newest: Stamp of the newest record in the ring.

    Attributes:
        name: ``group/node``.
        delivery: What of its records has arrived.
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
        newest: int,
    ) -> None:
        self.plan = plan
        self.name = f"{plan.definition.group}/{plan.definition.node}"
        self.counts = NodeCounts()
        self.delivery = Delivery(newest)
        self._fault = SOUND
        self._whole = asyncio.Event()
        self._whole.set()
        self._off = self._ending = False
        self._switching = asyncio.Lock()
        self._serving: asyncio.Task[None] | None = None
        self._bd_seq = bd_seq
        self._true_clock = clock
        self._rng = rng
        self._on_command = on_command
        self._session = EdgeSession(plan.definition, bd_seq.last(clock()))
        self._address = address
        self.link = self._new_link()

    @property
    def born(self) -> bool:
        """Whether its births are out on a connection that stands."""
        return self._session.born and self.link.connected

    @property
    def cut(self) -> bool:
        """Whether it is cut off from the broker on purpose."""
        return self._fault.offline

    @property
    def off(self) -> bool:
        """Whether somebody has switched it off."""
        return self._off

    @property
    def may_replay(self) -> bool:
        """Whether there is something to replay, and a link that has room for it."""
        return self.delivery.pending and self.born and self.link.backlog < REPLAY_ROOM_BYTES

    async def run(self) -> None:
        """Keep the link up until `stop`; while it is cut or off, wait."""
        while True:
            await self._whole.wait()
            self._serving = asyncio.create_task(self.link.run())
            try:
                await asyncio.wait({self._serving})
            finally:
                self._serving.cancel()
            if not self._serving.cancelled():
                self._serving.result()
                if self._ending:
                    return

    def suffer(self, fault: NodeFault) -> None:
        """From here on this is wrong with it; a link that is cut ends as if the cable were pulled."""
        if fault.offline != self.cut:
            log.debug("cut off" if fault.offline else "let in again", node=self.name)
        self._fault = fault
        if not fault.offline:
            if not self._off:
                self._whole.set()
            return
        self._whole.clear()
        if self._serving is not None:
            self._serving.cancel()

    def tell(self, stamp: int, changes: Sequence[Change], world_ms: int, *, safe: bool) -> None:
        """Publish what has changed, one DATA a device; what cannot be sent now waits in the ring.

        Args:
            stamp: Of the record of these changes.
            changes: Of its devices; none is fine.
            world_ms: The world's time, UTC ms.
            safe: Whether the ring has taken the record.
        """
        if safe and self.born and changes and self._happens(self._fault.late):
            self.counts.held += len(changes)
            self.delivery.hold(stamp, world_ms + self._fault.late_ms)
            return
        sent = [self._send(change) for change in changes]
        live = all(sent) and self.born
        self.delivery.told(stamp, live=live or not safe)
        if not safe:
            self.counts.lost += sum(len(c.indices) for c, out in zip(changes, sent, strict=True) if not out)

    def replay(self, changes: Sequence[Change]) -> None:
        """Publish what was told before, or should have been, flagged as history."""
        for change in changes:
            if self._publish_data(change, historical=True):
                self.counts.replayed += len(change.indices)

    async def switch(self, *, on: bool) -> None:
        """Off: NDEATH, DISCONNECT, and no connection until it is on again; what is scanned then waits in the ring."""
        async with self._switching:
            if on is not self._off:
                return
            self._off = not on
            if not on:
                self._whole.clear()
                self._carry_out(self._session.disconnect(self._clock()))
                await self.link.close()
                self.link = self._new_link()  # one that was closed does not open again
            elif not self.cut:
                self._whole.set()

    async def stop(self) -> None:
        """NDEATH, DISCONNECT, and the end of the link."""
        self._ending = True
        self._carry_out(self._session.disconnect(self._clock()))
        closing = asyncio.create_task(self.link.close())
        self._whole.set()  # a link that is down sees that it is closed
        await closing

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
                case Command() | Refused():
                    self._on_command(self, output)
                case BirthsSent(cause):
                    self.counts.births[cause] += 1
                    self.delivery.doubt()
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

    def _send(self, change: Change) -> bool:
        """Publish live values, now and then twice; returns whether they are on their way."""
        sent = self._publish_data(change, historical=False)
        if sent:
            self.counts.messages += 1
            self.counts.values += len(change.indices)
            if self._happens(self._fault.duplicate):
                self.counts.doubled += self._publish_data(change, historical=False)
        return sent

    def _publish_data(self, change: Change, *, historical: bool) -> bool:
        message = self._session.data(
            change.device,
            change.indices,
            change.times,
            change.values,
            self._clock(),
            qualities=change.qualities,
            historical=historical,
        )
        return message is not None and self._publish(message)

    def _happens(self, share: float) -> bool:
        return share > 0.0 and self._rng.random() < share

    def _clock(self) -> int:
        """The node's own clock, UTC ms, which may be wrong."""
        return self._true_clock() + self._fault.clock_offset_ms

    def _new_link(self) -> Link:
        client_id = f"edge-{self.plan.definition.group}-{self.plan.definition.node}"
        return Link(self._address, client_id, self, rng=self._rng, quiet=True)

    def _publish(self, message: Publish) -> bool:
        return self.link.publish(message.topic, message.payload, message.qos, message.retain)
