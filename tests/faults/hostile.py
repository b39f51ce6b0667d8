"""A client that sends what it likes, as fast as the broker takes it."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from plant.mqtt.address import BrokerAddress
from plant.mqtt.packets import publish

_CONNECT = b"\x10\x13\x00\x04MQTT\x04\x02\x00\x00\x00\x07hostile"
_CONNACK = b"\x20\x02\x00\x00"


class Hostile:
    """A connection without a session, without a client library and without manners; a context manager."""

    def __init__(self, broker: BrokerAddress) -> None:
        self._socket = socket.create_connection((broker.host, broker.port))

    def __enter__(self) -> Self:
        self._socket.sendall(_CONNECT)
        assert self._socket.recv(len(_CONNACK)) == _CONNACK
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Topics and payloads, at QoS 0; returns when the broker has taken them."""
        for topic, payload in messages:
            self._socket.sendall(publish(topic, payload, retain=False))
