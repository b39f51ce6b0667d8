"""Putting the messages of one edge node back into their order."""

from __future__ import annotations

from typing import Generic, TypeVar

from plant.sparkplug.names import SEQUENCE_MODULUS

Item = TypeVar("Item")

WINDOW = SEQUENCE_MODULUS // 2
"""A number up to this far ahead is early; the other half of the circle is the past."""


class ReorderBuffer(Generic[Item]):
    """Delivers in sequence; what comes early waits for what is missing, up to a deadline.

    One per edge node, over the node's and all its devices' topics together.

    Attributes:
        expected: Sequence number that is to come next, 0 to 255.
        deadline_ms: When to stop waiting, None while nothing is missing.
    """

    __slots__ = ("_timeout_ms", "_waiting", "deadline_ms", "expected")

    def __init__(self, expected: int, timeout_ms: int) -> None:
        self.expected = expected % SEQUENCE_MODULUS
        self.deadline_ms: int | None = None
        self._timeout_ms = timeout_ms
        self._waiting: dict[int, Item] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def offer(self, seq: int, item: Item, now_ms: int) -> list[Item] | None:
        """Take a message in and hand out all that is in order now.

        Args:
            seq: Its number, 0 to 255.
            item: The message.
            now_ms: Time of arrival, UTC ms. A gap is waited for from the moment at which it becomes the first one.

        Returns:
            The messages in order; None when this one is refused because it came twice or is from the past. That
            starts the wait too: if more than half of the circle is lost, all that follows looks like the past.
        """
        if seq == self.expected:
            return self._advance(item, now_ms)
        if self.deadline_ms is None:
            self.deadline_ms = now_ms + self._timeout_ms
        if (seq - self.expected) % SEQUENCE_MODULUS > WINDOW or seq in self._waiting:
            return None
        self._waiting[seq] = item
        return []

    def _advance(self, item: Item, now_ms: int) -> list[Item]:
        ready = [item]
        self.expected = (self.expected + 1) % SEQUENCE_MODULUS
        while self.expected in self._waiting:
            ready.append(self._waiting.pop(self.expected))
            self.expected = (self.expected + 1) % SEQUENCE_MODULUS
        self.deadline_ms = now_ms + self._timeout_ms if self._waiting else None
        return ready

    def is_due(self, now_ms: int) -> bool:
        """Whether the wait is over, or the clock was set back so that it would last longer than it should."""
        deadline_ms = self.deadline_ms
        return deadline_ms is not None and not 0 < deadline_ms - now_ms <= self._timeout_ms

    def skip(self) -> list[Item]:
        """Stop waiting: hand out all that waits, in order, and go on after the last of it."""
        order = sorted(self._waiting, key=lambda seq: (seq - self.expected) % SEQUENCE_MODULUS)
        ready = [self._waiting[seq] for seq in order]
        if order:
            self.expected = (order[-1] + 1) % SEQUENCE_MODULUS
        self._waiting.clear()
        self.deadline_ms = None
        return ready
