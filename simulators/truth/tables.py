"""The tables of the ledger: each is a dataclass of columns of equal length, and a Parquet file of the same names.

Units of measure stand in the names; counts are in the measure of the unit's counters in the model (bags, m2, t).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final, Self

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Qualities = NDArray[np.uint16]

MINUTE_MS: Final = 60_000
PART_MS: Final = "part_ms"
"""Column that every file has besides: start of the part in which the row was written, UTC ms."""
_SQL: Final = {"Texts": "VARCHAR", "Integers": "BIGINT", "Floats": "DOUBLE", "Qualities": "USMALLINT"}
_DTYPE: Final = {"VARCHAR": "object", "BIGINT": "int64", "DOUBLE": "float64", "USMALLINT": "uint16"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns of one table, all of one length; a text that is missing is empty, a floating number NaN.

    Attributes:
        NAME: Of the table and its files.
        BY_TIME: Column by which a later run takes the place of an earlier one, UTC ms.
    """

    NAME: ClassVar[str]
    BY_TIME: ClassVar[str]

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by name."""
        return {name: getattr(self, name) for name in self.columns()}

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> Self:
        """The rows that a mask or an index array chooses, in its order."""
        return type(self)(*(column[rows] for column in self.arrays.values()))

    @classmethod
    def columns(cls) -> dict[str, str]:
        """Names of the columns and the types that DuckDB gives them."""
        return {field.name: _SQL[str(field.type)] for field in fields(cls)}

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[Any, ...]]) -> Self:
        """From rows, each in the order of the columns."""
        columns = zip(*rows, strict=True) if rows else ((),) * len(cls.columns())
        types = cls.columns().values()
        return cls(*(np.array(column, _DTYPE[sql]) for column, sql in zip(columns, types, strict=True)))

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """All parts, one after the other."""
        return cls(
            *(
                np.concatenate([np.empty(0, _DTYPE[sql]), *(getattr(part, name) for part in parts)], dtype=_DTYPE[sql])
                for name, sql in cls.columns().items()
            )
        )

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """From columns by name."""
        return cls(*(arrays[name] for name in cls.columns()))


@dataclass(frozen=True, slots=True)
class States(Rows):
    """True PackML states as intervals [start, end).

    `cause` is the true one; `reason` is what the unit's controller had told by the end, which may be late or nothing.
    """

    NAME: ClassVar[str] = "states"
    BY_TIME: ClassVar[str] = "start_ms"

    unit: Texts
    state: Texts
    mode: Texts
    cause: Texts
    reason: Texts
    start_ms: Integers
    end_ms: Integers


@dataclass(frozen=True, slots=True)
class Counts(Rows):
    """What a unit really made in a minute, apart by lot; `lot_ms` is when the forming of the lot began, 0 without."""

    NAME: ClassVar[str] = "counts"
    BY_TIME: ClassVar[str] = "minute_ms"

    unit: Texts
    minute_ms: Integers
    lot: Texts
    lot_ms: Integers
    produced: Floats
    good: Floats
    reject: Floats


@dataclass(frozen=True, slots=True)
class Energy(Rows):
    """What a unit, or a meter for all units that it stands for, really used in a minute."""

    NAME: ClassVar[str] = "energy"
    BY_TIME: ClassVar[str] = "minute_ms"

    unit: Texts
    minute_ms: Integers
    kwh: Floats
    gas_m3: Floats
    water_m3: Floats


@dataclass(frozen=True, slots=True)
class Orders(Rows):
    """Orders as intervals [start, end): what the order asks for, and what was really made in that time."""

    NAME: ClassVar[str] = "orders"
    BY_TIME: ClassVar[str] = "start_ms"

    line: Texts
    number: Integers
    product_ordered: Texts
    product_made: Texts
    start_ms: Integers
    end_ms: Integers
    quantity: Floats
    made: Floats


@dataclass(frozen=True, slots=True)
class Scenarios(Rows):
    """What was done to the world on purpose: each effect at each place as an interval [start, end).

    `place` is a unit, a tag or an edge node; `value` what the effect comes to there. What happens once has no length.
    """

    NAME: ClassVar[str] = "scenarios"
    BY_TIME: ClassVar[str] = "start_ms"

    injection: Texts
    scenario: Texts
    site: Texts
    effect: Texts
    place: Texts
    value: Floats
    start_ms: Integers
    end_ms: Integers


@dataclass(frozen=True, slots=True)
class Journal(Rows):
    """What was published, with the world's own time: numbers with an empty `text`, texts with a `value` of NaN."""

    NAME: ClassVar[str] = "journal"
    BY_TIME: ClassVar[str] = "time_ms"

    tag: Texts
    time_ms: Integers
    value: Floats
    quality: Qualities
    text: Texts


TABLES: tuple[type[Rows], ...] = (States, Counts, Energy, Orders, Scenarios, Journal)
"""All tables."""
