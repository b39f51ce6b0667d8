"""Metrics out of payloads as columns: on the hot path there is no object per value.

A receiver makes a `BirthTable` from each birth and reads every later DATA of that node or device with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from plant.readings import BAD, GOOD, STALE
from plant.sparkplug.datatypes import Accessor, Value, accessor
from plant.sparkplug.payload_pb2 import PropertyGroup, SparkplugMetric, SparkplugPayload

QUALITY_PROPERTY = "Quality"
LATEST_TIMESTAMP_MS = 253_402_300_799_999
"""The last millisecond of the year 9999; anything later is not a time."""

_QUALITIES = frozenset((BAD, GOOD, STALE))


class Reject(StrEnum):
    """Why single values of a readable payload could not be used."""

    UNKNOWN_METRIC = "unknown_metric"
    WRONG_TYPE = "wrong_type"
    UNSUPPORTED_TYPE = "unsupported_type"
    ABSURD_TIMESTAMP = "absurd_timestamp"
    WRONG_QUALITY = "wrong_quality"
    BAD_DECLARATION = "bad_declaration"


@dataclass(slots=True)  # not frozen: two are made per message, and freezing trebles what that costs
class Samples:
    """Numeric values as columns of equal length, in the order of the payload.

    One payload may hold several values of one metric, so an index may come more than once.

    Attributes:
        indices: Positions in `BirthTable.rows`.
        timestamps_ms: Capture times, UTC ms.
        values: float, int or bool; NaN where the metric is null (its quality is then not 192).
        qualities: 0 bad, 192 good, 500 stale.
    """

    indices: list[int] = field(default_factory=list)
    timestamps_ms: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    qualities: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.indices)


@dataclass(frozen=True, slots=True)
class OtherSample:
    """A value that is not a number: text, bytes or an array; ``value`` None where the metric is null."""

    index: int
    timestamp_ms: int
    value: Value | None
    quality: int
    historical: bool


@dataclass(slots=True)  # not frozen, as Samples
class Reading:
    """All that one payload holds.

    Attributes:
        live: Numbers that are current values.
        historical: Numbers with ``is_historical``: to be stored at their own times, never shown as current.
        others: Values that are not numbers.
        rejected: How many values could not be used, by reason.
    """

    live: Samples
    historical: Samples
    others: list[OtherSample]
    rejected: dict[Reject, int]

    def __bool__(self) -> bool:
        """Whether there is any value."""
        return bool(self.live or self.historical or self.others)


@dataclass(frozen=True, slots=True)
class BirthRow:
    """One metric as its birth declared it.

    Attributes:
        datatype: The number on the wire, which may be one not known here.
        engineering_unit: What the birth calls the unit of measure; empty if it does not say. Two rows of a metric
            that differ in it alone agree.
    """

    name: str
    alias: int | None
    datatype: int
    engineering_unit: str = field(default="", compare=False)


class BirthTable:
    """What a birth certificate declared: the key to read DATA and to write commands.

    Attributes:
        rows: The metrics; their positions are the indices in `Samples`.
    """

    __slots__ = ("_accessors", "_by_alias", "_by_name", "_getters", "_numeric", "rows")

    def __init__(self, rows: Sequence[BirthRow]) -> None:
        self.rows = tuple(rows)
        self._by_name = {row.name: index for index, row in enumerate(rows)}
        self._by_alias = {row.alias: index for index, row in enumerate(rows) if row.alias is not None}
        self._accessors = [accessor(row.datatype) for row in rows]
        self._getters = [None if access is None else access.get for access in self._accessors]
        self._numeric = [access is not None and access.numeric for access in self._accessors]

    def __len__(self) -> int:
        return len(self.rows)

    def index_of(self, name: str) -> int | None:
        """Position of a metric, None if the birth did not declare it."""
        return self._by_name.get(name)

    def accessor_of(self, index: int) -> Accessor | None:
        """How to read and write the metric; None for datatypes that are not used here."""
        return self._accessors[index]

    def locate(self, metric: SparkplugMetric) -> int | None:
        """Position of the metric that a DATA or a command means, by alias or else by name.

        Alias 0 is legal, so it is the presence of the field that decides.
        """
        alias = metric.alias
        if alias or metric.HasField("alias"):
            return self._by_alias.get(alias)
        return self._by_name.get(metric.name)

    def read(self, payload: SparkplugPayload) -> Reading:
        """Take a DATA or BIRTH payload apart; what cannot be used is counted and costs no other value.

        A metric without a timestamp of its own takes the payload's. ``is_null`` wins over a value that is there, and
        a null is never good: a claim of 192, or no claim, becomes 0.
        """
        live, historical = Samples(), Samples()
        others: list[OtherSample] = []
        rejected: dict[Reject, int] = {}
        payload_time = payload.timestamp
        by_alias, getters, numeric = self._by_alias, self._getters, self._numeric
        for metric in payload.metrics:
            alias = metric.alias
            index = by_alias.get(alias) if alias else self.locate(metric)
            get = None if index is None else getters[index]
            if index is None or get is None:
                reason = Reject.UNKNOWN_METRIC if index is None else Reject.UNSUPPORTED_TYPE
                rejected[reason] = rejected.get(reason, 0) + 1
                continue
            null = metric.is_null
            time = metric.timestamp or payload_time
            value = None if null else get(metric)
            quality = _quality(metric.properties) if metric.HasField("properties") else GOOD
            if (value is None and not null) or quality is None or not 0 < time <= LATEST_TIMESTAMP_MS:
                reason = _reason(time, quality)
                rejected[reason] = rejected.get(reason, 0) + 1
                continue
            if null and quality == GOOD:
                quality = BAD
            if not numeric[index]:
                others.append(OtherSample(index, time, value, quality, metric.is_historical))
                continue
            samples = historical if metric.is_historical else live
            samples.indices.append(index)
            samples.timestamps_ms.append(time)
            samples.values.append(math.nan if null else value)  # type: ignore[arg-type]  # numeric getters give floats
            samples.qualities.append(quality)
        return Reading(live, historical, others, rejected)


def _reason(time: int, quality: int | None) -> Reject:
    """Why a value of a known metric cannot be used; if nothing else is wrong it is missing or of another type."""
    if not 0 < time <= LATEST_TIMESTAMP_MS:
        return Reject.ABSURD_TIMESTAMP
    return Reject.WRONG_QUALITY if quality is None else Reject.WRONG_TYPE


def _quality(properties: PropertyGroup) -> int | None:
    """The ``Quality`` property: good when it is not there, None when it is none of 0, 192 and 500."""
    for key, item in zip(properties.keys, properties.values, strict=False):
        if key == QUALITY_PROPERTY:
            code = item.int_value or item.long_value
            return code if code in _QUALITIES else None
    return GOOD
