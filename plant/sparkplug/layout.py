"""Where the fields of a metric lie in its bytes: worked out for one metric, read from all that look like it.

A metric is a row of fields: a key byte that says which and of what wire type, then a varint (seven bits a byte, the
eighth says that more follow) or four or eight bytes (Protocol Buffers, *Encoding*). Two metrics have the same layout
when they have the same keys in the same places and equally long varints between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ALIAS, TIME, DATATYPE, HISTORICAL, TRANSIENT, NULL = 2, 3, 4, 5, 6, 7
INT, LONG, FLOAT, DOUBLE, BOOLEAN = 10, 11, 12, 13, 14
"""Field numbers of a metric (Sparkplug B 3.0, section 6.4.1)."""
NO_VALUE: Final = 0

_VARINT, _FIXED64, _FIXED32 = 0, 1, 5
_WIRE: Final = dict.fromkeys(
    (ALIAS, TIME, DATATYPE, HISTORICAL, TRANSIENT, NULL, INT, LONG, BOOLEAN), _VARINT
) | {FLOAT: _FIXED32, DOUBLE: _FIXED64}  # fmt: skip
_WIDTHS: Final = {_FIXED64: 8, _FIXED32: 4}
_VALUES: Final = frozenset((INT, LONG, FLOAT, DOUBLE, BOOLEAN))
_MORE: Final = 0x80
ALL_BITS: Final = 0xFF
_LONGEST_VARINT: Final = 10


@dataclass(frozen=True, slots=True)
class Metrics:
    """Metrics as they are on the wire; arrays of shape (n,).

    Attributes:
        message: Number of the message of each.
        row: Where it begins; their order.
        alias: As an int64; one above 2^63 is negative.
        time: UTC ms, 0 where the metric has none of its own.
        field: Field that holds the value, `NO_VALUE` for none.
        bits: The value if that is a varint, `real` if it is not, or a boolean.
        null: Whether it says so; `historical` likewise.
    """

    message: Ints
    row: Ints
    alias: Ints
    time: NDArray[np.uint64]
    field: NDArray[np.int8]
    bits: NDArray[np.uint64]
    real: NDArray[np.float64]
    null: Bools
    historical: Bools

    def take(self, rows: Ints) -> Metrics:
        """The metrics that an index array chooses, in its order."""
        return Metrics(*(getattr(self, column.name)[rows] for column in fields(self)))

    @classmethod
    def concat(cls, parts: list[Metrics]) -> Metrics:
        """All parts, one after the other."""
        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))

    @classmethod
    def none(cls) -> Metrics:
        """No metric."""
        types = (np.int64, np.int64, np.int64, np.uint64, np.int8, np.uint64, np.float64, np.bool_, np.bool_)
        return cls(*(np.empty(0, each) for each in types))  # type: ignore[arg-type]  # in the order of the fields


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of metrics of one length.

    Attributes:
        mask: The bits of each byte that belong to the layout; `want` is what they are.
        places: Where the content of each field lies.
        value: Field that holds the value, `NO_VALUE` for none.
    """

    mask: Bytes
    want: Bytes
    places: Mapping[int, slice]
    value: int

    def fits(self, metrics: Bytes) -> Bools:
        """Which rows of a matrix of bytes have this layout."""
        same = np.ones(len(metrics), np.bool_)
        for column in np.flatnonzero(self.mask).tolist():
            mask, want = self.mask[column], self.want[column]
            same &= (metrics[:, column] if mask == ALL_BITS else metrics[:, column] & mask) == want
        return same

    def read(self, metrics: Bytes, message: Ints, row: Ints) -> Metrics:
        """The fields of rows that fit; `message` and `row` are theirs."""
        count = len(metrics)
        bits, real = np.zeros(count, np.uint64), np.zeros(count)
        if self.value in {FLOAT, DOUBLE}:
            content = np.ascontiguousarray(metrics[:, self.places[self.value]])
            real = content.view("<f4" if self.value == FLOAT else "<f8")[:, 0].astype(np.float64)
        elif self.value != NO_VALUE:
            bits = self._varint(metrics, self.value)
            real = (bits != 0).astype(np.float64) if self.value == BOOLEAN else real
        return Metrics(
            message,
            row,
            self._varint(metrics, ALIAS).view(np.int64),
            self._varint(metrics, TIME),
            np.full(count, self.value, np.int8),
            bits,
            real,
            self._varint(metrics, NULL) != 0,
            self._varint(metrics, HISTORICAL) != 0,
        )

    def _varint(self, metrics: Bytes, field: int) -> NDArray[np.uint64]:
        """A field's number; 0 where the layout does not have it."""
        number = np.zeros(len(metrics), np.uint64)
        place = self.places.get(field, slice(0, 0))
        for digit, column in enumerate(range(place.start, place.stop)):
            number |= (metrics[:, column] & np.uint8(0x7F)).astype(np.uint64) << np.uint64(7 * digit)
        return number


def layout_of(metric: bytes) -> Layout | None:
    """The layout of a metric that has an alias, at most one value, and nothing but plain fields, each once."""
    mask, want = np.zeros(len(metric), np.uint8), np.zeros(len(metric), np.uint8)
    places: dict[int, slice] = {}
    at = 0
    while at < len(metric):
        key = metric[at]
        field = key >> 3
        begin, end = at + 1, _end(metric, at + 1, key & 0b111)
        if _WIRE.get(field) != key & 0b111 or field in places or not begin < end <= len(metric):
            return None
        mask[at], want[at] = ALL_BITS, key
        if _WIRE[field] == _VARINT:
            mask[begin:end] = _MORE
            want[begin : end - 1] = _MORE
        places[field] = slice(begin, end)
        at = end
    values = _VALUES & places.keys()
    if ALIAS not in places or len(values) > 1:
        return None
    return Layout(mask, want, places, next(iter(values), NO_VALUE))


def _end(metric: bytes, at: int, wire: int) -> int:
    """Where the content that begins at `at` ends; 0 if it does not, or is of no plain type."""
    if wire != _VARINT:
        return at + _WIDTHS.get(wire, -at)
    for end in range(at, min(at + _LONGEST_VARINT, len(metric))):
        if metric[end] < _MORE:
            return end + 1
    return 0
