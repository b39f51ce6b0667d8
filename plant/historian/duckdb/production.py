"""Production minutes in the file: small numbers in place of names, which the table ``names`` tells."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from plant.historian.duckdb.database import Database, staged
from plant.historian.duckdb.writer import Writer
from plant.model.tags import TagTable
from plant.production.minutes import DTYPES, ProductionMinutes
from plant.production.names import NAMED, NONE, Names

_COLUMNS: Final = tuple(name for name in DTYPES if name != "time")


class ProductionTable:
    """Reads and writes the table ``production``; a name gets its number at its first write and keeps it."""

    def __init__(self, database: Database, writer: Writer, tags: TagTable) -> None:
        self._database = database
        self._writer = writer
        self._names = Names(tags)
        self._lock = threading.Lock()
        with database.reading() as cursor:
            found = cursor.execute("SELECT kind, name, id FROM names").fetchall()
            newest: list[tuple[int | None]] = cursor.execute("SELECT max(ts) FROM production").fetchall()
        self._numbers: dict[tuple[str, str], int] = {(kind, name): number for kind, name, number in found}
        self._newest = newest[0][0] or 0

    def write(self, rows: ProductionMinutes) -> None:
        """See `Historian.write_production`."""
        if len(rows) == 0:
            return
        self._number_all()
        rows = rows.sorted()
        arrays = rows.arrays
        batch: dict[str, NDArray[Any]] = {name: self._stored(name, arrays[name]) for name in _COLUMNS}
        batch |= {"ts": rows.time, "place": _places(rows)}
        oldest, newest = int(rows.time.min()), int(rows.time.max())

        def replace(connection: duckdb.DuckDBPyConnection) -> None:
            with staged(connection, batch):
                if oldest <= self._newest:
                    connection.execute(
                        "DELETE FROM production "
                        "WHERE ts BETWEEN ? AND ? AND (line, ts) IN (SELECT line, ts FROM batch)",
                        [oldest, newest],
                    ).complete()
                connection.execute("INSERT INTO production BY NAME SELECT * FROM batch").complete()
            self._newest = max(newest, self._newest)

        self._writer.run(replace)

    def read(self, lines: Sequence[int], start: int, end: int) -> ProductionMinutes:
        """See `Historian.production`."""
        wanted = [self._numbers.get(("line", self._names.of["line"][line]), NONE) for line in lines]
        columns = ", ".join(f'"{name}"' for name in (*_COLUMNS, "ts", "place"))
        with self._database.reading() as cursor:
            found = cursor.execute(
                f"SELECT {columns} FROM production WHERE ts >= ? AND ts < ? AND line IN (SELECT unnest(?::INTEGER[]))",  # noqa: S608 - constants
                [start, end, wanted],
            ).fetchnumpy()
        arrays = {name: self._meant(name, found[name]).astype(DTYPES[name]) for name in _COLUMNS}
        rows = ProductionMinutes(**arrays, time=found["ts"])
        return rows.take(np.argsort(found["place"], kind="stable")).sorted()

    def _stored(self, column: str, values: NDArray[Any]) -> NDArray[Any]:
        """Numbers of names in place of indices; other columns stay."""
        return self._names.numbered(column, self._of(column))[values] if column in NAMED else values

    def _meant(self, column: str, values: NDArray[Any]) -> NDArray[Any]:
        """Indices in place of numbers of names; other columns stay."""
        if column not in NAMED:
            return values
        index = np.full(max(self._numbers.values(), default=NONE) + 2, NONE, np.int64)
        for name, number in self._of(column).items():
            index[number] = self._names.index(column, name)
        meant: NDArray[np.int64] = index[values]
        return meant

    def _of(self, column: str) -> dict[str, int]:
        return {name: number for (kind, name), number in self._numbers.items() if kind == column}

    def _number_all(self) -> None:
        """All names of the model have their numbers, durably, afterwards."""
        with self._lock:
            missing = [
                (kind, name) for kind in NAMED for name in self._names.of[kind] if (kind, name) not in self._numbers
            ]
            if not missing:
                return
            first = max(self._numbers.values(), default=NONE) + 1
            numbers = np.arange(first, first + len(missing), dtype=np.int32)
            columns = {
                "id": numbers,
                "kind": np.array([kind for kind, _ in missing], np.object_),
                "name": np.array([name for _, name in missing], np.object_),
            }

            def insert(connection: duckdb.DuckDBPyConnection) -> None:
                with staged(connection, columns):
                    connection.execute("INSERT INTO names BY NAME SELECT * FROM batch").complete()

            self._writer.run(insert)
            self._numbers = self._numbers | dict(zip(missing, numbers.tolist(), strict=True))


def _places(rows: ProductionMinutes) -> NDArray[np.int32]:
    """Place of each row among those of its minute, of rows sorted by (line, time)."""
    fresh = np.append(True, (rows.line[1:] != rows.line[:-1]) | (rows.time[1:] != rows.time[:-1]))
    number = np.arange(len(rows))
    places: NDArray[np.int32] = (number - np.maximum.accumulate(np.where(fresh, number, 0))).astype(np.int32)
    return places
