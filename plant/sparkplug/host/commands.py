"""NCMD and DCMD payloads as a host writes them."""

from __future__ import annotations

from collections.abc import Iterable

from plant.errors import BadInputError
from plant.sparkplug.actions import Publish
from plant.sparkplug.codec import encode
from plant.sparkplug.datatypes import Value
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.samples import BirthTable
from plant.sparkplug.topic import Source, Topic, Verb


class CommandRefusedError(BadInputError):
    """A command that cannot be sent; reason ``offline`` or ``unknown_metric``."""


def command(source: Source, table: BirthTable, writes: Iterable[tuple[str, Value]], now_ms: int) -> Publish:
    """NCMD for a node, DCMD for a device: no seq, by alias where the birth gave one, else by name.

    Args:
        source: Whose metrics to write.
        table: Its last birth.
        writes: Metric names and their new values.
        now_ms: Time of sending, UTC ms.

    Raises:
        CommandRefusedError: the birth did not declare the metric, or its datatype cannot be written.
        IncompatibleValueError: the value does not fit the metric's datatype.
    """
    payload = SparkplugPayload(timestamp=now_ms)
    for name, value in writes:
        index = table.index_of(name)
        access = None if index is None else table.accessor_of(index)
        if index is None or access is None:
            raise CommandRefusedError("unknown_metric", f"{source} has no metric {name!r} that can be written")
        alias = table.rows[index].alias
        metric = payload.metrics.add(timestamp=now_ms)
        if alias is None:
            metric.name = name
        else:
            metric.alias = alias
        access.put(metric, value)
    return Publish(str(Topic.of(source, Verb.NCMD, Verb.DCMD)), encode(payload))
