"""Columns out of payloads."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sparkplug_peers import START_MS

from plant.sparkplug.datatypes import DataType
from plant.sparkplug.payload_pb2 import SparkplugPayload
from plant.sparkplug.samples import BirthRow, BirthTable, OtherSample, Reading, Reject

TABLE = BirthTable(
    [
        BirthRow("zero", 0, DataType.DOUBLE),
        BirthRow("count", 1, DataType.UINT32),
        BirthRow("on", 2, DataType.BOOLEAN),
        BirthRow("recipe", 3, DataType.STRING),
        BirthRow("curve", 4, DataType.INT16_ARRAY),
        BirthRow("by name", None, DataType.INT8),
        BirthRow("structure", 6, DataType.TEMPLATE),
    ]
)


def read(*metrics: dict[str, Any], timestamp: int = START_MS) -> Reading:
    """Read a payload of these metrics."""
    payload = SparkplugPayload(timestamp=timestamp)
    for fields in metrics:
        quality = fields.pop("quality", None)
        metric = payload.metrics.add(**fields)
        if quality is not None:
            metric.properties.keys.append("Quality")
            metric.properties.values.add(type=3, int_value=quality)
    return TABLE.read(SparkplugPayload.FromString(payload.SerializeToString()))


def test_numbers_come_out_as_columns() -> None:
    """Doubles, integers and booleans are one set of columns, in the order of the payload."""
    reading = read(
        {"alias": 1, "timestamp": 10, "int_value": 7},
        {"alias": 0, "timestamp": 20, "double_value": 0.0, "quality": 0},
        {"alias": 2, "timestamp": 30, "boolean_value": False, "quality": 500},
        {"name": "by name", "timestamp": 40, "int_value": 0xFF},
    )
    assert reading.live.indices == [1, 0, 2, 5]
    assert reading.live.timestamps_ms == [10, 20, 30, 40]
    assert reading.live.values == [7, 0.0, 0, -1]
    assert reading.live.qualities == [192, 0, 500, 192]
    assert len(reading.live) == 4
    assert not reading.rejected


def test_what_is_not_a_number_comes_out_apart() -> None:
    """Texts and arrays are objects, with their flag of history; null is None and not good."""
    reading = read(
        {"alias": 3, "timestamp": 10, "string_value": "ГКЛ"},
        {"alias": 4, "timestamp": 20, "bytes_value": b"\1\0", "is_historical": True},
        {"alias": 3, "timestamp": 30, "is_null": True},
    )
    assert reading.others == [
        OtherSample(3, 10, "ГКЛ", 192, historical=False),
        OtherSample(4, 20, [1], 192, historical=True),
        OtherSample(3, 30, None, 0, historical=False),
    ]
    assert reading
    assert not reading.live


@pytest.mark.parametrize("value", [{}, {"double_value": 5.0}])
@pytest.mark.parametrize(("claimed", "expected"), [(None, 0), (192, 0), (0, 0), (500, 500)])
def test_w4_null_wins_over_a_value(value: dict[str, Any], claimed: int | None, expected: int) -> None:
    """W4: is_null = true is null, value or not, and never good."""
    quality = {} if claimed is None else {"quality": claimed}
    reading = read({"alias": 0, "timestamp": 10, "is_null": True} | value | quality)
    assert math.isnan(reading.live.values[0])
    assert reading.live.qualities == [expected]


def test_w4_null_that_is_false_is_a_value() -> None:
    """W4: is_null present but false is not null."""
    assert read({"alias": 0, "timestamp": 10, "is_null": False, "double_value": 5.0}).live.values == [5.0]


def test_t4_alias_0_is_an_alias() -> None:
    """T4: the presence of the alias decides, not its truth; a name beside an alias does not matter."""
    assert read({"alias": 0, "name": "count", "timestamp": 10, "double_value": 5.0}).live.indices == [0]
    assert read({"name": "count", "timestamp": 10, "int_value": 5}).live.indices == [1]


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ({"alias": 99, "double_value": 1.0}, Reject.UNKNOWN_METRIC),
        ({"name": "unheard of", "double_value": 1.0}, Reject.UNKNOWN_METRIC),
        ({"double_value": 1.0}, Reject.UNKNOWN_METRIC),
        ({"alias": 0, "int_value": 1}, Reject.WRONG_TYPE),
        ({"alias": 0, "string_value": "1"}, Reject.WRONG_TYPE),
        ({"alias": 0}, Reject.WRONG_TYPE),
        ({"alias": 3, "double_value": 1.0}, Reject.WRONG_TYPE),
        ({"alias": 4, "bytes_value": b"\1"}, Reject.WRONG_TYPE),
        ({"alias": 6, "int_value": 1}, Reject.UNSUPPORTED_TYPE),
        ({"alias": 0, "double_value": 1.0, "timestamp": 2**63}, Reject.ABSURD_TIMESTAMP),
        ({"alias": 0, "double_value": 1.0, "quality": 7}, Reject.WRONG_QUALITY),
    ],
)
def test_a_bad_value_is_counted_and_costs_no_other(metric: dict[str, Any], reason: Reject) -> None:
    """A value that cannot be used is counted by reason; the good one after it comes through."""
    reading = read({"timestamp": 10} | metric, {"alias": 0, "timestamp": 11, "double_value": 2.0})
    assert reading.rejected == {reason: 1}
    assert reading.live.values == [2.0]
    assert not reading.others


def test_without_any_time_a_value_is_refused() -> None:
    """Neither metric nor payload has a timestamp: nobody can say when it was."""
    assert read({"alias": 0, "double_value": 1.0}, timestamp=0).rejected == {Reject.ABSURD_TIMESTAMP: 1}


def test_an_empty_payload_is_an_empty_reading() -> None:
    """No metrics, no values, nothing rejected."""
    reading = read()
    assert not reading
    assert not reading.rejected


def test_a_table_answers_by_position_and_name() -> None:
    """Rows are found by name, and each says how it is read."""
    assert len(TABLE) == 7
    assert TABLE.index_of("on") == 2
    assert TABLE.index_of("off") is None
    assert TABLE.accessor_of(6) is None
