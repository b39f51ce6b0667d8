"""What unknown Sparkplug gateways declare: listens to births, and asks for those that it has missed. Without I/O."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from plant.errors import BadInputError
from plant.sparkplug.actions import Publish
from plant.sparkplug.codec import decode
from plant.sparkplug.datatypes import INTEGER_FIELDS
from plant.sparkplug.host.rebirth import rebirth_request
from plant.sparkplug.names import BD_SEQ
from plant.sparkplug.payload_pb2 import PropertyItem, SparkplugMetric
from plant.sparkplug.topic import NodeId, Source, Topic, Verb, parse

REBIRTH_INTERVAL_MS: Final = 10_000
"""An edge node is not asked more often."""
ASK_EVERY_MS: Final = 200
"""Between two requests, so that a plant's gateways are not all born at once."""
MOST_REQUESTS: Final = 3
"""An edge node that does not answer is left in peace."""
MOST_NODES: Final = 1_000
MOST_METRICS: Final = 20_000
_OWN: Final = "Node Control/"
_NUMBERS: Final = ("double_value", "float_value", *INTEGER_FIELDS)


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric as a birth declares it.

    Attributes:
        datatype: The number on the wire, which may be one not known here.
        unit: ``engUnit``, empty if the birth does not say.
        low: ``engLow``; None if the birth does not say, or says no number.
        high: ``engHigh``, likewise.
    """

    name: str
    datatype: int
    unit: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(slots=True)
class _Node:
    born: bool = False
    asked: int = 0
    asked_ms: int = 0


@dataclass
class Survey:
    """Collects births.

    Args:
        groups: Sparkplug groups to look at; empty is all.

    Attributes:
        births: Metrics of each edge node (device None) and device that was born.
        refused: Messages that could not be read.
    """

    groups: Collection[str] = ()
    births: dict[Source, tuple[Declared, ...]] = field(default_factory=dict)
    refused: int = 0
    _nodes: dict[NodeId, _Node] = field(default_factory=dict)
    _last_ask_ms: int = 0

    @property
    def silent(self) -> list[NodeId]:
        """Edge nodes that were heard and not born."""
        return [node for node, known in self._nodes.items() if not known.born]

    def heard(self, topic: str, payload: bytes) -> None:
        """Take a message of `spBv1.0/#` in."""
        try:
            found = parse(topic)
            if not isinstance(found, Topic) or (self.groups and found.group not in self.groups):
                return
            if found.verb in {Verb.NCMD, Verb.DCMD, Verb.NDEATH, Verb.DDEATH}:
                return
            if found.node_id not in self._nodes and len(self._nodes) >= MOST_NODES:
                return
            node = self._nodes.setdefault(found.node_id, _Node())
            if found.verb in {Verb.NBIRTH, Verb.DBIRTH}:
                self.births[found.source] = _declared(decode(payload).metrics)
                node.born = node.born or found.verb is Verb.NBIRTH
        except BadInputError:
            self.refused += 1

    def due(self, now_ms: int) -> Publish | None:
        """The rebirth request that is to be sent now, None if there is none. `now_ms` is the host time, UTC ms."""
        if now_ms - self._last_ask_ms < ASK_EVERY_MS:
            return None
        for node, known in self._nodes.items():
            if not known.born and known.asked < MOST_REQUESTS and now_ms - known.asked_ms >= REBIRTH_INTERVAL_MS:
                known.asked, known.asked_ms, self._last_ask_ms = known.asked + 1, now_ms, now_ms
                return rebirth_request(node, now_ms)
        return None

    def devices(self) -> Mapping[NodeId, Mapping[str, tuple[Declared, ...]]]:
        """Metrics by edge node and device, by name."""
        found: dict[NodeId, dict[str, tuple[Declared, ...]]] = {}
        for source, metrics in sorted(self.births.items(), key=lambda each: str(each[0])):
            devices = found.setdefault(source.node_id, {})
            if source.device is not None:
                devices[source.device] = metrics
        return found


def _declared(metrics: Collection[SparkplugMetric]) -> tuple[Declared, ...]:
    """Each metric once; those of the protocol and those without a readable name left out."""
    found: dict[str, Declared] = {}
    for metric in metrics:
        name = metric.name
        if type(name) is not str or not name or name == BD_SEQ or name.startswith(_OWN) or len(found) >= MOST_METRICS:
            continue
        properties = dict(zip(metric.properties.keys, metric.properties.values, strict=False))
        unit = properties["engUnit"].string_value if "engUnit" in properties else ""
        low, high = (_number(properties.get(key)) for key in ("engLow", "engHigh"))
        found.setdefault(name, Declared(name, metric.datatype, unit if type(unit) is str else "", low, high))
    return tuple(found.values())


def _number(item: PropertyItem | None) -> float | None:
    """The number of a property, whatever its type; None if it is none."""
    kind = None if item is None else item.WhichOneof("value")
    if item is None or kind not in _NUMBERS:
        return None
    value = float(getattr(item, str(kind)))
    return value if math.isfinite(value) else None
