"""What paho takes for a socket: an asyncio transport with a buffer on each side.

paho reads a packet in three or more ``recv`` calls and sends each packet by itself. Over a real socket that is as many
system calls; here it is memory. TLS, name resolution and connect time-outs are asyncio's, so no thread is needed and
a broker that swallows packets holds up nothing. paho reads what it is offered, packet by packet, and never a part of
one; so whoever owns the wire can read packets and send them beside paho.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from plant.mqtt.packets import packet_end

LARGEST_PACKET = 16 << 20
"""Bytes of the largest packet that is taken in; a larger one ends the connection before it fills the memory."""


class Wire(asyncio.Protocol):
    """One TCP or TLS connection, an asyncio protocol on one side and a socket in paho's sense on the other.

    Args:
        on_bytes: Called when there is something to read.
        on_end: Called once when the connection is over, with the error or None.
    """

    def __init__(self, on_bytes: Callable[[], None], on_end: Callable[[Exception | None], None]) -> None:
        self._on_bytes = on_bytes
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._offered = b""
        self._to_send = bytearray()
        self._lingers = False
        self._deaf = False
        self._over = False

    @property
    def is_open(self) -> bool:
        """Whether more may be sent."""
        return not self._over and not self._lingers

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent because the peer does not take them."""
        waiting = 0 if self._transport is None else self._transport.get_write_buffer_size()
        return waiting + len(self._to_send)

    def next_packet(self) -> bytes | None:
        """Take the next packet out; None while it is not there as a whole.

        Raises:
            BrokenPacketError: What comes is no packet.
            ConnectionError: It is larger than `LARGEST_PACKET`.
        """
        end = packet_end(self._received)
        if end > LARGEST_PACKET:
            raise ConnectionError(f"a packet of {end} bytes is larger than {LARGEST_PACKET}")
        if not 0 < end <= len(self._received):
            return None
        packet = bytes(self._received[:end])
        del self._received[:end]
        return packet

    def offer(self, packet: bytes) -> None:
        """Let paho read this packet."""
        self._offered = packet

    def flush(self) -> None:
        """Hand over in one piece what was sent."""
        if self._to_send and self._transport is not None:
            data, self._to_send = self._to_send, bytearray()  # the transport may keep what it is given
            self._transport.write(data)

    def pause(self) -> None:
        """Take in no more bytes."""
        if self._transport is not None and not self._over:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take in bytes again."""
        if self._transport is not None and not self._over:
            self._transport.resume_reading()

    def linger(self) -> None:
        """From now on `close` leaves it to the peer to end the connection.

        Closing a TCP connection while the peer still sends, acknowledgements for instance, resets it and may take what
        was sent last with it, DISCONNECT included. A broker closes when it has read DISCONNECT.
        """
        self._lingers = True

    def abort(self) -> None:
        """Close at once, as a broken network would."""
        self._over = self._deaf = True
        self._received.clear()
        if self._transport is not None:
            self._transport.abort()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"a stream transport is needed, not {transport!r}")
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if not self._deaf:
            self._received += data
            self._on_bytes()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._over = True
        self._transport = None
        self._received.clear()
        self._on_end(exc)

    # paho's side

    def recv(self, buffer_size: int) -> bytes:
        """Up to so many bytes of what is offered, then BlockingIOError; empty when the connection is over."""
        if self._offered:
            data, self._offered = self._offered[:buffer_size], self._offered[buffer_size:]
            return data
        if self._over:
            return b""
        raise BlockingIOError

    def send(self, buffer: bytes | bytearray) -> int:
        """Keep the bytes for the next `flush`."""
        if self._over:
            raise ConnectionError("the connection is over")
        self._to_send += buffer
        return len(buffer)

    def close(self) -> None:
        """Paho has said DISCONNECT, or gives up a connection that no longer works."""
        if self._lingers:
            self._deaf = True
            self._received.clear()
            self.flush()
        else:
            self.abort()

    def fileno(self) -> int:
        """None of paho's business."""
        return -1

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""
