"""What a link tells its owner, and what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes when the connection ends without a DISCONNECT."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """A received message that waits for its acknowledgement.

    Attributes:
        connection: Which connection of the link brought it; no other can acknowledge it.
        mid: MQTT packet identifier.
        qos: 1 or 2.
    """

    connection: int
    mid: int
    qos: int


class LinkHandler(Protocol):
    """The owner of a link; everything is called on the loop's thread."""

    def will(self) -> Will | None:
        """Asked anew before every CONNECT, when the broker has already answered on TCP."""

    def on_connected(self) -> None:
        """The broker has accepted; subscribe and publish now."""

    def on_subscribed(self) -> None:
        """The broker has granted all filters of one `Link.subscribe`; not called when it refused one."""

    def on_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A message has come; `retained` if it was kept by the broker from before the subscription."""

    def on_disconnected(self) -> None:
        """The connection that `on_connected` told of is gone."""
