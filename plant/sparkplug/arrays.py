"""Array datatypes (22 to 34): how a list sits in ``bytes_value``.

Chapter 6.4.17 says little-endian at full width. Several of its own examples contradict that (Int8 -23 is 0xE9, not
0xEF; the floating point examples are big-endian; the DateTime example drops zero bytes); the rule is what we follow.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = list[float] | list[str]

_COUNT = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Packing:
    """One array datatype.

    Attributes:
        pack: List to bytes; raises ValueError, TypeError or ArithmeticError for what does not fit.
        unpack: Bytes to list; None when the bytes are not such an array.
    """

    pack: Callable[[list[Any]], bytes]
    unpack: Callable[[bytes], Array | None]


def numbers(dtype: str) -> Packing:
    """Numbers side by side without a count; ``dtype`` is numpy's name of the element, such as ``<i2``."""
    kind = np.dtype(dtype)

    def pack(values: list[Any]) -> bytes:
        if not all(isinstance(value, int | float) for value in values):
            raise TypeError("an element is not a number")
        with np.errstate(over="raise"):
            elements = np.array(values, kind)
        if kind.kind != "f" and elements.tolist() != values:
            raise ValueError("an element is not an integer")
        return elements.tobytes()

    def unpack(raw: bytes) -> list[float] | None:
        if len(raw) % kind.itemsize:
            return None
        elements: list[float] = np.frombuffer(raw, kind).tolist()
        return elements

    return Packing(pack, unpack)


def _pack_booleans(values: list[Any]) -> bytes:
    """A count as UInt32, then bits, the first value in the highest bit of the first byte."""
    if not all(value in {0, 1} for value in values):
        raise ValueError("an element is neither true nor false")
    return _COUNT.pack(len(values)) + np.packbits(np.array(values, np.bool_)).tobytes()


def _unpack_booleans(raw: bytes) -> list[float] | None:
    if len(raw) < _COUNT.size:
        return None
    (count,) = _COUNT.unpack_from(raw)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8, offset=_COUNT.size))
    if count > len(bits):
        return None
    values: list[float] = bits[:count].astype(np.bool_).tolist()
    return values


def _pack_strings(values: list[Any]) -> bytes:
    """UTF-8 texts, each closed by a NUL."""
    if not all(isinstance(text, str) and "\0" not in text for text in values):
        raise ValueError("an element is not a text without NUL")
    return b"".join(text.encode() + b"\0" for text in values)


def _unpack_strings(raw: bytes) -> list[str] | None:
    if raw and not raw.endswith(b"\0"):
        return None
    try:
        return raw.decode().split("\0")[:-1]
    except UnicodeDecodeError:
        return None


BOOLEANS = Packing(_pack_booleans, _unpack_booleans)
STRINGS = Packing(_pack_strings, _unpack_strings)
