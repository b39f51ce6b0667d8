"""Names under which production minutes are kept: indices mean something inside one process only, names for ever."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.model.tags import TagTable
from plant.production.reasons import ReasonTree, load_reasons

NAMED: Final = ("line", "product", "reason", "cause")
"""Columns of `plant.production.minutes.ProductionMinutes` that are indices."""
NONE: Final = -1


class Names:
    """Names by index, and indices by name, of each column of `NAMED`.

    Attributes:
        of: ``site/line`` of lines, slugs of products and reasons, ``site/line/unit`` of units, in the order of the
            line table, the reason tree and the model.
    """

    def __init__(self, tags: TagTable, reasons: ReasonTree | None = None) -> None:
        enterprise = tags.enterprise
        self.of: Mapping[str, tuple[str, ...]] = {
            "line": tuple(line.storage for site in enterprise.sites for line in site.lines),
            "product": tuple(enterprise.products),
            "reason": tuple(reason.slug for reason in reasons or load_reasons()),
            "cause": tuple(unit.storage for unit in enterprise.units),
        }
        self._index = {column: {name: index for index, name in enumerate(names)} for column, names in self.of.items()}

    def name(self, column: str, index: int) -> str:
        """The name of an index, empty for `NONE`."""
        return self.of[column][index] if index != NONE else ""

    def index(self, column: str, name: str) -> int:
        """The index of a name, `NONE` for what the model does not know (any more)."""
        return self._index[column].get(name, NONE)

    def numbered(self, column: str, number: Mapping[str, int]) -> NDArray[np.int64]:
        """Numbers that a store gives to the names of a column, by index, with `NONE` at the end for `NONE`."""
        return np.array([*(number.get(name, NONE) for name in self.of[column]), NONE], np.int64)
