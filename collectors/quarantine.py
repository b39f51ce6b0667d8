"""Bad input, kept for an engineer to look at: the newest entries, bounded in number and bytes, and counts for ever."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

CAPACITY = 1_000
PAYLOAD_BYTES = 256
TEXT_CHARACTERS = 512
"""Bounds of one entry: 1 000 entries hold less than 2 MB, whatever a publisher sends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One bad input.

    Attributes:
        time: When it was refused, host time, UTC ms.
        reason: Key under which it is counted.
        topic: Where it came from, cut to 512 characters.
        error: One sentence, cut to 512 characters.
        count: How many values it stands for; 1 for a message.
        payload: The first 256 bytes; empty when single values of a readable message were refused.
        size: Length of the whole payload, bytes.
    """

    time: int
    reason: str
    topic: str
    error: str
    count: int
    payload: bytes
    size: int

    def to_json(self) -> dict[str, Any]:
        """For `/quarantine`: the payload as hexadecimal digits and as text."""
        return {
            "time": self.time,
            "reason": self.reason,
            "topic": self.topic,
            "error": self.error,
            "count": self.count,
            "size": self.size,
            "payload_hex": self.payload.hex(" "),
            "payload_text": self.payload.decode("utf-8", "replace"),
        }


class Quarantine:
    """Thread-safe; `clock` gives UTC ms."""

    def __init__(self, clock: Callable[[], int], capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, reason: str, topic: str, error: str, payload: bytes = b"", count: int = 1) -> None:
        """Count bad input and keep a specimen of it; the oldest entry makes room."""
        key = str(reason)  # an enumeration's member is no key that JSON takes
        entry = Entry(
            self._clock(),
            key,
            _printable(topic),
            _printable(error),
            count,
            payload[:PAYLOAD_BYTES],
            len(payload),
        )
        with self._lock:
            self._entries.append(entry)
            self._counts[key] += count

    def count(self, reason: str, count: int) -> None:
        """Count more of what has an entry already."""
        with self._lock:
            self._counts[str(reason)] += count

    @property
    def counts(self) -> dict[str, int]:
        """Bad inputs since the start, by reason: values, or messages that could not be read."""
        with self._lock:
            return dict(self._counts)

    def newest(self, limit: int = CAPACITY) -> list[Entry]:
        """The newest entries, newest first."""
        with self._lock:
            entries = list(self._entries)
        return entries[::-1][:limit]

    def to_json(self) -> dict[str, Any]:
        """The page `/quarantine`."""
        return {"counts": self.counts, "entries": [entry.to_json() for entry in self.newest()]}


def _printable(text: str) -> str:
    """Cut, and free of lone surrogates that JSON cannot carry."""
    return text[:TEXT_CHARACTERS].encode("utf-8", "replace").decode()
