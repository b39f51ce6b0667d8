"""Parts of the ledger on disk: a folder for a stretch of world time, there as a whole or not at all.

::

    truth/0001-1795000000000-1795000060000/states.parquet, counts.parquet, ...
          run  from          to, UTC ms

A run is one start of a simulator. One that was killed goes on from the world that it had saved, so a part of an earlier
run may tell of a time that a later run has lived through again: what the later one wrote holds.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from plant.errors import ConfigurationError, StoreUnavailableError
from simulators.truth.tables import Rows

_NAME = re.compile(r"(\d{4,})-(\d+)-(\d+)")
_UNFINISHED = ".new"
SEALED: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""DuckDB beside a simulator: one thread, and nothing is downloaded."""


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A complete part: what is true in [start, end), UTC ms."""

    run: int
    start_ms: int
    end_ms: int
    folder: Path

    def file(self, table: type[Rows]) -> Path:
        """Where the rows of a table are; not there when there were none."""
        return self.folder / f"{table.NAME}.parquet"


def parts(folder: Path) -> list[Part]:
    """All complete parts of a ledger, by run and time; none when there is no such folder."""
    names = ((_NAME.fullmatch(path.name), path) for path in folder.glob("*-*-*"))
    return sorted(Part(int(name[1]), int(name[2]), int(name[3]), path) for name, path in names if name is not None)


class PartWriter:
    """Writes the parts of one run through an in-memory DuckDB.

    Args:
        folder: Of the ledger; made when missing.

    Raises:
        ConfigurationError: Nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(f"*{_UNFINISHED}"):
                shutil.rmtree(left)
        except OSError as error:
            raise ConfigurationError(f"the truth cannot be kept in {folder}: {error.strerror}") from error
        self._run = 1 + max((part.run for part in parts(folder)), default=0)
        self._connection = duckdb.connect(config=SEALED)

    def begin_run(self) -> None:
        """What follows holds against all that was written so far."""
        self._run += 1

    def write(self, start_ms: int, end_ms: int, tables: Iterable[Rows]) -> None:
        """Write a part; tables without rows get no file.

        Raises:
            StoreUnavailableError: The disk is full or gone.
        """
        final = self._folder / f"{self._run:04d}-{start_ms}-{end_ms}"
        fresh = final.with_name(final.name + _UNFINISHED)
        try:
            fresh.mkdir()
            for rows in tables:
                if len(rows):
                    self._copy(rows, fresh / f"{rows.NAME}.parquet")
            _sync(fresh)
            fresh.rename(final)
        except (OSError, duckdb.IOException) as error:
            raise StoreUnavailableError(f"the truth cannot be kept in {self._folder}: {error}") from error

    def close(self) -> None:
        """Release DuckDB."""
        self._connection.close()

    def _copy(self, rows: Rows, file: Path) -> None:
        columns = ", ".join(_stored(*column) for column in rows.columns().items())
        self._connection.register("batch", {name: np.ascontiguousarray(each) for name, each in rows.arrays.items()})
        try:
            self._connection.execute(
                f"COPY (SELECT {columns} FROM batch) TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608 - names of ours
            ).complete()
        finally:
            self._connection.unregister("batch")


def quoted(file: Path) -> str:
    """A path as text in SQL."""
    return "'" + str(file).replace("'", "''") + "'"


def _stored(name: str, sql: str) -> str:
    return f"{f'if(isnan({name}), NULL, {name})' if sql == 'DOUBLE' else name}::{sql} AS {name}"


def _sync(folder: Path) -> None:
    """On disk before it appears under its name."""
    for path in (*folder.iterdir(), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
