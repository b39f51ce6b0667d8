"""What waits for the historian: ordered, bounded, oldest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol

from collectors.batch import Batch
from plant.mqtt.handler import Delivery


class Buffer(Protocol):
    """A queue between the pipeline and the historian.

    Any thread may `put` and look; the writer's thread alone takes out. What `peek` has handed out stays in the queue
    until `confirm`, so that nothing is lost when a write fails.
    """

    @property
    def rows(self) -> int:
        """Readings and events that wait, handed out or not."""
        ...

    @property
    def kept(self) -> int:
        """How many of them the end of the process leaves in place."""
        ...

    @property
    def capacity(self) -> int:
        """Rows that can wait; an estimate where they take space on disk."""
        ...

    @property
    def problem(self) -> str:
        """Why rows cannot be kept beyond the end of the process although they should; empty while all is well."""
        ...

    def put(self, batch: Batch) -> int:
        """Add to the end, at once; says how many of the oldest rows had to go to make room."""
        ...

    def peek(self, most_rows: int) -> Batch | None:
        """What is to be written next, up to about so many rows; None when nothing waits.

        The same until `confirm` or `secure`.
        """
        ...

    def confirm(self) -> None:
        """What was handed out is durable, or refused for good."""
        ...

    def secure(self) -> int:
        """Keep as much as possible beyond the end of the process: the historian is away. May block.

        Returns:
            How many of the oldest rows had to go to make room.
        """
        ...

    def close(self) -> None:
        """Nothing more comes in or goes out."""
        ...


class MemoryBuffer:
    """A `Buffer` that the end of the process empties.

    Args:
        capacity: Rows that can wait; a row takes 22 bytes, so 2 000 000 rows take 44 MB.
        on_secured: Called from the writer's thread with the receipts of what is kept: it has left memory for the
            historian or for the disk. Receipts of what had to make room are never told.
    """

    def __init__(self, capacity: int, on_secured: Callable[[Sequence[Delivery]], None] | None = None) -> None:
        self._capacity = capacity
        self._on_secured = on_secured
        self._lock = Lock()
        self._waiting: deque[Batch] = deque()
        self._handed: Batch | None = None
        self._rows = 0

    @property
    def rows(self) -> int:
        """See `Buffer.rows`."""
        return self._rows

    @property
    def kept(self) -> int:
        """See `Buffer.kept`: none."""
        return 0

    @property
    def capacity(self) -> int:
        """See `Buffer.capacity`."""
        return self._capacity

    @property
    def problem(self) -> str:
        """See `Buffer.problem`."""
        return ""

    def put(self, batch: Batch) -> int:
        """See `Buffer.put`; what is being written does not go."""
        with self._lock:
            self._waiting.append(batch)
            self._rows += len(batch)
            spilled = 0
            while self._rows > self._capacity and len(self._waiting) > 1:
                oldest = len(self._waiting.popleft())
                self._rows -= oldest
                spilled += oldest
            return spilled

    def peek(self, most_rows: int) -> Batch | None:
        """See `Buffer.peek`."""
        with self._lock:
            if self._handed is None and self._waiting:
                taken = [self._waiting.popleft()]
                rows = len(taken[0])
                while self._waiting and rows + len(self._waiting[0]) <= most_rows:
                    rows += len(self._waiting[0])
                    taken.append(self._waiting.popleft())
                self._handed = Batch.merge(taken)
            return self._handed

    def confirm(self) -> None:
        """See `Buffer.confirm`."""
        with self._lock:
            secured, self._handed = self._handed, None
            if secured is not None:
                self._rows -= len(secured)
        if secured is not None and secured.receipts and self._on_secured is not None:
            self._on_secured(secured.receipts)

    def secure(self) -> int:
        """See `Buffer.secure`: memory keeps nothing."""
        return 0

    def close(self) -> None:
        """See `Buffer.close`."""
