"""What a host session tells its driver, besides the actions on the connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.envelope import Envelope
from plant.sparkplug.samples import BirthTable, Reading
from plant.sparkplug.topic import NodeId, Source, Topic


class OfflineCause(StrEnum):
    """Why a node or device counts as away."""

    DEATH = "death"
    NODE_DEATH = "node_death"
    NEW_SESSION = "new_session"
    NOT_REBORN = "not_reborn"
    HOST_DISCONNECTED = "host_disconnected"


class RebirthCause(StrEnum):
    """Why all births of a node are wanted again."""

    SEQUENCE_GAP = "sequence_gap"
    BEFORE_BIRTH = "before_birth"
    UNKNOWN_METRIC = "unknown_metric"
    MALFORMED_PAYLOAD = "malformed_payload"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class NodeOnline:
    """NBIRTH has arrived; devices follow with a `Birth` each."""

    node: NodeId
    at_ms: int
    bd_seq: int | None


@dataclass(frozen=True, slots=True)
class NodeOffline:
    """A node is away; each of its sources that was online gets a `MetricsStale` too."""

    node: NodeId
    at_ms: int
    cause: OfflineCause


@dataclass(frozen=True, slots=True)
class MetricsStale:
    """A node or device is away: every metric of its last birth has quality 500 from this time on.

    Attributes:
        source: Node itself or device.
        at_ms: Host's time for NDEATH and for a lost connection, the payload's time for DDEATH; UTC ms.
        cause: Why.
    """

    source: Source
    at_ms: int
    cause: OfflineCause


@dataclass(frozen=True, slots=True)
class Birth:
    """A node or device has declared its metrics; from here on indices of `Data` are positions in this table.

    Attributes:
        source: Node itself or device.
        table: Its metrics, without bdSeq and Node Control/Rebirth.
        reading: The values that came with the birth.
        at_ms: Host's time of arrival, UTC ms.
    """

    source: Source
    table: BirthTable
    reading: Reading
    at_ms: int


@dataclass(frozen=True, slots=True)
class Data:
    """Values of a node or device.

    Attributes:
        source: Node itself or device.
        reading: Columns, by index in the table of its last `Birth`.
        at_ms: Host's time of arrival, UTC ms.
        sent_ms: Payload timestamp, UTC ms; 0 when there is none.
    """

    source: Source
    reading: Reading
    at_ms: int
    sent_ms: int


@dataclass(slots=True)  # not frozen: one is made per message
class Unread:
    """Values of a node or device that nobody has read yet, for `plant.sparkplug.columns` to read many at a time.

    Handed out in place of `Data` when `HostConfig.columns` asks for it and the message looks plain. One that turns out
    not to be is given back to `HostSession.read_closely`.

    Attributes:
        topic: Where it came from.
        envelope: The message.
        table: What its source's last birth declared.
        at_ms: Host's time of arrival, UTC ms.
    """

    topic: Topic
    envelope: Envelope
    table: BirthTable
    at_ms: int


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """A message of a node did not come within the reorder timeout."""

    node: NodeId
    missing: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class RebirthRequested:
    """An NCMD that asks a node for its births goes out with this event."""

    node: NodeId
    cause: RebirthCause
    at_ms: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that could not be used.

    Attributes:
        reason: Stable key to count by.
        count: How many values, or 1 for a whole message.
        topic: Where it came from.
        text: One sentence for the log.
        payload: The message for the quarantine; b"" when only some of its values are rejected or it is oversize.
    """

    reason: str
    count: int
    topic: str
    text: str
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class HostIdContested:
    """Somebody else spoke for this host.

    Attributes:
        times: How often so far.
        at_ms: Host's time, UTC ms.
        rival: Another host with this id is or was online; otherwise somebody said that this host is offline.
    """

    times: int
    at_ms: int
    rival: bool


HostOutput: TypeAlias = (
    Publish
    | Subscribe
    | Disconnect
    | NodeOnline
    | NodeOffline
    | MetricsStale
    | Birth
    | Data
    | Unread
    | SequenceGap
    | RebirthRequested
    | Rejected
    | HostIdContested
)
"""Everything that a call of a host session can return; to be carried out in order."""
