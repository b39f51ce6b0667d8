"""Numeric metrics of many DATA messages as arrays: how a host reads most of what it hears.

protobuf's parser makes an object per metric, which costs several times what all the rest of the way costs. Metrics of
one edge node look alike: the same fields, each as long as in the metric before. So those of a batch of messages are
laid under each other as a matrix of bytes whose columns are the fields (`plant.sparkplug.layout`). A message in which
anything is unusual - a text, properties, a metric that was not declared or comes in another type - is left whole to
the usual parser (`plant.sparkplug.samples`), so that both read the same of everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from plant.readings import BAD, GOOD
from plant.sparkplug.datatypes import DataType
from plant.sparkplug.envelope import Envelope
from plant.sparkplug.layout import BOOLEAN, DOUBLE, FLOAT, INT, LONG, Bools, Bytes, Ints, Metrics, layout_of
from plant.sparkplug.samples import LATEST_TIMESTAMP_MS, BirthRow

MOST_LAYOUTS: Final = 12
"""Layouts that metrics of one length may have in one batch; what is left after so many goes to the usual parser."""
SPARSE: Final = 8
"""Aliases may reach over so many times their number; a birth that scatters them wider is read the usual way."""
UNDECLARED: Final = -1

_INTEGERS: Final[dict[int, tuple[int, bool]]] = {
    DataType.INT8: (8, True),
    DataType.INT16: (16, True),
    DataType.INT32: (32, True),
    DataType.INT64: (64, True),
    DataType.UINT8: (8, False),
    DataType.UINT16: (16, False),
    DataType.UINT32: (32, False),
    DataType.UINT64: (64, False),
    DataType.DATETIME: (64, False),
}
"""Bits, and whether one of them is a sign."""
_KINDS: Final[dict[int, int]] = {DataType.FLOAT: FLOAT, DataType.DOUBLE: DOUBLE, DataType.BOOLEAN: BOOLEAN}


@dataclass(frozen=True, slots=True)
class Key:
    """What the aliases of one birth mean, as arrays over ``alias - first``.

    Attributes:
        first: The least alias.
        target: What the reader calls the metric.
        kind: Field that its values come in, `INT` for all integers; `UNDECLARED` where no number is expected.
        shift: 64 less the bits of an integer: shifted by it, its sign is the top bit.
        signed: Whether an integer has a sign.
    """

    first: int
    target: NDArray[np.int32]
    kind: NDArray[np.int8]
    shift: NDArray[np.uint64]
    signed: Bools

    @classmethod
    def of(cls, rows: Sequence[BirthRow], targets: Sequence[int]) -> Self | None:
        """The key of a birth; None when its aliases are missing or far apart.

        Args:
            rows: What it declared.
            targets: What the reader calls each of them.
        """
        aliases = [row.alias for row in rows if row.alias is not None]
        if not aliases or max(aliases) - min(aliases) >= SPARSE * len(aliases):
            return None
        first, size = min(aliases), max(aliases) - min(aliases) + 1
        target, kind = np.full(size, UNDECLARED, np.int32), np.full(size, UNDECLARED, np.int8)
        shift, signed = np.zeros(size, np.uint64), np.zeros(size, np.bool_)
        for row, name in zip(rows, targets, strict=True):
            if row.alias is None:
                continue
            place = row.alias - first
            bits, signed[place] = _INTEGERS.get(row.datatype, (64, False))
            kind[place] = INT if row.datatype in _INTEGERS else _KINDS.get(row.datatype, UNDECLARED)
            target[place], shift[place] = name, 64 - bits
        return cls(first, target, kind, shift, signed)


@dataclass(frozen=True, slots=True)
class Values:
    """Values of many messages, in the order of the messages and of the metrics in them; arrays of shape (n,).

    Attributes:
        message: Number of the message.
        target: As of its `Key`.
        time: UTC ms.
        value: float64; NaN for null.
        quality: 192; 0 for null.
        historical: To be stored at its own time, never shown as current.
    """

    message: Ints
    target: NDArray[np.int32]
    time: Ints
    value: NDArray[np.float64]
    quality: NDArray[np.uint16]
    historical: Bools

    def __len__(self) -> int:
        return len(self.message)

    def take(self, rows: Bools) -> Values:
        """The rows that a mask chooses."""
        return Values(*(getattr(self, column.name)[rows] for column in fields(self)))


def read(envelopes: Sequence[Envelope], keys: Sequence[Key]) -> tuple[Values, list[int]]:
    """The values of some messages, and the numbers of those messages that must be read the usual way.

    Args:
        envelopes: The messages, at least one.
        keys: The key of each message.
    """
    metrics, message, odd = _metrics(envelopes)
    lookup = _Lookup(keys, message, metrics.alias)
    sent = np.array([envelope.timestamp for envelope in envelopes], np.uint64)[message]
    time = np.where(metrics.time == 0, sent, metrics.time)
    field = np.where(metrics.field == LONG, INT, metrics.field)
    usual = lookup.expected & ((field == lookup.kind) | metrics.null) & (time > 0) & (time <= LATEST_TIMESTAMP_MS)
    odd[message[~usual]] = True
    integer = _integers(metrics.bits, lookup.shift, lookup.signed)
    value = np.where(lookup.kind == INT, integer, metrics.real)
    values = Values(
        message,
        lookup.target,
        time.view(np.int64),
        np.where(metrics.null, np.nan, value),
        np.where(metrics.null, np.uint16(BAD), np.uint16(GOOD)),
        metrics.historical,
    )
    return (values.take(~odd[message]) if odd.any() else values), np.flatnonzero(odd).tolist()


class _Lookup:
    """What the keys say of each metric; arrays of shape (metrics,)."""

    def __init__(self, keys: Sequence[Key], message: Ints, alias: Ints) -> None:
        distinct = list({id(key): key for key in keys}.values())
        number = {id(key): place for place, key in enumerate(distinct)}
        size = np.array([len(key.target) for key in distinct], np.int64)
        base = np.cumsum(size) - size
        key = np.array([number[id(each)] for each in keys], np.int64)[message]
        place = alias - np.array([each.first for each in distinct], np.int64)[key]
        declared = (place >= 0) & (place < size[key])
        at = np.where(declared, place + base[key], 0)
        self.target: NDArray[np.int32] = np.concatenate([each.target for each in distinct])[at]
        self.kind = np.concatenate([each.kind for each in distinct])[at]
        self.shift = np.concatenate([each.shift for each in distinct])[at]
        self.signed = np.concatenate([each.signed for each in distinct])[at]
        self.expected: Bools = declared & (self.kind != UNDECLARED)


def _integers(bits: NDArray[np.uint64], shift: NDArray[np.uint64], signed: Bools) -> NDArray[np.float64]:
    """Two's complement of any width: the sign goes to the top and comes back, as a sign or as a number."""
    high = bits << shift
    with_sign = high.view(np.int64) >> shift.view(np.int64)
    return np.where(signed, with_sign.astype(np.float64), (high >> shift).astype(np.float64))


