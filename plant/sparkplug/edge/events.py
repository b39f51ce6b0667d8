"""What an edge session tells its driver, besides the actions on the connection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from plant.sparkplug.actions import Disconnect, Publish, Subscribe
from plant.sparkplug.datatypes import Value


class BirthCause(StrEnum):
    """Why all births have been published."""

    CONNECTED = "connected"
    HOST_ONLINE = "host_online"
    REBIRTH = "rebirth"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class BirthsSent:
    """NBIRTH and every DBIRTH are out; DATA may follow. After a rebirth, replay the last minute."""

    cause: BirthCause
    at_ms: int


@dataclass(frozen=True, slots=True)
class Command:
    """A host wrote a metric.

    Attributes:
        device: Name of the device, None for the node itself.
        index: Position of the metric in its definitions.
        metric: Its name.
        value: Of the metric's datatype; None when null was written.
        timestamp_ms: UTC ms, of the metric or else of the payload; 0 when neither is there.
    """

    device: str | None
    index: int
    metric: str
    value: Value | None
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class PrimaryHostChanged:
    """The primary host came or went; while it is away, what would be published is to be kept.

    Attributes:
        online: Its new state.
        since_ms: Timestamp of its STATE, UTC ms.
    """

    online: bool
    since_ms: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something from outside that could not be used.

    Attributes:
        reason: Stable key to count by.
        text: One sentence for the log.
    """

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Refused(Ignored):
    """A write of a metric of ours that was not carried out; whoever wrote it waits for a read-back: tell what holds.

    Attributes:
        device: Name of the device, None for the node itself.
        index: Position of the metric in its definitions.
    """

    device: str | None
    index: int


EdgeOutput: TypeAlias = Publish | Subscribe | Disconnect | BirthsSent | Command | PrimaryHostChanged | Ignored
"""Everything that a call of an edge session can return; to be carried out in order."""
