"""One MQTT 3.1.1 connection that lives on an asyncio loop and comes back when it is lost.

::

    link = Link(BrokerAddress.parse("mqtt://127.0.0.1"), "meter-7", handler, rng=random.Random())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(link.run())     # connects, serves, reconnects
        ...                               # handler.on_connected() subscribes and publishes
        await link.close()                # DISCONNECT, so the broker drops the will; run() ends

Every connection is a new paho client: nothing of the old one, such as a message that was never acknowledged, can
overtake what the handler publishes after a reconnect. No threads; all callbacks run on the loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import replace

import structlog

from plant.errors import BadInputError, BrokerUnavailableError
from plant.mqtt.address import BrokerAddress
from plant.mqtt.connection import Connection, Profile
from plant.mqtt.handler import Delivery, LinkHandler, Will

__all__ = ["Delivery", "Link", "LinkHandler", "Will"]

LARGEST_PAYLOAD = (1 << 20) - 1024
"""Bytes; with topic and header this fits into the 1 MiB packet above which brokers end the sender's connection."""
LARGEST_BACKLOG = 8 << 20
"""Bytes that may wait for a slow broker; what comes on top is dropped and counted."""
FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 5.0


class Link:
    """One MQTT connection that reconnects.

    Args:
        address: The broker.
        client_id: Unique at the broker.
        handler: Told of everything; an exception of it is logged and does not cost the connection.
        clean_session: False asks the broker to keep subscriptions and QoS 1 messages while we are away.
        keepalive_s: A silent broker is given up after at most about twice this time.
        manual_ack: Received QoS 1 messages are acknowledged by `ack` only.
        rng: For the jitter of the back-off.
        quiet: Log losses at debug level only; for owners of many links who say it once for all.

    Attributes:
        attempts: How often a connection was tried.
        connections: How often the broker has accepted.
        dropped: Messages that were refused because too much waited.
    """

    def __init__(
        self,
        address: BrokerAddress,
        client_id: str,
        handler: LinkHandler,
        *,
        clean_session: bool = True,
        keepalive_s: int = 30,
        manual_ack: bool = False,
        rng: random.Random,
        quiet: bool = False,
    ) -> None:
        self.attempts = 0
        self.connections = 0
        self.dropped = 0
        self._profile = Profile(address, client_id, clean_session, keepalive_s, manual_ack)
        self._handler = handler
        self._rng = rng
        self._log = structlog.get_logger(__name__).bind(broker=str(address), client=client_id)
        self._quiet = quiet
        self._connection: Connection | None = None
        self._lost_since: float | None = None
        self._closing = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()

    async def run(self) -> None:
        """Connect, serve and reconnect until `close`, or until cancelled: then without DISCONNECT, the will is sent."""
        loop = asyncio.get_running_loop()
        delay_s = FIRST_DELAY_S
        self._finished.clear()
        try:
            while not self._closing.is_set():
                began = loop.time()
                await self._live()
                if loop.time() - began > LONGEST_DELAY_S:
                    delay_s = FIRST_DELAY_S  # it held; a broker that takes and drops us again is not stormed
                await self._pause(delay_s * self._rng.uniform(0.5, 1.5))
                delay_s = min(2 * delay_s, LONGEST_DELAY_S)
        finally:
            self._finished.set()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted and the connection is not known to be gone."""
        return self._connection is not None and self._connection.alive

    @property
    def backlog(self) -> int:
        """Bytes that wait because the broker does not take them."""
        return self._connection.backlog if self._connection is not None else 0

    def publish(self, topic: str, payload: bytes, qos: int = 0, retain: bool = False) -> bool:
        """Hand a message to the broker.

        Returns:
            Whether it is on its way. False when there is no connection, and when too much waits already; then it is
            counted in `dropped`.

        Raises:
            BadInputError: The payload is larger than `LARGEST_PAYLOAD` (``oversize``).
        """
        if len(payload) > LARGEST_PAYLOAD:
            raise BadInputError("oversize", f"{len(payload)} bytes for {topic} are more than {LARGEST_PAYLOAD}")
        connection = self._connection
        if connection is None or not connection.alive:
            return False
        sent = connection.backlog + len(payload) <= LARGEST_BACKLOG and connection.publish(topic, payload, qos, retain)
        self.dropped += not sent
        return sent

    def subscribe(self, filters: Sequence[tuple[str, int]]) -> None:
        """Subscribe to (filter, QoS) pairs, for this connection only; `LinkHandler.on_subscribed` follows."""
        if filters and self._connection is not None and self._connection.alive:
            self._connection.subscribe(filters)

    @property
    def delivery(self) -> Delivery | None:
        """The message that `LinkHandler.on_message` is being told of, to be given to `ack` later.

        None outside of it, and for a message that needs no acknowledgement (QoS 0, or a link without `manual_ack`).
        """
        return None if self._connection is None else self._connection.delivery

    def ack(self, delivery: Delivery) -> None:
        """Acknowledge a message; does nothing once its connection is gone, for the broker sends it again."""
        if self._connection is not None and self._connection.alive:
            self._connection.ack(delivery)

    def rename(self, client_id: str) -> None:
        """Another MQTT client id, from the next connection on."""
        self._profile = replace(self._profile, client_id=client_id)
        self._log = self._log.bind(client=client_id)

    def drop(self) -> None:
        """Close the socket as a broken network would, without DISCONNECT; `run` reconnects."""
        if self._connection is not None:
            self._connection.abort()

    def reconnect(self) -> None:
        """Say DISCONNECT after what was published, so that the broker drops the will; `run` connects again."""
        if self._connection is not None and self._connection.alive:
            self._connection.disconnect()
        else:
            self.drop()

    async def close(self) -> None:
        """Say DISCONNECT after what was published has left, and end `run`; gives a stuck broker 2 s."""
        self._closing.set()
        self.reconnect()
        await self._finished.wait()

    async def _live(self) -> None:
        """One connection from beginning to end."""
        self.attempts += 1
        connection = Connection(self._profile, self.attempts, self._handler, self._on_accepted, self._log)
        self._connection = connection
        try:
            await connection.open()
            await connection.serve()
            self._say_lost("the connection has ended")
        except (OSError, BrokerUnavailableError) as error:
            self._say_lost(str(error) or "the broker does not answer")
        except Exception:  # noqa: BLE001 - a handler that cannot make its will is loud; the link tries again
            self._log.exception("the connection cannot be opened")
        finally:
            connection.abort()
            self._connection = None
            if connection.accepted:
                connection.tell(self._handler.on_disconnected)

    async def _pause(self, delay_s: float) -> None:
        try:
            async with asyncio.timeout(delay_s):
                await self._closing.wait()
        except TimeoutError:
            return

    def _on_accepted(self) -> None:
        self.connections += 1
        if self._lost_since is not None:
            away_s = round(asyncio.get_running_loop().time() - self._lost_since, 1)
            self._lost_since = None
            self._log.log(self._level(logging.INFO), "broker is back", away_s=away_s)

    def _say_lost(self, cause: str) -> None:
        if self._lost_since is None and not self._closing.is_set():
            self._lost_since = asyncio.get_running_loop().time()
            self._log.log(self._level(logging.WARNING), "broker lost", cause=cause)

    def _level(self, level: int) -> int:
        return logging.DEBUG if self._quiet else level
