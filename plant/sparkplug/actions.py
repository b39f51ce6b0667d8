"""What a session asks its driver to do on the MQTT connection."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Publish:
    """Publish a message, or register it as the will."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Subscribe to a topic filter."""

    topic_filter: str
    qos: int = 1


@dataclass(frozen=True, slots=True)
class Connect:
    """Open the connection: to be asked for anew before *every* CONNECT, automatic reconnects included.

    Attributes:
        will: The death certificate of this connection.
        bd_seq: bdSeq of an edge node's will, to be persisted before the CONNECT; None for a host.
        clean_session: MQTT 3.1.1 clean session, MQTT 5 clean start.
        session_expiry_s: MQTT 5 session expiry interval.
    """

    will: Publish
    bd_seq: int | None = None
    clean_session: bool = True
    session_expiry_s: int = 0


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the connection, after all that was asked for before it has been sent.

    Attributes:
        cause: Why, for the log.
        reconnect: Whether to connect again (with a new `Connect`) after the usual back-off.
        reason_code: MQTT 5 reason; 0x04 is "disconnect with will message", 0 a normal disconnection.
    """

    cause: str
    reconnect: bool
    reason_code: int
