"""The collector's connection to the broker: the Sparkplug host session at work on one MQTT link."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import structlog

from collectors.contest import Contest
from collectors.counts import Counts
from collectors.pipeline import Pipeline
from collectors.quarantine import Quarantine
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Link, Will
from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.host import (
    Birth,
    Data,
    HostIdContested,
    HostOutput,
    HostSession,
    MetricsStale,
    NodeOffline,
    NodeOnline,
    NodeStatus,
    OfflineCause,
    RebirthRequested,
    Rejected,
    SequenceGap,
    Unread,
)

UNHEARD = frozenset({OfflineCause.NODE_DEATH, OfflineCause.NEW_SESSION, OfflineCause.HOST_DISCONNECTED})
"""Why a device is stale although nobody said that it is gone: its edge node could not be heard."""

log = structlog.get_logger(__name__)


class SparkplugHost:
    """Drives a `HostSession` and feeds the pipeline; a `plant.mqtt.link.LinkHandler`. Everything on the loop's thread.

    Args:
        broker: Where to connect.
        host_id: Sparkplug host id of the session; the MQTT client id too, as long as nobody else uses it.
        session: The host application.
        pipeline: Takes births, values and deaths.
        quarantine: Takes what the session refuses.
        counts: Messages, gaps, rebirths are counted there.
        clock: Host time, UTC ms.
        on_input: Called after the pipeline has been fed.
        on_online: Called when the host's birth is out: the namespace may follow.
        rng: For the jitter of reconnects, and for a client id of its own when it needs one.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        host_id: str,
        session: HostSession,
        pipeline: Pipeline,
        quarantine: Quarantine,
        counts: Counts,
        clock: Callable[[], int],
        on_input: Callable[[], None],
        on_online: Callable[[], None],
        rng: random.Random,
    ) -> None:
        self._session = session
        self._pipeline = pipeline
        self._quarantine = quarantine
        self._counts = counts
        self._clock = clock
        self._on_input = on_input
        self._on_online = on_online
        self._retired = False
        pipeline.attach(self._read_closely)
        self._contest = Contest(host_id, f"{rng.getrandbits(32):08x}")
        self._link = Link(broker, host_id, self, rng=rng)

    @property
    def online(self) -> bool:
        """Connected, subscribed and announced."""
        return self._session.online and self._link.connected

    @property
    def contested(self) -> str:
        """Who else uses this host's id, in one sentence; empty when nobody does."""
        return self._contest.detail(self._clock(), rival=self._session.rival_ms is not None)

    def nodes(self) -> list[NodeStatus]:
        """How every edge node stands that was ever born."""
        return self._session.nodes()

    @property
    def may_publish(self) -> bool:
        """Whether the namespace may follow: the host's own birth is out, or its death."""
        return (self._session.online or self._retired) and self._link.connected

    def publish_retained(self, topic: str, payload: bytes) -> bool:
        """Publish to the namespace; False when it must wait, or when a slow broker has enough."""
        return self.may_publish and self._link.publish(topic, payload, retain=True)

    async def run(self) -> None:
        """Connect and serve until `close`."""
        await self._link.run()

    def tick(self) -> None:
        """Time has passed; call it a few times a second."""
        self._carry_out(self._session.tick(self._clock()))

    def retire(self) -> None:
        """Tell the edge nodes that this host goes away (STATE offline), and hold all that it knew for stale.

        What still comes in after that is left to the next host: the edge nodes keep it.
        """
        now = self._clock()
        self._retired = True
        self._carry_out(output for output in self._session.disconnect(now) if not isinstance(output, Disconnect))
        self._carry_out(self._session.disconnected(now))

    async def close(self) -> None:
        """Say DISCONNECT after what was published has left."""
        await self._link.close()

    # LinkHandler

    def will(self) -> Will | None:
        """STATE offline, with the time of this very CONNECT."""
        will = self._session.connecting(self._clock()).will
        return Will(will.topic, will.payload, will.qos, will.retain)

    def on_connected(self) -> None:
        """Subscribe to everything in one packet, so that one answer grants it all."""
        self._counts.connections += 1
        wanted = self._session.connected(self._clock())
        self._link.subscribe([(action.topic_filter, action.qos) for action in wanted if isinstance(action, Subscribe)])

    def on_subscribed(self) -> None:
        """Announce the host, then whatever had to wait for that."""
        self._carry_out(self._session.subscribed(self._clock()))
        self._on_online()

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message has come."""
        if self._retired:
            return
        self._counts.messages += 1
        self._carry_out(self._session.message(topic, payload, self._clock(), retained=retained))

    def on_disconnected(self) -> None:
        """Nothing is known of any node until its next birth."""
        now = self._clock()
        if not self._retired:
            self._warn(news=self._contest.lost(now))
        self._carry_out(self._session.disconnected(now))

    def _carry_out(self, outputs: Iterable[HostOutput]) -> None:
        fed = False
        for output in outputs:
            match output:
                case Unread():
                    self._pipeline.unread(output)
                    fed = True
                case Data():
                    self._pipeline.data(output.source, output.reading, output.sent_ms)
                    fed = True
                case Birth():
                    self._pipeline.birth(output.source, output.table.rows, output.reading, output.at_ms)
                    fed = True
                case MetricsStale():
                    self._withdraw(output)
                    fed = True
                case Rejected():
                    self._quarantine.add(output.reason, output.topic, output.text, output.payload, output.count)
                case _:
                    self._act(output)
        if fed:
            self._on_input()

    def _read_closely(self, unread: Unread) -> list[Data]:
        """The values of a message one by one; what the session wants besides is done."""
        outputs = self._session.read_closely(unread)
        self._carry_out(output for output in outputs if not isinstance(output, Data))
        return [output for output in outputs if isinstance(output, Data)]

    def _withdraw(self, stale: MetricsStale) -> None:
        unheard = stale.cause in UNHEARD
        self._pipeline.away(stale.source, stale.at_ms, self._clock(), unheard=unheard, store=not self._retired)

    def _act(self, output: HostOutput) -> None:
        """What happens seldom: actions on the connection, and events for counters and the log."""
        match output:
            case Publish():
                self._link.publish(output.topic, output.payload, output.qos, output.retain)
            case Subscribe():
                self._link.subscribe([(output.topic_filter, output.qos)])
            case Disconnect():
                log.warning("connecting anew", cause=output.cause)
                self._link.reconnect()
            case SequenceGap():
                self._counts.gaps += 1
                log.info("sequence gap", node=str(output.node), missing=output.missing)
            case RebirthRequested():
                self._counts.rebirths += 1
                log.info("rebirth asked", node=str(output.node), cause=output.cause)
            case HostIdContested():
                self._counts.contests += 1
                told = self._contest.rival if output.rival else self._contest.called_offline
                self._warn(news=told(output.at_ms))
            case NodeOnline():
                log.info("edge node online", node=str(output.node))
            case NodeOffline():
                log.info("edge node offline", node=str(output.node), cause=output.cause)
            case _:
                raise TypeError(f"the session hands out {output!r}, which nobody carries out")

    def _warn(self, *, news: bool) -> None:
        """Say once that the host id is contested; the next connection takes the client id that is then right."""
        if news:
            log.error("the host id is contested", cause=self.contested, client_id=self._contest.client_id)
        self._link.rename(self._contest.client_id)
