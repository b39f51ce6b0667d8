"""Asking edge nodes for their births, not more often than they can bear."""

from __future__ import annotations

from dataclasses import dataclass

from plant.sparkplug.actions import Publish
from plant.sparkplug.codec import encode
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.host.config import HostConfig
from plant.sparkplug.host.events import HostOutput, RebirthCause, RebirthRequested
from plant.sparkplug.names import REBIRTH
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.topic import NodeId, Topic, Verb


def rebirth_request(node: NodeId, now_ms: int) -> Publish:
    """NCMD that writes Node Control/Rebirth = true, by name."""
    payload = SparkplugPayload(timestamp=now_ms)
    payload.metrics.add(name=REBIRTH, timestamp=now_ms, datatype=DataType.BOOLEAN, boolean_value=True)
    return Publish(str(Topic(node.group, Verb.NCMD, node.node)), encode(payload))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The last request to a node, and how many there were."""

    at_ms: int
    times: int


class RebirthDesk:
    """Sends rebirth requests: at most one per node and interval, and none before the host's own birth is out.

    A request that comes too early is kept and sent when its time has come, unless the node was born meanwhile. Both
    tables are bounded by the limit on nodes, oldest out first.
    """

    def __init__(self, config: HostConfig) -> None:
        self._config = config
        self._open = False
        self._asked: dict[NodeId, _Asked] = {}
        self._wanted: dict[NodeId, RebirthCause] = {}

    def open(self) -> None:
        """The host's birth is out: requests may follow."""
        self._open = True

    def close(self) -> None:
        """The connection is gone, and what was wanted with it: all nodes have to be born anew."""
        self._open = False
        self._wanted.clear()

    def times(self, node: NodeId) -> int:
        """How often the node has been asked."""
        asked = self._asked.get(node)
        return 0 if asked is None else asked.times

    def ask(self, node: NodeId, cause: RebirthCause, now_ms: int) -> list[HostOutput]:
        """A rebirth of the node is wanted: by the driver, or for a cause that the configuration lists."""
        if cause is not RebirthCause.ASKED and cause not in self._config.rebirth_on:
            return []
        if not self._may_ask(node, now_ms):
            self._wanted.setdefault(node, cause)
            _keep_newest(self._wanted, self._config.limits.nodes)
            return []
        self._wanted.pop(node, None)
        times = self.times(node) + 1
        self._asked.pop(node, None)
        self._asked[node] = _Asked(now_ms, times)
        _keep_newest(self._asked, self._config.limits.nodes)
        return [rebirth_request(node, now_ms), RebirthRequested(node, cause, now_ms)]

    def cancel(self, node: NodeId) -> None:
        """The node was born, or is dead: what was wanted of it is settled."""
        self._wanted.pop(node, None)

    def tick(self, now_ms: int) -> list[HostOutput]:
        """Send what had to wait."""
        due = [(node, cause) for node, cause in self._wanted.items() if self._may_ask(node, now_ms)]
        return [output for node, cause in due for output in self.ask(node, cause, now_ms)]

    def _may_ask(self, node: NodeId, now_ms: int) -> bool:
        asked = self._asked.get(node)
        # A clock that was set back must not silence the host for as long as it was ahead.
        waited = asked is None or not 0 <= now_ms - asked.at_ms < self._config.rebirth_interval_ms
        return self._open and waited


def _keep_newest(table: dict[NodeId, _Asked] | dict[NodeId, RebirthCause], limit: int) -> None:
    while len(table) > limit:
        del table[next(iter(table))]