def _metrics(envelopes: Sequence[Envelope]) -> tuple[Metrics, Ints, Bools]:
    """All metrics that can be made out, in order, with the number of their message; and the odd messages."""
    whole = np.frombuffer(b"".join([envelope.data for envelope in envelopes]), np.uint8)
    sizes = np.array([len(envelope.data) for envelope in envelopes], np.int64)
    begins = np.cumsum(sizes) - sizes
    odd = np.zeros(len(envelopes), np.bool_)
    parts = [Metrics.none()]
    for length, start in _starts(envelopes, begins.tolist(), whole).items():
        found, left = _by_layout(whole[start[:, None] + np.arange(length)], start)
        parts += found
        odd[np.searchsorted(begins, left, "right") - 1] = True
    metrics = Metrics.concat(parts)
    metrics = metrics.take(np.argsort(metrics.row))
    return metrics, np.searchsorted(begins, metrics.row, "right") - 1, odd


def _starts(envelopes: Sequence[Envelope], begins: Sequence[int], whole: Bytes) -> dict[int, Ints]:
    """Where metrics begin in the joined messages, by their length."""
    runs: dict[int, list[tuple[int, int]]] = {}
    lonely: list[int] = []
    for envelope, begin in zip(envelopes, begins, strict=True):
        lonely += [begin + at for at in envelope.singles]
        for at, length, count in envelope.runs:
            runs.setdefault(length, []).append((begin + at, count))
    singles = np.array(lonely, np.int64)
    lengths = whole[singles - 1]
    starts = {int(length): singles[lengths == length] for length in np.unique(lengths)}
    for length, of_length in runs.items():
        first, count = np.array(of_length, np.int64).T
        inside = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        in_runs = np.repeat(first, count) + inside * (length + 2)
        starts[length] = np.concatenate((starts[length], in_runs)) if length in starts else in_runs
    return starts


def _by_layout(rows: Bytes, start: Ints) -> tuple[list[Metrics], Ints]:
    """Metrics of one length, layout by layout; and the starts of those whose layout is none."""
    parts = []
    left = np.arange(len(rows))
    for _ in range(MOST_LAYOUTS):
        layout = layout_of(rows[left[0]].tobytes()) if len(left) else None
        if layout is None:
            break
        fits = layout.fits(rows[left])
        alike = left[fits]
        parts.append(layout.read(rows[alike], start[alike]))
        left = left[~fits]
    return parts, start[left]
