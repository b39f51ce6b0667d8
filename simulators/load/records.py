"""DATA payloads of doubles as arrays: all messages of a moment are encoded at once.

A payload is ``timestamp`` and then its metrics, each ``alias, timestamp, double_value`` (field numbers of Sparkplug B
3.0, chapter 6.4.1, and the wire format of protobuf). With a fixed width for every field all messages of a moment have
one layout, so encoding is a template that is repeated and a few columns that are overwritten:

::

    08 tttttt | 12 13 10 a 18 tttttt 69 dddddddd | 12 13 10 a 18 ...       t varint of 6 bytes, d little-endian double

Aliases from 128 on need two bytes; then all have two, the small ones with a zero group on top, which is a valid varint.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

LARGEST_ALIAS = (1 << 14) - 1
"""What a varint of two bytes holds."""
_ONE_BYTE = (1 << 7) - 1
_TIME_BYTES = 6
_TIMES_MS = (1 << 35, 1 << 42)
"""UTC ms whose varint has six bytes: 1971 to 2109."""
_PAYLOAD_TIME, _METRIC, _ALIAS, _TIME, _DOUBLE = 0x08, 0x12, 0x10, 0x18, 0x69
"""Keys of the fields: number << 3 | wire type."""
_DOUBLE_BYTES = 8


class Records:
    """Encodes values of sources whose metrics have aliases one after the other.

    Args:
        first_aliases: Alias of the first metric of each source, shape (sources,).
        metrics: Metrics of each source.

    Raises:
        ValueError: An alias has no room in two bytes.
    """

    def __init__(self, first_aliases: NDArray[np.int64], metrics: int) -> None:
        last = int(first_aliases.max()) + metrics - 1
        if last > LARGEST_ALIAS:
            raise ValueError(f"alias {last} is larger than {LARGEST_ALIAS}")
        self._first_aliases = first_aliases
        self._alias_bytes = 1 if last <= _ONE_BYTE else 2
        content = bytes([_ALIAS, *bytes(self._alias_bytes), _TIME, *bytes(_TIME_BYTES), _DOUBLE, *bytes(_DOUBLE_BYTES)])
        self._template = np.frombuffer(bytes([_METRIC, len(content)]) + content, np.uint8)
        self._alias_at = slice(3, 3 + self._alias_bytes)
        time_at = self._alias_at.stop + 1
        self._time_at = slice(time_at, time_at + _TIME_BYTES)
        self._value_at = slice(len(self._template) - _DOUBLE_BYTES, len(self._template))

    def encode(
        self, sources: NDArray[np.int64], metrics: NDArray[np.int64], values: NDArray[np.float64], now_ms: int
    ) -> list[bytes]:
        """One payload without seq per message.

        Args:
            sources: Place of the source of each message, shape (messages,).
            metrics: Place of each metric in its source, shape (messages, values).
            values: Their values, same shape.
            now_ms: When they were captured and sent, UTC ms.
        """
        messages, count = values.shape
        time = _varint(np.array(now_ms), _TIME_BYTES)
        head = np.concatenate([np.array([_PAYLOAD_TIME], np.uint8), time])
        out = np.empty((messages, len(head) + count * len(self._template)), np.uint8)
        out[:, : len(head)] = head
        body = np.empty((messages, count, len(self._template)), np.uint8)
        body[:] = self._template
        body[..., self._alias_at] = _varint(self._first_aliases[sources][:, None] + metrics, self._alias_bytes)
        body[..., self._time_at] = time
        body[..., self._value_at] = np.ascontiguousarray(values, "<f8").view(np.uint8).reshape(*values.shape, -1)
        out[:, len(head) :] = body.reshape(messages, -1)
        return [row.tobytes() for row in out]


def time_fits(now_ms: int) -> bool:
    """Whether a time (UTC ms) has the width that the layout needs."""
    return _TIMES_MS[0] <= now_ms < _TIMES_MS[1]


def _varint(numbers: NDArray[np.int64], width: int) -> Bytes:
    """Base-128 groups, lowest first, with the continuation bit on all but the last; shape (..., width)."""
    shifts = 7 * np.arange(width)
    groups = (numbers[..., None] >> shifts) & _ONE_BYTE
    groups[..., :-1] |= _ONE_BYTE + 1
    return groups.astype(np.uint8)
