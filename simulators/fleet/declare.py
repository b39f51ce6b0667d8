"""What births say of a metric besides its value: engineering unit and range, under the names that hosts know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plant.model.enterprise import Metric
from plant.sparkplug.actions import Publish
from plant.sparkplug.codec import decode, encode
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.payload_pb2 import SparkplugMetric


def declare(birth: Publish, metrics: Sequence[Metric]) -> Publish:
    """A DBIRTH with the properties ``engUnit``, ``engLow`` and ``engHigh`` where the model knows them.

    Args:
        birth: As the session made it.
        metrics: Of the device, in the order of the birth.
    """
    payload = decode(birth.payload)
    for sent, metric in zip(payload.metrics, metrics, strict=True):
        if metric.unit:
            sent.properties.keys.append("engUnit")
            sent.properties.values.add(type=DataType.STRING, string_value=metric.unit)
        if metric.span is not None:
            _number(sent, "engLow", metric.span.low)
            _number(sent, "engHigh", metric.span.high)
    return replace(birth, payload=encode(payload))


def _number(sent: SparkplugMetric, key: str, value: float) -> None:
    sent.properties.keys.append(key)
    sent.properties.values.add(type=DataType.DOUBLE, double_value=value)
