"""One MQTT connection from CONNECT to its end: paho's protocol over a `Wire`, and messages of QoS 0 beside it."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from plant.errors import BrokerUnavailableError
from plant.mqtt import packets
from plant.mqtt.address import BrokerAddress
from plant.mqtt.handler import Delivery, LinkHandler
from plant.mqtt.wire import Wire

MOST_UNACKNOWLEDGED = 20_000
"""QoS 1 messages that may wait for their acknowledgement."""
CONNECT_TIMEOUT_S = 5.0
DISCONNECT_TIMEOUT_S = 2.0
"""How long a broker may take to read what was published before DISCONNECT."""
PACKETS_PER_TURN = 64
"""Packets that are handled before the loop serves others."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a client shows itself to the broker.

    Attributes:
        client_id: Unique at the broker.
        clean_session: False asks the broker to keep subscriptions and QoS 1 messages while we are away.
        keepalive_s: A silent broker is given up after at most about twice this time.
        manual_ack: Received QoS 1 messages are acknowledged by `Connection.ack` only.
    """

    address: BrokerAddress
    client_id: str
    clean_session: bool = True
    keepalive_s: int = 30
    manual_ack: bool = False


class Connection:
    """One connection; it is opened once and never used again.

    Args:
        profile: Who connects to where.
        number: Counted by the link, for `Delivery`.
        handler: Told of everything; an exception of it is logged and does not cost the connection.
        on_accepted: Called before the handler is, when the broker accepts.
        log: Bound to broker and client.

    Attributes:
        accepted: Whether the broker has ever accepted it, so that the handler knows of it.
        delivery: The message that the handler is being told of, if it waits for an acknowledgement.
    """

    def __init__(
        self,
        profile: Profile,
        number: int,
        handler: LinkHandler,
        on_accepted: Callable[[], None],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self.accepted = False
        self.delivery: Delivery | None = None
        self._profile = profile
        self._number = number
        self._handler = handler
        self._on_accepted = on_accepted
        self._log = log
        self._wire = Wire(self._read, self._on_end)
        self._client = self._new_client()
        self._published = 0  # bytes that paho holds until the loop's next turn
        self._writing = False
        self._heard = self._spoke = False
        self._subscriptions: dict[int, Sequence[tuple[str, int]]] = {}
        self._connack: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended = asyncio.Event()
        self._deadline: asyncio.Timeout | None = None

    async def open(self) -> None:
        """Open the transport, send CONNECT with the will of this moment, wait for CONNACK.

        Raises:
            OSError: The broker cannot be reached, or not in time.
            BrokerUnavailableError: It is there and refuses.
        """
        address = self._profile.address
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S) as self._deadline:
                await loop.create_connection(
                    lambda: self._wire, address.host, address.port, ssl=_tls(address.ca) if address.tls else None
                )
                will = self._handler.will()
                if will is not None:
                    self._client.will_set(will.topic, will.payload, will.qos, will.retain)
                self._client.connect(address.host, address.port, self._profile.keepalive_s)
                await self._connack
        finally:
            self._deadline = None
            self._connack.cancel()

    async def serve(self) -> None:
        """Keep the connection alive until it ends."""
        while not self._ended.is_set():
            try:
                async with asyncio.timeout(self._profile.keepalive_s / 10):  # wait_for may swallow a cancellation
                    await self._ended.wait()
            except TimeoutError:
                self._client.passed_by(heard=self._heard, spoke=self._spoke)
                self._heard = self._spoke = False
                self._client.loop_misc()

    @property
    def alive(self) -> bool:
        """Whether the broker has accepted and the connection is not known to be ending."""
        return self.accepted and self._wire.is_open

    @property
    def backlog(self) -> int:
        """Bytes that wait because the broker does not take them."""
        return self._published + self._wire.backlog

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> bool:
        """Hand a message over; False when too many wait for their acknowledgement."""
        if qos == 0:
            if self._client.want_write():
                self._client.loop_write()  # what was published before goes before
            self._wire.send(packets.publish(topic, payload, retain))
            self._spoke = True
            self._on_write_wanted()
            return True
        self._published += len(payload)
        return self._client.publish(topic, payload, qos, retain).rc == paho.MQTT_ERR_SUCCESS

    def subscribe(self, filters: Sequence[tuple[str, int]]) -> None:
        """Send SUBSCRIBE for (filter, QoS) pairs."""
        _, mid = self._client.subscribe(list(filters))
        if mid is not None:
            self._subscriptions[mid] = filters

    def ack(self, delivery: Delivery) -> None:
        """Acknowledge a message that this connection brought."""
        if delivery.connection == self._number:
            self._client.ack(delivery.mid, delivery.qos)

    def disconnect(self) -> None:
        """Say DISCONNECT after what was published; the broker then closes, or is given up."""
        self._wire.linger()
        self._client.disconnect()
        self._write()
        asyncio.get_running_loop().call_later(DISCONNECT_TIMEOUT_S, self._give_up)

    def abort(self) -> None:
        """Close at once, as a broken network would; `open` gives up."""
        self._wire.abort()
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(asyncio.get_running_loop().time())

    def _new_client(self) -> _WiredClient:
        profile = self._profile
        client = _WiredClient(
            self._wire, profile.client_id, clean_session=profile.clean_session, manual_ack=profile.manual_ack
        )
        client.max_inflight_messages = 0  # no window of paho's own; MOST_UNACKNOWLEDGED bounds it
        client.max_queued_messages = MOST_UNACKNOWLEDGED
        if profile.address.user is not None:
            client.username_pw_set(profile.address.user, profile.address.password)
        client.on_connect = lambda _client, _data, _flags, reason, _properties: self._on_connack(reason)
        client.on_subscribe = lambda _client, _data, mid, reasons, _properties: self._on_suback(mid, reasons)
        client.on_message = lambda _client, _data, message: self._on_message(message)
        client.on_socket_register_write = lambda _client, _data, _socket: self._on_write_wanted()
        return client

    def _read(self) -> None:
        for _ in range(PACKETS_PER_TURN):
            try:
                packet = self._wire.next_packet()
                if packet is None:
                    self._wire.resume()
                    return
                self._handle(packet)
            except Exception:  # noqa: BLE001 - paho raises whatever a malformed packet leads it to
                self._log.exception("a packet of the broker cannot be read")
                self.abort()
                return
        self._wire.pause()
        asyncio.get_running_loop().call_soon(self._read)

    def _handle(self, packet: bytes) -> None:
        if packets.is_plain_publish(packet) and self.accepted:
            topic, payload, retained = packets.read_publish(packet)
            self._heard = True
            self.tell(self._handler.on_message, topic.decode(errors="replace"), payload, retained)
        else:
            self._wire.offer(packet)
            self._client.loop_read()

    def _on_write_wanted(self) -> None:
        """What is published in one turn of the loop goes out in one piece."""
        if not self._writing:
            self._writing = True
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        self._writing = False
        self._published = 0
        self._client.loop_write()
        self._wire.flush()

    def _give_up(self) -> None:
        if not self._ended.is_set():
            self._log.warning("the broker did not take the last messages in time")
            self.abort()

    def _on_connack(self, reason: ReasonCode) -> None:
        if self._connack.done():
            return
        if reason.is_failure:
            self._connack.set_exception(BrokerUnavailableError(f"the broker refuses the connection: {reason}"))
            return
        self._connack.set_result(None)
        self.accepted = True
        self._on_accepted()
        self.tell(self._handler.on_connected)

    def _on_suback(self, mid: int, reasons: Sequence[ReasonCode]) -> None:
        filters = self._subscriptions.pop(mid, ())
        refused = [name for (name, _), reason in zip(filters, reasons, strict=False) if reason.is_failure]
        if refused:
            self._log.error("the broker refuses a subscription", filters=refused)
        else:
            self.tell(self._handler.on_subscribed)

    def _on_message(self, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = message._topic.decode(errors="replace")  # noqa: SLF001 - there is no public way to the bytes
        if self._profile.manual_ack and message.qos > 0:
            self.delivery = Delivery(self._number, message.mid, message.qos)
        self.tell(self._handler.on_message, topic, bytes(message.payload), message.retain)
        self.delivery = None

    def _on_end(self, error: Exception | None) -> None:
        if not self._connack.done():
            self._connack.set_exception(error or BrokerUnavailableError("the broker closes the connection"))
        self._ended.set()

    def tell(self, callback: Callable[..., None], *arguments: Any) -> None:
        """Call the handler; what it raises is logged."""
        try:
            callback(*arguments)
        except Exception:  # noqa: BLE001 - a bug of the handler is loud but must not cost the connection
            self._log.exception("a link's handler failed", callback=getattr(callback, "__name__", repr(callback)))


class _WiredClient(paho.Client):
    """A paho client whose socket is a `Wire`."""

    def __init__(self, wire: Wire, client_id: str, *, clean_session: bool, manual_ack: bool) -> None:
        self._wire = wire
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=clean_session,
            reconnect_on_failure=False,
            manual_ack=manual_ack,
        )

    def _create_socket(self) -> Wire:
        """Paho's hook for other transports; private there, so tests/plant/mqtt would show if it moved."""
        return self._wire

    def passed_by(self, *, heard: bool, spoke: bool) -> None:
        """Messages went by this client: to the keep-alive they count like its own."""
        now = paho.time_func()
        with self._msgtime_mutex:
            if heard:
                self._last_bytes_received = now
            if spoke:
                self._last_msg_out = now


@functools.cache
def _tls(ca: str | None) -> ssl.SSLContext:
    """Verification against one authority's certificate file, or against those of the system."""
    return ssl.create_default_context(cafile=ca)
