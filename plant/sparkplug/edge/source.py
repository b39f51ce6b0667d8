"""One node or device of an edge session: its aliases, its current values, and its payloads."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TypeAlias

from plant.readings import BAD, GOOD
from plant.sparkplug.datatypes import DataType, Setter, Value, accessor
from plant.sparkplug.edge.definition import MetricDefinition
from plant.sparkplug.names import BD_SEQ, REBIRTH
from plant.sparkplug.payload_pb2 import SparkplugMetric, SparkplugPayload
from plant.sparkplug.samples import QUALITY_PROPERTY, BirthRow, BirthTable
from plant.sparkplug.topic import Source, Topic, Verb

Row: TypeAlias = tuple[int, int, Value | None, int]
"""Index of the metric, capture time in UTC ms, value or None for null, quality."""


class EdgeSource:
    """Definitions, aliases and last known values of a node or device.

    Attributes:
        source: Which node or device.
        alive: Whether the node can reach the device; a dead device has no DBIRTH and no DDATA.
        table: The aliases and datatypes as births declare them, also used to read commands.
        writable: Which metrics take commands.
        first_alias: Of its first metric; the others follow one by one.
    """

    def __init__(self, source: Source, definitions: Sequence[MetricDefinition], first_alias: int) -> None:
        self.source = source
        self.alive = True
        self.table = BirthTable(
            [BirthRow(metric.name, first_alias + index, metric.datatype) for index, metric in enumerate(definitions)]
        )
        self.writable = tuple(metric.writable for metric in definitions)
        self.birth_topic = str(Topic.of(source, Verb.NBIRTH, Verb.DBIRTH))
        self.data_topic = str(Topic.of(source, Verb.NDATA, Verb.DDATA))
        self.death_topic = str(Topic.of(source, Verb.NDEATH, Verb.DDEATH))
        self.first_alias = first_alias
        self._put: list[Setter] = [_setter(metric.datatype) for metric in definitions]
        self._values: list[Value | None] = [None] * len(definitions)
        self._timestamps_ms: list[int | None] = [None] * len(definitions)
        self._qualities: list[int] = [BAD] * len(definitions)

    def remember(self, rows: Sequence[Row]) -> None:
        """Make these the current values, for the births to come; the last one of a metric stays."""
        values, times, qualities = self._values, self._timestamps_ms, self._qualities
        for index, time, value, quality in rows:
            values[index] = value
            times[index] = time
            qualities[index] = quality

    def take_over(self, former: EdgeSource) -> None:
        """Take the current values of metrics that were there before under the same name and datatype."""
        for index, row in enumerate(self.table.rows):
            old = former.table.index_of(row.name)
            if old is not None and former.table.rows[old].datatype == row.datatype:
                self._values[index] = former._values[old]
                self._timestamps_ms[index] = former._timestamps_ms[old]
                self._qualities[index] = former._qualities[old]
        self.alive = former.alive

    def add_current(self, payload: SparkplugPayload, now_ms: int) -> None:
        """Append every metric as a birth declares it: name, alias, datatype, and current value or null.

        A metric that never had a value is null as of now.
        """
        for index, row in enumerate(self.table.rows):
            time = self._timestamps_ms[index]
            metric = payload.metrics.add(
                name=row.name, datatype=row.datatype, timestamp=now_ms if time is None else time
            )
            metric.alias = self.first_alias + index
            value = self._values[index]
            if value is None:
                metric.is_null = True
            else:
                self._put[index](metric, value)
            if self._qualities[index] != GOOD:
                add_quality(metric, self._qualities[index])

    def add_data(self, payload: SparkplugPayload, rows: Sequence[Row], *, historical: bool) -> None:
        """Append values as DATA carries them: alias, timestamp and value only.

        Raises:
            IncompatibleValueError: a value does not fit its datatype.
        """
        add, first_alias, put = payload.metrics.add, self.first_alias, self._put
        for index, time, value, quality in rows:
            metric = add()
            metric.alias = first_alias + index
            metric.timestamp = time
            if value is None:
                metric.is_null = True
            else:
                put[index](metric, value)
            if historical:
                metric.is_historical = True
            if quality != GOOD:
                add_quality(metric, quality)


def in_order(
    indices: Sequence[int], timestamps_ms: Sequence[int], values: Sequence[Value | None], qualities: Sequence[int]
) -> list[Row]:
    """Columns as rows in chronological order, as the values of one metric in one payload must be."""
    rows = list(zip(indices, timestamps_ms, values, qualities, strict=True))
    if any(map(operator.gt, timestamps_ms, timestamps_ms[1:])):
        rows.sort(key=operator.itemgetter(1))
    return rows


def _setter(datatype: DataType) -> Setter:
    access = accessor(datatype)
    if access is None:
        raise ValueError(f"{datatype!r} has no accessor")  # EdgeDefinition refuses it before
    return access.put


def add_quality(metric: SparkplugMetric, quality: int) -> None:
    """Attach the ``Quality`` property; good values go without."""
    metric.properties.keys.append(QUALITY_PROPERTY)
    metric.properties.values.add(type=DataType.INT32, int_value=quality)


def add_bd_seq(payload: SparkplugPayload, bd_seq: int, now_ms: int) -> None:
    """Append bdSeq: an Int64 without alias, so that an NDEATH is readable without a table."""
    payload.metrics.add(name=BD_SEQ, datatype=DataType.INT64, timestamp=now_ms, long_value=bd_seq)


def add_rebirth_control(payload: SparkplugPayload, now_ms: int) -> None:
    """Append Node Control/Rebirth: false, without alias, so that any host can write it by name."""
    payload.metrics.add(name=REBIRTH, datatype=DataType.BOOLEAN, timestamp=now_ms, boolean_value=False)
