"""NCMD and DCMD payloads, taken apart on the edge node."""

from __future__ import annotations

from plant.sparkplug.edge.events import Command, EdgeOutput, Ignored, Refused
from plant.sparkplug.edge.source import EdgeSource
from plant.sparkplug.names import REBIRTH
from plant.sparkplug.payload_pb2 import SparkplugMetric, SparkplugPayload


def read_commands(source: EdgeSource, payload: SparkplugPayload) -> tuple[list[EdgeOutput], bool]:
    """The writes of a command in their order, and whether it asks for a rebirth.

    What is not known is ignored, what is not writable or not of the metric's type refused; the rest of the payload is
    carried out.
    """
    outputs: list[EdgeOutput] = []
    wants_rebirth = False
    for metric in payload.metrics:
        if source.source.device is None and metric.name == REBIRTH:
            wants_rebirth |= metric.boolean_value and not metric.is_null
        else:
            outputs.append(_command(source, metric, metric.timestamp or payload.timestamp))
    return outputs, wants_rebirth


def _command(source: EdgeSource, metric: SparkplugMetric, timestamp_ms: int) -> Command | Ignored:
    index = source.table.locate(metric)
    if index is None:
        return Ignored("unknown_metric", f"{source.source}: no metric {metric.name!r} (alias {metric.alias}) to write")
    name, device = source.table.rows[index].name, source.source.device
    if not source.writable[index]:
        return Refused("not_writable", f"{source.source}: {name!r} cannot be written", device, index)
    access = source.table.accessor_of(index)
    value = None if metric.is_null or access is None else access.get(metric)
    if value is None and not metric.is_null:
        problem = f"{source.source}: the value for {name!r} is missing or of another type"
        return Refused("wrong_type", problem, device, index)
    return Command(device, index, name, value, timestamp_ms)
