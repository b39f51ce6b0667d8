"""The session of a Sparkplug host application, free of I/O and of a clock."""

from plant.sparkplug.host.commands import CommandRefusedError
from plant.sparkplug.host.config import HostConfig, HostLimits
from plant.sparkplug.host.events import (
    Birth,
    Data,
    HostIdContested,
    HostOutput,
    MetricsStale,
    NodeOffline,
    NodeOnline,
    OfflineCause,
    RebirthCause,
    RebirthRequested,
    Rejected,
    SequenceGap,
    Unread,
)
from plant.sparkplug.host.node import NodeStatus
from plant.sparkplug.host.session import HostSession

__all__ = [
    "Birth",
    "CommandRefusedError",
    "Data",
    "HostConfig",
    "HostIdContested",
    "HostLimits",
    "HostOutput",
    "HostSession",
    "MetricsStale",
    "NodeOffline",
    "NodeOnline",
    "NodeStatus",
    "OfflineCause",
    "RebirthCause",
    "RebirthRequested",
    "Rejected",
    "SequenceGap",
    "Unread",
]
