"""Production minutes as columns: additive elements only, so that any figure is a sum of them, divided at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class ProductionMinutes:
    """Rows of lines and minutes; a minute of a line has one row or several that share it.

    The rows of a minute differ in at least one of order, product, element, loss, reason and cause. Their `seconds` sum
    to 60. What was counted in a minute stands in whichever of its rows it belongs to (in the row of the order that was
    worked on), so every column that is not a key can be summed over any set of rows. Good quantity is booked to the
    minute in which its lot was formed.

    Attributes:
        line: Index in the line table (`plant.production.lines`), int32, shape (n,).
        time: Start of the minute, UTC ms, int64.
        order: Number of the order, 0 for none, int64.
        product: Index in the products of the enterprise, -1 for none, int16.
        element: `plant.production.elements.Element`, int16.
        loss: `plant.production.elements.Loss`, int16.
        reason: Index in the reason tree (`plant.production.reasons`), -1 for none or not coded, int16.
        cause: Index of the unit that is to blame in the line table's units, -1 for none, int32.
        seconds: Length, s; float64, as all that follow.
        produced: Produced quantity PQ, in the line's unit of measure.
        good: Good quantity GQ, likewise.
        reject: Rejected quantity, likewise.
        produced_ideal_s: Ideal time of the produced quantity, PRI x PQ, s.
        good_ideal_s: Ideal time of the good quantity, PRI x GQ, s.
        gas_m3: Gas of the line.
        energy_kwh: Electric energy of the line.
        water_m3: Water of the line.
        provisional: 1 where something may still change: the edge node has not told of this minute yet, or lots are not
            dried; else 0. int16.
    """

    line: NDArray[np.int32]
    time: Integers
    order: Integers
    product: Codes
    element: Codes
    loss: Codes
    reason: Codes
    cause: NDArray[np.int32]
    seconds: Floats
    produced: Floats
    good: Floats
    reject: Floats
    produced_ideal_s: Floats
    good_ideal_s: Floats
    gas_m3: Floats
    energy_kwh: Floats
    water_m3: Floats
    provisional: Codes

    def __len__(self) -> int:
        return len(self.line)

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by name, in the order above."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def empty(cls) -> ProductionMinutes:
        """Columns of length 0."""
        return cls(**{name: np.empty(0, dtype) for name, dtype in DTYPES.items()})

    @classmethod
    def concat(cls, parts: Iterable[ProductionMinutes]) -> ProductionMinutes:
        """All parts, one after the other."""
        parts = [cls.empty(), *parts]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in DTYPES})

    def sorted(self) -> ProductionMinutes:
        """By (line, time); rows of one minute keep their order."""
        return self.take(np.lexsort((self.time, self.line)))

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> ProductionMinutes:
        """The rows that a mask or an index array chooses, in its order."""
        return ProductionMinutes(**{name: column[rows] for name, column in self.arrays.items()})


QUANTITIES = (
    "produced",
    "good",
    "reject",
    "produced_ideal_s",
    "good_ideal_s",
    "gas_m3",
    "energy_kwh",
    "water_m3",
)
"""Columns of what was counted or used."""
DTYPES: dict[str, Any] = {
    "line": np.int32,
    "time": np.int64,
    "order": np.int64,
    "product": np.int16,
    "element": np.int16,
    "loss": np.int16,
    "reason": np.int16,
    "cause": np.int32,
    **dict.fromkeys(("seconds", *QUANTITIES), np.float64),
    "provisional": np.int16,
}
"""Type of each column."""
