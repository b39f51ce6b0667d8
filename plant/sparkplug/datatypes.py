"""Sparkplug datatypes: how a value of each sits on the wire.

A receiver chooses a getter per metric once, at birth, because DATA carries no datatype and because the field alone
does not tell (Int32 and UInt32 look alike). What implementations send differs, so getters are wider than setters:

* integers are taken from ``int_value`` or ``long_value``, masked to their width, then signed;
* UInt32 is *sent* in ``long_value``, as the Tahu libraries and most hosts expect, and taken from either.

Neither getters nor setters judge NaN or infinity: floating point passes as it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import TypeAlias

from plant.errors import BadInputError
from plant.sparkplug import arrays
from plant.sparkplug.payload_pb2 import PropertyItem, SparkplugMetric

Value: TypeAlias = float | str | bytes | list[float] | list[str]
"""What a metric can hold; ``float`` stands for bool and int too."""
Holder: TypeAlias = SparkplugMetric | PropertyItem
"""The messages that carry a value; a property has no ``bytes_value``."""
Getter: TypeAlias = Callable[[Holder], Value | None]
Setter: TypeAlias = Callable[[Holder, Value], None]

_FLOAT32_MAX = 3.4028234663852886e38
INTEGER_FIELDS = ("int_value", "long_value")
"""Where senders put integers of any width."""


class IncompatibleValueError(BadInputError):
    """A value does not fit the datatype of its metric; reason ``wrong_type``."""

    def __init__(self, text: str) -> None:
        super().__init__("wrong_type", text)


class DataType(IntEnum):
    """Codes of chapter 6 of the specification."""

    UNKNOWN = 0
    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    PROPERTY_SET = 20
    PROPERTY_SET_LIST = 21
    INT8_ARRAY = 22
    INT16_ARRAY = 23
    INT32_ARRAY = 24
    INT64_ARRAY = 25
    UINT8_ARRAY = 26
    UINT16_ARRAY = 27
    UINT32_ARRAY = 28
    UINT64_ARRAY = 29
    FLOAT_ARRAY = 30
    DOUBLE_ARRAY = 31
    BOOLEAN_ARRAY = 32
    STRING_ARRAY = 33
    DATETIME_ARRAY = 34


@dataclass(frozen=True, slots=True)
class Accessor:
    """How to read and write a value of one datatype.

    Attributes:
        get: The value, or None when the field of this datatype is not set or not readable. Ignores ``is_null``.
        put: Sets the value; raises `IncompatibleValueError` when it does not fit.
        numeric: The value is an int, a float or a bool and so belongs into a column of floats.
    """

    get: Getter
    put: Setter
    numeric: bool


def accessor(datatype: int) -> Accessor | None:
    """The accessor of a datatype; None for those not used here (DataSet, Template, property sets) or not known."""
    return _ACCESSORS.get(datatype)


def _integer(bits: int, *, signed: bool, field: str) -> Accessor:
    """Two's complement of a width, sent sign-extended to the 32 or 64 bits of its field."""
    mask, sign = (1 << bits) - 1, 1 << (bits - 1) if signed else 0
    low, high = (-sign, sign - 1) if signed else (0, mask)
    field_mask = 0xFFFF_FFFF if field == "int_value" else 0xFFFF_FFFF_FFFF_FFFF

    def get(holder: Holder) -> int | None:
        raw = holder.int_value or holder.long_value
        if raw == 0 and holder.WhichOneof("value") not in INTEGER_FIELDS:
            return None
        return ((raw & mask) ^ sign) - sign

    def put(holder: Holder, value: Value) -> None:
        try:
            number = int(value)  # type: ignore[arg-type]  # what int() refuses is turned into our error
        except (TypeError, ValueError, OverflowError) as error:
            raise IncompatibleValueError(f"{value!r} is not an integer") from error
        if number != value or not low <= number <= high:
            raise IncompatibleValueError(f"{value!r} is not an integer from {low} to {high}")
        setattr(holder, field, number & field_mask)

    return Accessor(get, put, numeric=True)


def _get_float(holder: Holder) -> float | None:
    value = holder.float_value
    return None if value == 0.0 and not holder.HasField("float_value") else value


def _put_float(holder: Holder, value: Value) -> None:
    number = _real(value)
    if _FLOAT32_MAX < abs(number) < math.inf:
        raise IncompatibleValueError(f"{value!r} is too large for a Float")
    holder.float_value = number


def _get_double(holder: Holder) -> float | None:
    value = holder.double_value
    return None if value == 0.0 and not holder.HasField("double_value") else value


def _put_double(holder: Holder, value: Value) -> None:
    holder.double_value = _real(value)


