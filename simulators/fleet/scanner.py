"""A scan of the world: one step of its physics, and what has changed enough to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, count
from operator import ne
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from simulators.memory import Memory
from simulators.report import Reporter
from simulators.world.influence import Injection, TransportFaults


class SteppedWorld(Protocol):
    """What the fleet needs of a world."""

    @property
    def now_ms(self) -> int:
        """The world's time, UTC ms."""

    @property
    def begun_ms(self) -> int:
        """Its first moment, UTC ms, however often it was saved and loaded since."""

    def step(self, dt_s: float) -> None:
        """Let `dt_s` pass."""

    def values(self) -> NDArray[np.float64]:
        """Present value of every tag of the tag table, NaN for none."""

    def qualities(self) -> NDArray[np.uint16]:
        """Quality of every tag."""

    def texts(self) -> Sequence[str]:
        """Present texts, in the order of `plant.model.tags.text_tags`."""

    def write(self, tag: int, value: float) -> None:
        """Take a command for a tag; `plant.errors.BadInputError` when it is refused."""

    def write_text(self, place: int, text: str) -> None:
        """The same for a text, by its place in `plant.model.tags.text_tags`."""

    def refuse(self, tag: int) -> None:
        """A command for a tag was refused before it came to be written."""

    def skip(self, to_ms: int) -> None:
        """Set the world's clock without letting anything happen."""

    def transport(self, now_ms: int) -> TransportFaults:
        """What is wrong with edge nodes on purpose at the world's time `now_ms`, UTC ms."""

    def injections(self) -> tuple[Injection, ...]:
        """Scenarios that act on it now."""

    def save(self, path: Path) -> None:
        """Write the present moment to a file, whole or not at all."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan found.

    Attributes:
        time_ms: Source time of everything in it, UTC ms.
        rows: Tags to tell, ascending.
        values: Their values, NaN for none.
        qualities: Their qualities.
        texts: Position in `plant.model.tags.text_tags` and the new text.
    """

    time_ms: int
    rows: NDArray[np.intp]
    values: NDArray[np.float64]
    qualities: NDArray[np.uint16]
    texts: list[tuple[int, str]]


class Scanner:
    """Steps a world and reports by exception.

    Args:
        world: What is scanned.
        reporter: Remembers what was told of the numbers.
    """

    def __init__(self, world: SteppedWorld, reporter: Reporter) -> None:
        self._world = world
        self._reporter = reporter
        self._told: list[str | None] = [None] * len(world.texts())

    def step(self, scan_s: float) -> Scan:
        """Let one scan time pass, then `look`."""
        self._world.step(scan_s)
        return self.look()

    def look(self) -> Scan:
        """What is to be told of the world as it is."""
        world = self._world
        values, qualities = world.values(), world.qualities()
        rows = self._reporter.changed(world.now_ms, values, qualities)
        shown = world.texts()
        texts = [(place, shown[place]) for place in compress(count(), map(ne, shown, self._told))]
        for place, text in texts:
            self._told[place] = text
        return Scan(world.now_ms, rows, values[rows], qualities[rows], texts)

    def memory(self) -> Memory:
        """What was told until now, to be kept beside the saved world."""
        return Memory(self._world.now_ms, self._reporter.memory(), tuple(self._told))

    def recall(self, memory: Memory) -> None:
        """Go on as if this had been told, so that a loaded world tells what it would have told."""
        self._reporter.recall(memory.numbers)
        self._told = list(memory.texts)

    def tell_again(self, row: int) -> None:
        """Report this tag at the next scan even if it has not moved: the read-back of a command."""
        self._reporter.forget(np.array([row], np.intp))

    def tell_text_again(self, place: int) -> None:
        """The same for a text."""
        self._told[place] = None
