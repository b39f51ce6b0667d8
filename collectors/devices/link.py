"""The collector's second connection: devices that publish JSON, acknowledged when their values are durable."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable, Sequence

import structlog

from collectors.devices.feed import DeviceFeed
from plant.mqtt.address import BrokerAddress
from plant.mqtt.link import Delivery, Link, Will

SETTLE_S = 1.5
"""How long the end may wait for what was received to be kept; what is not acknowledged then comes again."""
PATIENCE_S = 300.0
"""A message that is not kept after so long, although the historian is there, had to make room; it is asked for anew."""

log = structlog.get_logger(__name__)


class DeviceLink:
    """Subscribes to the topics of mappings and feeds what comes; a `plant.mqtt.link.LinkHandler`.

    Args:
        broker: Where to connect.
        client_id: MQTT client id, always the same: the broker keeps what comes while we are away under it.
        feed: Takes messages.
        store_ok: Whether the historian takes writes now.
        clock: Host time, UTC ms.
        on_input: Called after the pipeline has been fed.
        rng: For the jitter of reconnects.
        monotonic: Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        client_id: str,
        feed: DeviceFeed,
        store_ok: Callable[[], bool],
        clock: Callable[[], int],
        on_input: Callable[[], None],
        rng: random.Random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        self._store_ok = store_ok
        self._clock = clock
        self._on_input = on_input
        self._monotonic = monotonic
        self._waiting: dict[Delivery, float] = {}  # since when, oldest first
        self._settled = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscribed = False
        self._retired = False
        self._link = Link(broker, client_id, self, clean_session=False, manual_ack=True, rng=rng)

    @property
    def online(self) -> bool:
        """Connected, and granted all that was subscribed to; so too when there is nothing to subscribe to."""
        return (self._subscribed and self._link.connected) or not self._feed.filters

    @property
    def waiting(self) -> int:
        """Messages that are not acknowledged yet."""
        return len(self._waiting)

    async def run(self) -> None:
        """Connect and serve until `close`."""
        self._loop = asyncio.get_running_loop()
        if self._feed.filters:
            await self._link.run()

    def tick(self) -> None:
        """Time has passed; call it about once a second."""
        now_s = self._monotonic()
        if self._feed.tick(self._clock(), now_s):
            self._on_input()
        oldest_s = next(iter(self._waiting.values()), now_s)
        if now_s - oldest_s >= PATIENCE_S and self._store_ok():
            log.warning("messages of devices had to make room and are asked for again", messages=len(self._waiting))
            self._link.reconnect()

    def secured(self, deliveries: Sequence[Delivery]) -> None:
        """All that these messages held is kept: they may be acknowledged. Any thread may call."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: they come again
                self._loop.call_soon_threadsafe(self._acknowledge, deliveries)

    def retire(self) -> None:
        """Take in no more; what comes now is left to the next collector, for it is not acknowledged."""
        self._retired = True
        self._feed.retire(self._clock())

    async def close(self) -> None:
        """Wait a little until what was received is kept, acknowledge it, say DISCONNECT."""
        self._retired = True
        self._settle()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._settled.wait(), SETTLE_S)
        await self._link.close()

    # LinkHandler

    def will(self) -> Will | None:
        """Nobody needs to know when we are gone."""
        return None

    def on_connected(self) -> None:
        """Subscribe, each time: the broker may have lost the session."""
        self._link.subscribe([(each, 1) for each in self._feed.filters])

    def on_subscribed(self) -> None:
        """All topics are granted."""
        self._subscribed = True
        log.info("listening to devices", topics=list(self._feed.filters))

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message has come."""
        if self._retired:
            return
        delivery, now_s = self._link.delivery, self._monotonic()
        if delivery is not None:
            self._waiting[delivery] = now_s
        self._feed.take(topic, payload, delivery, self._clock(), now_s, retained=retained)
        self._on_input()

    def on_disconnected(self) -> None:
        """What was not acknowledged comes again."""
        self._subscribed = False
        self._waiting.clear()
        self._settle()

    def _acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            if self._waiting.pop(delivery, None) is not None:
                self._link.ack(delivery)
        self._settle()

    def _settle(self) -> None:
        if self._retired and not self._waiting:
            self._settled.set()
