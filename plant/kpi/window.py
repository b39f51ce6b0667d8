"""Windows of time that figures are made over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From `start_ms` to before `end_ms`, UTC ms.

    Minutes are the grain of production minutes, so both ends are full minutes: half a minute's output is not known.

    Raises:
        ValueError: An end is inside a minute, or the end is before the start.
    """

    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if self.start_ms % MINUTE_MS or self.end_ms % MINUTE_MS:
            raise ValueError(f"a window from {self.start_ms} to {self.end_ms} ms has an end inside a minute")
        if self.end_ms < self.start_ms:
            raise ValueError(f"a window ends at {self.end_ms} ms, before it begins at {self.start_ms} ms")

    @property
    def seconds(self) -> float:
        """Length, s."""
        return (self.end_ms - self.start_ms) / 1_000

    def split(self, length_ms: int) -> Iterator[Window]:
        """Parts of that length, ms, one after the other; the last may be shorter."""
        for start in range(self.start_ms, self.end_ms, length_ms):
            yield Window(start, min(start + length_ms, self.end_ms))
