"""Birth certificates as a host reads them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from plant.sparkplug.datatypes import INTEGER_FIELDS
from plant.sparkplug.names import BD_SEQ, REBIRTH, SEQUENCE_MODULUS
from plant.sparkplug.payload_pb2 import SparkplugMetric, SparkplugPayload
from plant.sparkplug.samples import BirthRow, BirthTable

ENGINEERING_UNIT = "engUnit"
"""Property by which gateways commonly name the unit of measure (a convention, not in the standard)."""
_PROTOCOL_NAMES = frozenset((BD_SEQ, REBIRTH))


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a birth declares.

    Attributes:
        table: Its metrics, without those of the protocol itself.
        broken: Metrics without a name or datatype, or that contradict another one; they are left out.
    """

    table: BirthTable
    broken: int


def read_declarations(payload: SparkplugPayload) -> Declarations:
    """Read the metrics that a birth declares.

    One bad metric does not cost the others. A metric may come more than once, with a value each; then all must agree.
    An alias that two metrics claim belongs to neither, because a value must never go to the wrong metric.
    """
    rows: dict[str, BirthRow] = {}
    broken = 0
    for metric in payload.metrics:
        name = metric.name
        if name in _PROTOCOL_NAMES:
            continue
        alias = metric.alias if metric.HasField("alias") else None
        row = BirthRow(name, alias, metric.datatype, _engineering_unit(metric))
        if not _is_complete(metric) or rows.setdefault(name, row) != row:
            broken += 1
    claims = Counter(row.alias for row in rows.values() if row.alias is not None)
    clashing = {alias for alias, times in claims.items() if times > 1}
    kept = [row if row.alias not in clashing else replace(row, alias=None) for row in rows.values()]
    return Declarations(BirthTable(kept), broken + sum(claims[alias] for alias in clashing))


def _engineering_unit(metric: SparkplugMetric) -> str:
    """The unit of measure that the metric's properties name, if they do."""
    for key, item in zip(metric.properties.keys, metric.properties.values, strict=False):
        if key == ENGINEERING_UNIT and type(item.string_value) is str:  # bytes where the text is not UTF-8
            return item.string_value
    return ""


def _is_complete(metric: SparkplugMetric) -> bool:
    name = metric.name
    if type(name) is not str:  # protobuf hands out bytes where the name is not UTF-8
        return False
    return bool(name) and metric.HasField("datatype")


def read_bd_seq(payload: SparkplugPayload) -> int | None:
    """The bdSeq of an NBIRTH or NDEATH; None when it is missing or not 0 to 255."""
    for metric in payload.metrics:
        if metric.name == BD_SEQ and not metric.is_null and metric.WhichOneof("value") in INTEGER_FIELDS:
            value = metric.int_value or metric.long_value
            return value if value < SEQUENCE_MODULUS else None
    return None
