"""What a host session is told when it is built."""

from __future__ import annotations

from dataclasses import dataclass

from plant.sparkplug.host.events import RebirthCause
from plant.sparkplug.topic import NodeId, check_token


@dataclass(frozen=True, slots=True)
class HostLimits:
    """Bounds against publishers that never end; what is above them is rejected and counted.

    Attributes:
        nodes: Edge nodes that are or were online.
        devices_per_node: Devices of one node.
        metrics_per_node: Metrics of one node and all its devices.
        payload_bytes: Length of one payload.
        reorder_messages: Messages of one node that wait for a missing one, at most 255.
        reorder_bytes: Bytes of one node that wait for a missing message.
    """

    nodes: int = 4096
    devices_per_node: int = 512
    metrics_per_node: int = 20_000
    payload_bytes: int = 1 << 20
    reorder_messages: int = 128
    reorder_bytes: int = 4 << 20


@dataclass(frozen=True, slots=True)
class HostConfig:
    """A host application.

    Attributes:
        host_id: Unique in the whole installation.
        groups: Sparkplug groups that it follows.
        reorder_timeout_ms: How long to wait for a missing message.
        rebirth_interval_ms: Least time between two rebirth requests to one node.
        rebirth_on: What makes it ask for a rebirth by itself.
        birth_timeout_ms: After a rebirth's NBIRTH, a device without DBIRTH for this long is away.
        state_debounce_ms: Least time between two publications of its own STATE.
        state_backoff_ms: Longest wait before it connects anew to outdo a foreign "offline" with a newer timestamp.
        limits: Bounds of its memory.
        nodes: Edge nodes that it follows; messages of others are refused unread, so that made-up ones cost no
            memory and are asked for nothing. None follows all of the groups.
        columns: Hand out plain DATA messages as `Unread`, for whoever reads many at a time.

    Raises:
        InvalidTopicError: the host id or a group is not legal.
    """

    host_id: str
    groups: tuple[str, ...]
    reorder_timeout_ms: int = 2_000
    rebirth_interval_ms: int = 5_000
    rebirth_on: frozenset[RebirthCause] = frozenset(RebirthCause)
    birth_timeout_ms: int = 10_000
    state_debounce_ms: int = 1_000
    state_backoff_ms: int = 60_000
    limits: HostLimits = HostLimits()
    nodes: frozenset[NodeId] | None = None
    columns: bool = False

    def __post_init__(self) -> None:
        check_token(self.host_id, "host")
        for group in self.groups:
            check_token(group, "group")
