"""Reading a ledger: parts of all runs merged, what was written last holds. For tests and for `factory verify`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from plant.errors import ConfigurationError
from simulators.truth.disk import SEALED, quoted
from simulators.truth.parts import Part, parts
from simulators.truth.tables import PART_MS, Counts, Energy, Integers, Journal, Orders, Rows, Scenarios, States

R = TypeVar("R", bound=Rows)
FOREVER_MS = 1 << 62
"""Later than anything."""
_REACHES = "end_ms > {} AND start_ms < {}"
_HAPPENS = "greatest(end_ms, start_ms + 1) > {} AND start_ms < {}"
_BEGINS = "{0} >= {1} AND {0} < {2}"


class Truth:
    """The ledger in a folder, as far as complete parts tell.

    Args:
        folder: As given to ``--truth``.

    Raises:
        ConfigurationError: There is no ledger.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts = parts(folder)
        if not self._parts:
            raise ConfigurationError(f"there is no truth in {folder}; simulate with --truth {folder}")

    @property
    def covered(self) -> list[tuple[int, int]]:
        """Stretches of world time that the ledger tells of, [start, end), UTC ms, in order."""
        stretches: list[tuple[int, int]] = []
        valid = [(part.start_ms, min(part.end_ms, until_ms)) for run, until_ms in self._valid() for part in run]
        for start, end in sorted(valid):
            if stretches and start <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
            else:
                stretches.append((start, end))
        return stretches

    def states(self, start_ms: int = 0, end_ms: int = FOREVER_MS) -> States:
        """Intervals that reach into the window, by unit and time; neighbours of equal state, mode and cause are one."""
        rows = self._read(States, "*", _REACHES.format(start_ms, end_ms), "unit, start_ms")
        first, last = _stretches(rows.start_ms, rows.end_ms, (rows.unit, rows.state, rows.mode, rows.cause))
        return replace(rows.take(first), end_ms=rows.end_ms[last], reason=rows.reason[last])

    def orders(self, start_ms: int = 0, end_ms: int = FOREVER_MS) -> Orders:
        """Orders that reach into the window, by line and time; neighbours of equal number and products are one."""
        rows = self._read(Orders, "*", _REACHES.format(start_ms, end_ms), "line, start_ms")
        same = (rows.line, rows.number, rows.product_ordered, rows.product_made)
        first, last = _stretches(rows.start_ms, rows.end_ms, same)
        total = np.append(0.0, np.cumsum(rows.made))
        return replace(
            rows.take(first),
            end_ms=rows.end_ms[last],
            quantity=rows.quantity[last],
            made=total[last + 1] - total[first],
        )

    def scenarios(self, start_ms: int = 0, end_ms: int = FOREVER_MS) -> Scenarios:
        """Effects that reach into the window, by injection, effect, place and time; neighbours are one."""
        order = "injection, scenario, site, effect, place, start_ms"
        rows = self._read(Scenarios, "*", _HAPPENS.format(start_ms, end_ms), order)
        same = (rows.injection, rows.scenario, rows.site, rows.effect, rows.place, rows.value)
        first, last = _stretches(rows.start_ms, rows.end_ms, same)
        return replace(rows.take(first), end_ms=rows.end_ms[last])

    def counts(self, start_ms: int = 0, end_ms: int = FOREVER_MS) -> Counts:
        """Minutes that begin in the window, by unit, minute and lot, one row each."""
        window = _BEGINS.format("minute_ms", start_ms, end_ms)
        return self._read(Counts, _summed(Counts), f"{window} GROUP BY ALL", "unit, minute_ms, lot_ms")

    def energy(self, start_ms: int = 0, end_ms: int = FOREVER_MS) -> Energy:
        """Minutes that begin in the window, by unit and minute, one row each."""
        window = _BEGINS.format("minute_ms", start_ms, end_ms)
        return self._read(Energy, _summed(Energy), f"{window} GROUP BY ALL", "unit, minute_ms")

    def journal(self, start_ms: int = 0, end_ms: int = FOREVER_MS, tags: Iterable[str] | None = None) -> Journal:
        """What was published with source times in the window, by time and tag; of all tags if none are named."""
        window = _BEGINS.format("time_ms", start_ms, end_ms)
        if tags is not None:
            window += f" AND tag IN ({', '.join(quoted(tag) for tag in tags) or 'NULL'})"
        return self._read(Journal, "*", window, "time_ms, tag")

    def _read(self, table: type[R], columns: str, condition: str, order: str) -> R:
        """Rows of a table; again when an hour of parts has been put together meanwhile."""
        while True:
            try:
                rows = self._rows(table, columns, condition, order)
            except duckdb.IOException:
                if self._all_there():
                    raise
            else:
                if self._all_there():
                    return rows
            self._parts = parts(self._folder)

    def _all_there(self) -> bool:
        return set(self._parts) <= set(parts(self._folder))

    def _rows(self, table: type[R], columns: str, condition: str, order: str) -> R:
        runs = [
            _of_run(table, [part.file(table) for part in run if part.file(table).exists()], until_ms)
            for run, until_ms in self._valid()
        ]
        views = " UNION ALL ".join(run for run in runs if run)
        if not views:
            return table.concat([])
        with duckdb.connect(config=SEALED) as connection:
            query = f"SELECT {columns} FROM ({views}) WHERE {condition} ORDER BY {order}"  # noqa: S608 - names and integers of ours
            return table.of({name: np.ma.filled(each) for name, each in connection.execute(query).fetchnumpy().items()})

    def _valid(self) -> list[tuple[list[Part], int]]:
        """The parts of each run, and the time from which on a later run holds."""
        runs = {part.run: [each for each in self._parts if each.run == part.run] for part in self._parts}
        begins = {run: min(part.start_ms for part in of_run) for run, of_run in runs.items()}
        until = {run: min((begins[later] for later in runs if later > run), default=FOREVER_MS) for run in runs}
        return [([part for part in of_run if part.start_ms < until[run]], until[run]) for run, of_run in runs.items()]


def _of_run(table: type[Rows], files: list[Path], until_ms: int) -> str:
    """The rows of one run as a query, cut off where a later run holds; empty without files."""
    if not files:
        return ""
    columns = ", ".join(_fetched(name, sql, until_ms) for name, sql in table.columns().items())
    names = ", ".join(quoted(file) for file in files)
    held = f"{table.BY_TIME} < {until_ms} AND {PART_MS} < {until_ms}"
    return f"SELECT {columns} FROM read_parquet([{names}]) WHERE {held}"  # noqa: S608 - names of ours


def _fetched(name: str, sql: str, until_ms: int) -> str:
    if name == "end_ms":
        return f"least(end_ms, {until_ms}) AS end_ms"
    return f"coalesce({name}, 'nan') AS {name}" if sql == "DOUBLE" else name


def _summed(table: type[Rows]) -> str:
    """All columns, floating numbers summed."""
    return ", ".join(f"sum({name}) AS {name}" if sql == "DOUBLE" else name for name, sql in table.columns().items())


def _stretches(start_ms: Integers, end_ms: Integers, same: tuple[NDArray[Any], ...]) -> tuple[Integers, Integers]:
    """First and last rows of runs of neighbours that touch and are alike."""
    fresh = np.ones(len(start_ms), np.bool_)
    fresh[1:] = start_ms[1:] != end_ms[:-1]
    for column in same:
        fresh[1:] |= column[1:] != column[:-1]
    first = np.flatnonzero(fresh)
    return first, np.append(first[1:], len(start_ms))[: len(first)] - 1
