"""Datatypes on the wire: traps W1 to W4, rule N11, array trap T6."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.sparkplug.datatypes import Accessor, DataType, IncompatibleValueError, accessor
from plant.sparkplug.payload_pb2 import PropertyItem, SparkplugMetric

INTEGERS = {
    DataType.INT8: (-(2**7), 2**7 - 1),
    DataType.INT16: (-(2**15), 2**15 - 1),
    DataType.INT32: (-(2**31), 2**31 - 1),
    DataType.INT64: (-(2**63), 2**63 - 1),
    DataType.UINT8: (0, 2**8 - 1),
    DataType.UINT16: (0, 2**16 - 1),
    DataType.UINT32: (0, 2**32 - 1),
    DataType.UINT64: (0, 2**64 - 1),
    DataType.DATETIME: (0, 2**64 - 1),
}
ELEMENTS = {
    DataType.INT8_ARRAY: st.integers(-(2**7), 2**7 - 1),
    DataType.INT16_ARRAY: st.integers(-(2**15), 2**15 - 1),
    DataType.INT32_ARRAY: st.integers(-(2**31), 2**31 - 1),
    DataType.INT64_ARRAY: st.integers(-(2**63), 2**63 - 1),
    DataType.UINT8_ARRAY: st.integers(0, 2**8 - 1),
    DataType.UINT16_ARRAY: st.integers(0, 2**16 - 1),
    DataType.UINT32_ARRAY: st.integers(0, 2**32 - 1),
    DataType.UINT64_ARRAY: st.integers(0, 2**64 - 1),
    DataType.FLOAT_ARRAY: st.floats(width=32, allow_nan=False),
    DataType.DOUBLE_ARRAY: st.floats(allow_nan=False),
    DataType.BOOLEAN_ARRAY: st.booleans(),
    DataType.STRING_ARRAY: st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
    DataType.DATETIME_ARRAY: st.integers(0, 2**63 - 1),
}


def values_of(datatype: DataType) -> st.SearchStrategy[Any]:
    """Any value that a datatype can hold."""
    if datatype in INTEGERS:
        return st.integers(*INTEGERS[datatype])
    if datatype in ELEMENTS:
        return st.lists(ELEMENTS[datatype])
    return {
        DataType.FLOAT: st.floats(width=32, allow_nan=False),
        DataType.DOUBLE: st.floats(allow_nan=False),
        DataType.BOOLEAN: st.booleans(),
        DataType.BYTES: st.binary(),
        DataType.FILE: st.binary(),
    }.get(datatype, st.text(st.characters(blacklist_categories=["Cs"])))


USED = [datatype for datatype in DataType if accessor(datatype) is not None]
TYPED = st.sampled_from(USED).flatmap(lambda datatype: st.tuples(st.just(datatype), values_of(datatype)))


def of(datatype: DataType) -> Accessor:
    """The accessor of a datatype that is used."""
    access = accessor(datatype)
    assert access is not None
    return access


@given(TYPED)
def test_every_value_survives_the_wire(typed: tuple[DataType, Any]) -> None:
    """What a setter writes, the getter of the same datatype reads, for every datatype and value."""
    datatype, value = typed
    metric = SparkplugMetric()
    of(datatype).put(metric, value)
    assert of(datatype).get(SparkplugMetric.FromString(metric.SerializeToString())) == value


@pytest.mark.parametrize("datatype", USED)
def test_a_value_that_is_not_there_is_none(datatype: DataType) -> None:
    """A getter tells a missing value from a zero, a false or an empty one."""
    assert of(datatype).get(SparkplugMetric()) is None
    assert of(datatype).get(PropertyItem()) is None


@pytest.mark.parametrize("datatype", sorted(set(DataType) - set(USED)))
def test_unused_datatypes_have_no_accessor(datatype: DataType) -> None:
    """DataSet, Template and property sets are not read or written; neither are codes of the future."""
    assert datatype in {0, 16, 19, 20, 21}
    assert accessor(35) is None


@pytest.mark.parametrize(
    ("datatype", "wire", "expected"),
    [
        (DataType.INT8, 0xFFFFFFFB, -5),
        (DataType.INT8, 0xFB, -5),
        (DataType.INT8, 0xFF80, -128),
        (DataType.INT16, 0xFFFFFFFB, -5),
        (DataType.INT16, 0xFFFB, -5),
        (DataType.INT32, 0xFFFFFFFB, -5),
        (DataType.UINT8, 0xFFFFFFFB, 251),
        (DataType.UINT16, 0xFFFFFFFB, 0xFFFB),
    ],
)
def test_w1_narrow_integers_are_masked_then_signed(datatype: DataType, wire: int, expected: int) -> None:
    """W1: senders sign-extend to 32 bits or not; both are read alike."""
    assert of(datatype).get(SparkplugMetric(int_value=wire)) == expected


@pytest.mark.parametrize("datatype", sorted(INTEGERS))
def test_w2_integers_are_taken_from_either_field(datatype: DataType) -> None:
    """W2: int_value and long_value are both accepted for all integer types, zero included."""
    for field in ("int_value", "long_value"):
        for number in (0, 7):
            assert of(datatype).get(SparkplugMetric(**{field: number})) == number


def test_w3_the_datatype_decides_how_a_field_is_read() -> None:
    """W3: the same bits are -1 as Int32 and 4294967295 as UInt32."""
    metric = SparkplugMetric(int_value=0xFFFFFFFF)
    assert of(DataType.INT32).get(metric) == -1
    assert of(DataType.UINT32).get(metric) == 0xFFFFFFFF


@pytest.mark.parametrize(
    ("datatype", "field", "wire"),
    [
        (DataType.INT8, "int_value", 0xFFFFFFFB),
        (DataType.INT16, "int_value", 0xFFFFFFFB),
        (DataType.INT32, "int_value", 0xFFFFFFFB),
        (DataType.INT64, "long_value", 0xFFFFFFFFFFFFFFFB),
    ],
)
def test_n11_negative_integers_are_sent_as_two_s_complement(datatype: DataType, field: str, wire: int) -> None:
    """N11: -5 goes sign-extended to the 32 or 64 bits of its field."""
    metric = SparkplugMetric()
    of(datatype).put(metric, -5)
    assert metric.WhichOneof("value") == field
    assert getattr(metric, field) == wire


@pytest.mark.parametrize(
    ("datatype", "value", "field"),
    [
        (DataType.UINT8, 5, "int_value"),
        (DataType.UINT16, 5, "int_value"),
        (DataType.UINT32, 5, "long_value"),
        (DataType.UINT64, 5, "long_value"),
        (DataType.DATETIME, 5, "long_value"),
        (DataType.FLOAT, 5.0, "float_value"),
        (DataType.DOUBLE, 5.0, "double_value"),
        (DataType.BOOLEAN, True, "boolean_value"),
        (DataType.STRING, "five", "string_value"),
        (DataType.TEXT, "five", "string_value"),
        (DataType.UUID, "five", "string_value"),
        (DataType.BYTES, b"five", "bytes_value"),
        (DataType.FILE, b"five", "bytes_value"),
        (DataType.INT8_ARRAY, [5], "bytes_value"),
    ],
)
def test_n11_each_datatype_has_its_field(datatype: DataType, value: Any, field: str) -> None:
    """N11: where a value is put; UInt32 goes into long_value, where most hosts look for it."""
    metric = SparkplugMetric()
    of(datatype).put(metric, value)
    assert metric.WhichOneof("value") == field


ODD = [
    "no number",
    1.5,
    2**70,
    10**400,
    math.inf,
    None,
    b"\xff",
    "\ud800",
    [object()],
    ["a\0b"],
    ["1"],
    [1.5],
    [2**70],
    [1e300],
]


@pytest.mark.parametrize("datatype", USED)
@pytest.mark.parametrize("value", ODD)
def test_what_does_not_fit_is_refused_with_one_error(datatype: DataType, value: Any) -> None:
    """A setter either writes what its getter reads back, or raises IncompatibleValueError; nothing else happens."""
    metric = SparkplugMetric()
    try:
        of(datatype).put(metric, value)
    except IncompatibleValueError:
        return
    assert of(datatype).get(metric) == value


def test_the_error_of_a_setter_has_a_reason() -> None:
    """A refused value is counted as wrong_type."""
    with pytest.raises(IncompatibleValueError) as error:
        of(DataType.INT8).put(SparkplugMetric(), "five")
    assert error.value.reason == "wrong_type"


@pytest.mark.parametrize("datatype", sorted(INTEGERS))
def test_integers_out_of_range_are_refused(datatype: DataType) -> None:
    """A number that is one too small or too large never wraps."""
    low, high = INTEGERS[datatype]
    for number in (low - 1, high + 1, math.nan):
        with pytest.raises(IncompatibleValueError):
            of(datatype).put(SparkplugMetric(), number)


def test_whole_floats_are_integers() -> None:
    """A column of floats can feed integer metrics as long as its values are whole."""
    metric = SparkplugMetric()
    of(DataType.INT16).put(metric, -12.0)
    assert of(DataType.INT16).get(metric) == -12


def test_nan_and_infinity_pass_as_they_are() -> None:
    """What NaN and infinity mean is the caller's to decide."""
    for datatype in (DataType.FLOAT, DataType.DOUBLE):
        metric = SparkplugMetric()
        of(datatype).put(metric, math.nan)
        assert math.isnan(of(datatype).get(metric))  # type: ignore[arg-type]  # a float comes back
        of(datatype).put(metric, -math.inf)
        assert of(datatype).get(metric) == -math.inf


