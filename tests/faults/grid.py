"""What the machines of a fault test say: known for every machine, metric and instant, so that it can be counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.workload import METRICS

SPREAD = np.uint64(0x9E37_79B9_7F4A_7C15)
"""2**64 over the golden ratio: multiples of it look like chance, so that what is kept cannot be squeezed to nothing."""
BITS = 24
"""Of each value; more than an instrument has."""
_PLACE_BITS = np.uint64(64 - BITS)


@dataclass(frozen=True, slots=True)
class Grid:
    """Times and values of all machines: step n of machine i is at ``begin + n * step + i * step / machines``.

    Attributes:
        begin_ms: Time of the first step, UTC ms.
        step_ms: From one step of a machine to its next, ms.
        machines: How many there are.
    """

    begin_ms: int
    step_ms: int
    machines: int

    def offset_ms(self, machine: int) -> int:
        """How much later a machine speaks than the first, so that they do not all speak at once."""
        return machine * self.step_ms // self.machines

    def time(self, machine: int, step: int) -> int:
        """UTC ms."""
        return self.begin_ms + self.offset_ms(machine) + step * self.step_ms

    def values(self, machine: int, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of all metrics at some steps, exact in binary, in the model's span; shape (steps, `METRICS`)."""
        place = (steps[:, None] * self.machines + machine) * METRICS + np.arange(METRICS)
        noise = (place.astype(np.uint64) * SPREAD) >> _PLACE_BITS
        return noise.astype(np.float64) / 2 ** (BITS - 10) - 500.0