def _real(value: Value) -> float:
    if type(value) is float:
        return value
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError as error:
            raise IncompatibleValueError(f"{value!r} is too large for a Double") from error
    raise IncompatibleValueError(f"{value!r} is not a number")


def _get_boolean(holder: Holder) -> bool | None:
    value = holder.boolean_value
    return value if value or holder.HasField("boolean_value") else None


def _put_boolean(holder: Holder, value: Value) -> None:
    if value not in (0, 1):
        raise IncompatibleValueError(f"{value!r} is neither true nor false")
    holder.boolean_value = bool(value)


def _get_string(holder: Holder) -> str | None:
    value = holder.string_value
    if type(value) is not str:  # upb hands out bytes where the text is not UTF-8
        return None
    return value if value or holder.HasField("string_value") else None


def _put_string(holder: Holder, value: Value) -> None:
    if not isinstance(value, str):
        raise IncompatibleValueError(f"{value!r} is not a text")
    try:
        holder.string_value = value
    except UnicodeEncodeError as error:
        raise IncompatibleValueError(f"{value!r} is not UTF-8") from error


def _get_bytes(holder: Holder) -> bytes | None:
    if isinstance(holder, PropertyItem) or not holder.HasField("bytes_value"):
        return None
    return holder.bytes_value


def _put_bytes(holder: Holder, value: Value) -> None:
    if isinstance(holder, PropertyItem) or not isinstance(value, bytes):
        raise IncompatibleValueError(f"{value!r} cannot be sent as Bytes")
    holder.bytes_value = value


def _array(packing: arrays.Packing) -> Accessor:
    def get(holder: Holder) -> Value | None:
        raw = _get_bytes(holder)
        return None if raw is None else packing.unpack(raw)

    def put(holder: Holder, value: Value) -> None:
        if not isinstance(value, list):
            raise IncompatibleValueError(f"{value!r} is not a list")
        try:
            _put_bytes(holder, packing.pack(value))
        except (TypeError, ValueError, ArithmeticError) as error:
            raise IncompatibleValueError(f"{value!r} does not fit its array type") from error

    return Accessor(get, put, numeric=False)


_TEXT = Accessor(_get_string, _put_string, numeric=False)
_RAW = Accessor(_get_bytes, _put_bytes, numeric=False)

_ACCESSORS: Mapping[int, Accessor] = MappingProxyType(
    {
        DataType.INT8: _integer(8, signed=True, field="int_value"),
        DataType.INT16: _integer(16, signed=True, field="int_value"),
        DataType.INT32: _integer(32, signed=True, field="int_value"),
        DataType.INT64: _integer(64, signed=True, field="long_value"),
        DataType.UINT8: _integer(8, signed=False, field="int_value"),
        DataType.UINT16: _integer(16, signed=False, field="int_value"),
        DataType.UINT32: _integer(32, signed=False, field="long_value"),
        DataType.UINT64: _integer(64, signed=False, field="long_value"),
        DataType.FLOAT: Accessor(_get_float, _put_float, numeric=True),
        DataType.DOUBLE: Accessor(_get_double, _put_double, numeric=True),
        DataType.BOOLEAN: Accessor(_get_boolean, _put_boolean, numeric=True),
        DataType.STRING: _TEXT,
        DataType.DATETIME: _integer(64, signed=False, field="long_value"),
        DataType.TEXT: _TEXT,
        DataType.UUID: _TEXT,
        DataType.BYTES: _RAW,
        DataType.FILE: _RAW,
        DataType.INT8_ARRAY: _array(arrays.numbers("<i1")),
        DataType.INT16_ARRAY: _array(arrays.numbers("<i2")),
        DataType.INT32_ARRAY: _array(arrays.numbers("<i4")),
        DataType.INT64_ARRAY: _array(arrays.numbers("<i8")),
        DataType.UINT8_ARRAY: _array(arrays.numbers("<u1")),
        DataType.UINT16_ARRAY: _array(arrays.numbers("<u2")),
        DataType.UINT32_ARRAY: _array(arrays.numbers("<u4")),
        DataType.UINT64_ARRAY: _array(arrays.numbers("<u8")),
        DataType.FLOAT_ARRAY: _array(arrays.numbers("<f4")),
        DataType.DOUBLE_ARRAY: _array(arrays.numbers("<f8")),
        DataType.BOOLEAN_ARRAY: _array(arrays.BOOLEANS),
        DataType.STRING_ARRAY: _array(arrays.STRINGS),
        DataType.DATETIME_ARRAY: _array(arrays.numbers("<i8")),
    }
)