def test_a_double_too_large_for_a_float_is_refused() -> None:
    """A Float metric does not turn a large finite number into infinity."""
    with pytest.raises(IncompatibleValueError, match="too large"):
        of(DataType.FLOAT).put(SparkplugMetric(), 1e39)


@pytest.mark.parametrize(
    ("datatype", "values", "wire"),
    [
        (DataType.INT8_ARRAY, [-23, 123], "e97b"),
        (DataType.INT16_ARRAY, [-30000, 30000], "d08a3075"),
        (DataType.UINT32_ARRAY, [52, 3293969225], "3400000049fb55c4"),
        (DataType.FLOAT_ARRAY, [1.0], "0000803f"),
        (DataType.DOUBLE_ARRAY, [1.0], "000000000000f03f"),
        (DataType.DATETIME_ARRAY, [1256102875335], "c7d0907524010000"),
        (DataType.BOOLEAN_ARRAY, [False, False, True, True, False, True, False, False, True, True], "0a00000034c0"),
        (DataType.STRING_ARRAY, ["ABC", "да"], "41424300d0b4d0b000"),
    ],
)
def test_t6_arrays_are_little_endian_at_full_width(datatype: DataType, values: list[Any], wire: str) -> None:
    """T6: the rule of chapter 6.4.17, not its examples."""
    metric = SparkplugMetric()
    of(datatype).put(metric, values)
    assert metric.bytes_value.hex() == wire
    assert of(datatype).get(metric) == values


@pytest.mark.parametrize(
    ("datatype", "wire"),
    [
        (DataType.INT16_ARRAY, b"\1"),
        (DataType.DOUBLE_ARRAY, b"1234567"),
        (DataType.BOOLEAN_ARRAY, b"\1\0"),
        (DataType.BOOLEAN_ARRAY, b"\x09\0\0\0\xff"),
        (DataType.BOOLEAN_ARRAY, b"\xff\xff\xff\xff\xff"),
        (DataType.STRING_ARRAY, b"open"),
        (DataType.STRING_ARRAY, b"\xff\0"),
    ],
)
def test_bytes_that_are_no_array_are_no_value(datatype: DataType, wire: bytes) -> None:
    """A length that does not fit, or a text that is not UTF-8, is read as no value, not as a wrong one."""
    assert of(datatype).get(SparkplugMetric(bytes_value=wire)) is None


def test_a_text_that_is_not_utf8_is_no_value() -> None:
    """Protobuf hands out bytes for such a text; the getter does not."""
    assert of(DataType.STRING).get(SparkplugMetric.FromString(b"\x7a\x01\xff")) is None
