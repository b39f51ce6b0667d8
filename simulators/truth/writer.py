"""Writes the parts of a ledger, and has those that are over put together."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import numpy as np

from plant.errors import ConfigurationError, StoreUnavailableError
from simulators.truth.compact import HOUR_MS, compact, tidy
from simulators.truth.disk import SEALED, UNFINISHED, quoted, sync
from simulators.truth.parts import listed
from simulators.truth.tables import PART_MS, Rows


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
            tidy(folder)
        except OSError as error:
            raise ConfigurationError(f"the truth cannot be kept in {folder}: {error.strerror}") from error
        self._run = 1 + max((part.run for part in listed(folder)), default=0)
        self._hour = 0
        self._connection = duckdb.connect(config=SEALED)
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="truth")
        self._compacting: Future[None] | None = None

    def begin_run(self) -> None:
        """What follows holds against all that was written so far."""
        self._run += 1

    def write(self, start_ms: int, end_ms: int, tables: Iterable[Rows]) -> None:
        """Write a part; tables without rows get no file.

        Raises:
            StoreUnavailableError: The disk is full or gone.
        """
        final = self._folder / f"{self._run:04d}-{start_ms}-{end_ms}"
        fresh = final.with_name(final.name + UNFINISHED)
        try:
            fresh.mkdir()
            for rows in tables:
                if len(rows):
                    self._copy(rows, start_ms, fresh / f"{rows.NAME}.parquet")
            sync(fresh)
            fresh.rename(final)
        except (OSError, duckdb.IOException) as error:
            raise StoreUnavailableError(f"the truth cannot be kept in {self._folder}: {error}") from error
        if start_ms // HOUR_MS != self._hour:
            self._hour = start_ms // HOUR_MS
            self._compact()

    def close(self) -> None:
        """Wait for what is being put together, and release DuckDB."""
        self._beside.shutdown()
        if self._compacting is not None:
            self._compacting.result()
        self._connection.close()

    def _compact(self) -> None:
        """Put together beside the simulation what is due; it takes a second, and what is under way is not doubled."""
        if self._compacting is not None:
            if not self._compacting.done():
                return
            self._compacting.result()
        self._compacting = self._beside.submit(compact, self._folder, self._run, self._connection.cursor())

    def _copy(self, rows: Rows, start_ms: int, file: Path) -> None:
        columns = ", ".join(_stored(*column) for column in rows.columns().items())
        query = f"SELECT {columns}, {start_ms}::BIGINT AS {PART_MS} FROM batch"  # noqa: S608 - names of ours
        self._connection.register("batch", {name: np.ascontiguousarray(each) for name, each in rows.arrays.items()})
        try:
            self._connection.execute(f"COPY ({query}) TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)").complete()
        finally:
            self._connection.unregister("batch")


def _stored(name: str, sql: str) -> str:
    return f"{f'if(isnan({name}), NULL, {name})' if sql == 'DOUBLE' else name}::{sql} AS {name}"
