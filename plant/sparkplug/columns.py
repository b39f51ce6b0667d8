"""Numeric metrics of many DATA messages as arrays: how a host reads most of what it hears.

protobuf's parser makes an object per metric, which costs several times what all the rest of the way costs. Metrics of
one edge node look alike: the same fields, each as long as in the metric before. So those of a batch of messages are
laid under each other as a matrix of bytes whose columns are the fields (`plant.sparkplug.layout`). A message in which
anything is unusual - a text, properties, a metric that was not declared or comes in another type - is left whole to
the usual parser (`plant.sparkplug.samples`), so that both read the same of everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
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


class Keyring:
    """The keys of many sources laid end to end, so that one look-up serves metrics of all of them.

    Joining costs more than a small batch does; whoever reads often keeps the ring until a key changes.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = list({id(key): key for key in keys}.values())  # held, so that their ids stay theirs
        self._number = {id(key): place for place, key in enumerate(self._keys)}
        size = np.array([len(key.target) for key in self._keys], np.int64)
        self.base = np.cumsum(size) - size
        self.first = np.array([key.first for key in self._keys], np.int64)
        self.last = self.first + size - 1
        self.target: NDArray[np.int32] = np.concatenate([key.target for key in self._keys])
        self.kind: NDArray[np.int8] = np.concatenate([key.kind for key in self._keys])
        self.shift: NDArray[np.uint64] = np.concatenate([key.shift for key in self._keys])
        self.signed: Bools = np.concatenate([key.signed for key in self._keys])

    def numbers(self, keys: Sequence[Key]) -> Ints:
        """Which of the joined keys these are."""
        return np.array([self._number[id(key)] for key in keys], np.int64)


def read(envelopes: Sequence[Envelope], keys: Sequence[Key], ring: Keyring | None = None) -> tuple[Values, list[int]]:
    """The values of some messages, and the numbers of those messages that must be read the usual way.

    Args:
        envelopes: The messages, at least one.
        keys: The key of each message.
        ring: These and any other keys, joined; if not given, they are joined now.
    """
    ring = ring or Keyring(keys)
    metrics, odd = _metrics(envelopes)
    message = metrics.message
    number = ring.numbers(keys)
    declared = (metrics.alias >= ring.first[number][message]) & (metrics.alias <= ring.last[number][message])
    place = np.where(declared, metrics.alias + (ring.base - ring.first)[number][message], 0)
    kind = ring.kind[place]
    time = metrics.time
    if not time.all():
        time = np.where(time == 0, np.array([envelope.timestamp for envelope in envelopes], np.uint64)[message], time)
    field = np.where(metrics.field == LONG, INT, metrics.field)
    usual = (field == kind) | (metrics.null & (kind != UNDECLARED))
    usual &= declared & (time > 0) & (time <= LATEST_TIMESTAMP_MS)
    odd[message[~usual]] = True
    value = metrics.real
    if (field == INT).any():
        value = np.where(kind == INT, _integers(metrics.bits, ring.shift[place], ring.signed[place]), value)
    null = metrics.null.any()
    values = Values(
        message,
        ring.target[place],
        time.view(np.int64),
        np.where(metrics.null, np.nan, value) if null else value,
        np.where(metrics.null, np.uint16(BAD), np.uint16(GOOD)) if null else np.full(len(message), GOOD, np.uint16),
        metrics.historical,
    )
    return (values.take(~odd[message]) if odd.any() else values), np.flatnonzero(odd).tolist()


def _integers(bits: NDArray[np.uint64], shift: NDArray[np.uint64], signed: Bools) -> NDArray[np.float64]:
    """Two's complement of any width: the sign goes to the top and comes back, as a sign or as a number."""
    high = bits << shift
    with_sign = high.view(np.int64) >> shift.view(np.int64)
    return np.where(signed, with_sign.astype(np.float64), (high >> shift).astype(np.float64))


def _metrics(envelopes: Sequence[Envelope]) -> tuple[Metrics, Bools]:
    """All metrics that can be made out, in order, with the number of their message; and the odd messages."""
    odd = np.zeros(len(envelopes), np.bool_)
    parts = [Metrics.none()]
    for length, pieces in _pieces(envelopes).items():
        found, left = _by_layout(*pieces.laid_out(length))
        parts += found
        odd[left] = True
    if len(parts) == 2:
        return parts[1], odd
    metrics = Metrics.concat(parts)
    return metrics.take(np.argsort(metrics.row)), odd


@dataclass(slots=True)
class _Pieces:
    """Metrics of one length, in pieces of one or more that follow each other; each metric with its two bytes before it.

    Attributes:
        data: The bytes of each piece.
        message: The number of its message.
        start: Where its first metric begins if all messages are joined.
        count: Metrics in it.
    """

    data: list[bytes] = field(default_factory=list)
    message: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    count: list[int] = field(default_factory=list)

    def laid_out(self, length: int) -> tuple[Bytes, Ints, Ints]:
        """A matrix whose rows are metrics, the message of each and where it begins."""
        stride = length + 2
        rows = np.frombuffer(b"".join(self.data), np.uint8).reshape(-1, stride)[:, 2:]
        count = np.array(self.count, np.int64)
        begin = np.array(self.start, np.int64) - stride * (np.cumsum(count) - count)
        return rows, np.repeat(self.message, count), np.repeat(begin, count) + stride * np.arange(len(rows))


def _pieces(envelopes: Sequence[Envelope]) -> dict[int, _Pieces]:
    """The metrics of all messages by their length."""
    found: defaultdict[int, _Pieces] = defaultdict(_Pieces)
    begin = 0
    for number, envelope in enumerate(envelopes):
        data = envelope.data
        alone = [(at, data[at - 1], 1) for at in envelope.singles]
        for at, length, count in (*envelope.runs, *alone) if alone else envelope.runs:
            pieces = found[length]
            pieces.data.append(data[at - 2 : at - 2 + count * (length + 2)])
            pieces.message.append(number)
            pieces.start.append(begin + at)
            pieces.count.append(count)
        begin += len(data)
    return found


def _by_layout(rows: Bytes, message: Ints, start: Ints) -> tuple[list[Metrics], Ints]:
    """Metrics of one length, layout by layout; and the messages of those whose layout is none."""
    parts: list[Metrics] = []
    for _ in range(MOST_LAYOUTS):
        layout = layout_of(rows[0].tobytes()) if len(rows) else None
        if layout is None:
            break
        fits = layout.fits(rows)
        if fits.all():
            return [*parts, layout.read(rows, message, start)], message[:0]
        parts.append(layout.read(rows[fits], message[fits], start[fits]))
        rows, message, start = rows[~fits], message[~fits], start[~fits]
    return parts, message
