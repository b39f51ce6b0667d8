"""The outside of a DATA payload: its time, its sequence number, and where its metrics lie.

On the hot path metrics are read a batch of messages at a time (`plant.sparkplug.columns`); the session needs no more
than this of each message. Metrics of equal length, as one edge node sends most of them, are found by one look::

    08 timestamp  12 len metric  12 len metric  12 len metric  12 len metric  18 seq
                  └──────── one run: start, length, count ────────┘
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_TIMESTAMP: Final = 0x08
_METRIC: Final = 0x12
_SEQ: Final = 0x18
_MORE: Final = 0x80
_MOST_BITS: Final = 64


@dataclass(slots=True)  # not frozen: one is made per message
class Envelope:
    """A payload whose metrics have not been read.

    Attributes:
        data: The payload.
        timestamp: Its time, UTC ms; 0 when it has none.
        seq: Its sequence number; None when it has none.
        runs: Metrics of equal length that follow each other: start of the first in `data`, length, count.
        singles: Starts of the other metrics; the byte before each is its length.
    """

    data: bytes
    timestamp: int = 0
    seq: int | None = None
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    singles: list[int] = field(default_factory=list)


def scan(data: bytes) -> Envelope | None:
    """The envelope of a payload that holds nothing but a time, a sequence number and short metrics.

    None for any other: one with a long metric (a text, properties), a uuid, a body, or that is malformed; protobuf's
    own parser reads those.
    """
    envelope = Envelope(data)
    at, end = 0, len(data)
    try:
        while at < end:
            key = data[at]
            if key == _METRIC:
                length = data[at + 1]
                behind = at + 2 + length
                if length & _MORE or behind > end:
                    return None
                if data[behind : behind + 2] == data[at : at + 2]:
                    behind = _run(envelope, at, end)
                else:
                    envelope.singles.append(at + 2)
                at = behind
            elif key == _TIMESTAMP:
                envelope.timestamp, at = _varint(data, at + 1)
            elif key == _SEQ:
                envelope.seq, at = _varint(data, at + 1)
            else:
                return None
            if not 0 < at <= end:
                return None
    except IndexError:
        return None
    return envelope


def _run(envelope: Envelope, at: int, end: int) -> int:
    """Note the metrics from `at` on that are as long as the first; where the next thing begins."""
    data = envelope.data
    stride = data[at + 1] + 2
    keys, lengths = data[at:end:stride], data[at + 1 : end : stride]
    count = min(len(keys) - len(keys.lstrip(keys[:1])), len(lengths) - len(lengths.lstrip(lengths[:1])))
    envelope.runs.append((at + 2, stride - 2, count))
    return at + count * stride


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where the next thing begins: 0 if it is longer than 64 bits."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return (value, at) if value >> _MOST_BITS == 0 else (0, 0)
        shift += 7
        if shift > _MOST_BITS:
            return 0, 0
