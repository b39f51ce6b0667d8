"""What lines made and used: increases of counters, lots and corrections, each at its line and instant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plant.production import lots
from plant.production.corrections import Correction
from plant.production.growth import MINUTE_MS, Pieces
from plant.production.lines import LineTable, ProductionLine
from plant.production.signals import Signals
from plant.production.steps import UNSAID, Integers

Floats = NDArray[np.float64]

AMOUNTS: Final = ("produced", "good", "reject", "gas_m3", "energy_kwh", "water_m3")
"""Columns of amounts, as in `plant.production.minutes.ProductionMinutes`."""
_PRODUCED, _GOOD, _REJECT = range(3)


@dataclass(frozen=True, slots=True)
class Counts:
    """Amounts that belong to a line and an instant.

    Attributes:
        line: Index in the line table, int64, shape (n,).
        instant: UTC ms, int64.
        amounts: By `AMOUNTS`, shape (n, 6).
        open: More may come of it: its lot is not dried. bool.
    """

    line: Integers
    instant: Integers
    amounts: Floats
    open: NDArray[np.bool_]

    @classmethod
    def concat(cls, parts: Sequence[Counts]) -> Counts:
        """All parts, one after the other."""
        empty = cls(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, len(AMOUNTS))), np.empty(0, np.bool_))
        return cls(*(np.concatenate([getattr(part, each.name) for part in (empty, *parts)]) for each in fields(cls)))


@dataclass(frozen=True, slots=True)
class Counted:
    """All counts, and what has no place.

    Attributes:
        unplaced: Good and reject by line of lots of which nobody knows when they were formed: in a plant that has
            just begun to be watched, what was in its dryers. Shape (lines, 2).
    """

    counts: Counts
    unplaced: Floats


def counted(table: LineTable, told: Signals, grown: Pieces, corrections: Sequence[Correction]) -> Counted:
    """What all lines made and used.

    Args:
        table: The lines.
        told: Lots.
        grown: Increases of their counters.
        corrections: What people add.
    """
    of_tags = _ByTag(grown)
    parts = [part for row in table for part in _plain(row, of_tags)]
    unplaced = np.zeros((len(table), 2))
    for row in table:
        if row.formed_lot is not None:
            parts += _by_lot(row, told, of_tags, unplaced[row.index])
    parts += (part for each in corrections for part in _corrected(table, each))
    return Counted(Counts.concat(parts), unplaced)


class _ByTag:
    def __init__(self, grown: Pieces) -> None:
        self._grown = grown

    def of(self, tags: Sequence[int]) -> Pieces:
        """Increases of some tags, in the order of time."""
        begins, ends = (np.searchsorted(self._grown.tag, tags, side) for side in ("left", "right"))
        rows = [np.arange(begin, end) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        found = self._grown.take(np.concatenate([np.empty(0, np.intp), *rows]))
        return found.take(np.argsort(found.instant, kind="stable"))


def _plain(row: ProductionLine, of_tags: _ByTag) -> Iterator[Counts]:
    """What belongs to the instant at which it was counted."""
    made = (row.produced, row.good, row.reject) if row.formed_lot is None else ((), (), ())
    for column, tags in enumerate((*made, row.gas, row.energy, row.water)):
        if tags:
            found = of_tags.of(tags)
            yield _counts(row.index, found.instant, {column: found.amount})


def _by_lot(row: ProductionLine, told: Signals, of_tags: _ByTag, unplaced: Floats) -> Iterator[Counts]:
    """What was formed, with what came of it; adds to `unplaced` what has no place."""
    formed, good, reject = (of_tags.of(tags) for tags in (row.produced, row.good, row.reject))
    begin = lots.begun(told.formed, row.index, len(told.lots))
    shares = lots.shared(
        lots.Formed(told.formed.at(np.full(len(formed), row.index), formed.told), formed.amount),
        _dried(row, told, good, reject),
        lots.closed(told.dried, row.index, begin),
    )
    amounts = {_PRODUCED: formed.amount, _GOOD: shares.amounts[:, 0], _REJECT: shares.amounts[:, 1]}
    yield _counts(row.index, formed.instant, amounts, shares.open)
    at = np.where(shares.extra == UNSAID, UNSAID, np.append(begin, UNSAID)[shares.extra])
    placed = at != UNSAID
    unplaced += shares.extra_amounts[~placed].sum(axis=0)
    extra = shares.extra_amounts[placed]
    yield _counts(row.index, at[placed], {_GOOD: extra[:, 0], _REJECT: extra[:, 1]})


def _dried(row: ProductionLine, told: Signals, good: Pieces, reject: Pieces) -> lots.Dried:
    at = np.concatenate((good.told, reject.told))
    amounts = np.zeros((len(at), 2))
    amounts[: len(good), 0], amounts[len(good) :, 1] = good.amount, reject.amount
    return lots.Dried(told.dried.at(np.full(len(at), row.index), at), amounts)


def _corrected(table: LineTable, of: Correction) -> Iterator[Counts]:
    line = table.by_storage(of.line)
    if line is None or of.end <= of.start:
        return
    edges = np.arange(of.start // MINUTE_MS + 1, (of.end - 1) // MINUTE_MS + 1) * MINUTE_MS
    begin, end = np.append(of.start, edges), np.append(edges, of.end)
    share = (end - begin) / (of.end - of.start)
    added = {_PRODUCED: of.produced, _GOOD: of.good, _REJECT: of.reject}
    yield _counts(line, begin, {column: amount * share for column, amount in added.items()})


def _counts(
    line: int, instant: Integers, by_column: dict[int, Floats], is_open: NDArray[np.bool_] | None = None
) -> Counts:
    amounts = np.zeros((len(instant), len(AMOUNTS)))
    for column, amount in by_column.items():
        amounts[:, column] = amount
    none = np.zeros(len(instant), np.bool_)
    return Counts(np.full(len(instant), line, np.int64), instant, amounts, none if is_open is None else is_open)
