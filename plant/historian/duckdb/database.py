"""The open file: its tables, the pool of reading cursors and what DuckDB's errors mean to us."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from plant.errors import StoreError, StoreRejectedError, StoreUnavailableError

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS tags (id INTEGER, storage VARCHAR);
CREATE TABLE IF NOT EXISTS raw (tag INTEGER, ts BIGINT, value DOUBLE, quality USMALLINT);
CREATE TABLE IF NOT EXISTS m1 (tag INTEGER, ts BIGINT, mean DOUBLE, low DOUBLE, high DOUBLE, last DOUBLE,
    count BIGINT, good_ms BIGINT);
CREATE TABLE IF NOT EXISTS h1 (tag INTEGER, ts BIGINT, mean DOUBLE, low DOUBLE, high DOUBLE, last DOUBLE,
    count BIGINT, good_ms BIGINT);
CREATE TABLE IF NOT EXISTS events (ts BIGINT, unit VARCHAR, kind VARCHAR, metric VARCHAR, text VARCHAR, code BIGINT,
    quality USMALLINT);
CREATE TABLE IF NOT EXISTS names (id INTEGER, kind VARCHAR, name VARCHAR);
CREATE TABLE IF NOT EXISTS production (line INTEGER, ts BIGINT, place INTEGER, "order" BIGINT, product INTEGER,
    element SMALLINT, loss SMALLINT, reason INTEGER, cause INTEGER, seconds DOUBLE, produced DOUBLE, good DOUBLE,
    reject DOUBLE, produced_ideal_s DOUBLE, good_ideal_s DOUBLE, gas_m3 DOUBLE, energy_kwh DOUBLE, water_m3 DOUBLE,
    provisional SMALLINT);
"""
"""``ts`` is UTC ms; no table has an index: appends stay cheap, and time ranges skip by the minima and maxima that
DuckDB keeps for each block of rows."""

_REFUSED = (duckdb.DataError, duckdb.IntegrityError, duckdb.NotSupportedError)
_BUGS = (duckdb.ProgrammingError,)
_HOLDER = re.compile(r"\(PID (\d+)\)")


class FileInUseError(StoreUnavailableError):
    """Another process has the file open.

    Attributes:
        path: The file.
        pid: That process.
    """

    def __init__(self, path: Path, pid: int) -> None:
        super().__init__(
            f"historian file {path} is open in another process ({pid}); "
            "stop that one, use another data folder, or use InfluxDB for several processes"
        )
        self.path = path
        self.pid = pid


def meaning(error: duckdb.Error) -> StoreError | None:
    """Our error for one of DuckDB's; None for a mistake in our own SQL, which must stay loud."""
    text = str(error).partition("\n")[0]
    if isinstance(error, _BUGS):
        return None
    if isinstance(error, _REFUSED):
        return StoreRejectedError(f"the historian refuses: {text}")
    return StoreUnavailableError(f"the historian fails: {text}")


@contextmanager
def translated() -> Iterator[None]:
    """Raises DuckDB's errors as ours."""
    try:
        yield
    except duckdb.Error as error:
        ours = meaning(error)
        if ours is None:
            raise
        raise ours from error


@contextmanager
def staged(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, NDArray[Any]]) -> Iterator[None]:
    """Arrays as the table ``batch`` of this connection; the fastest way in that needs no further package."""
    connection.register("batch", {name: np.ascontiguousarray(column) for name, column in columns.items()})
    try:
        yield
    finally:
        connection.unregister("batch")


class Database:
    """One DuckDB file of this process.

    Args:
        path: The file; made when missing, its folder must exist.
        memory_mb: Memory that DuckDB may use, MB.
        threads: Threads that DuckDB may use.

    Raises:
        FileInUseError: Another process has the file open.
        StoreUnavailableError: The file cannot be opened.
    """

    def __init__(self, path: Path, memory_mb: int, threads: int) -> None:
        self.path = path
        self._connection = _connect(path, memory_mb, threads)
        self._idle: list[duckdb.DuckDBPyConnection] = []
        self._lock = threading.Lock()
        self._closed = False

    def writing(self) -> duckdb.DuckDBPyConnection:
        """The one connection for the writer thread."""
        return self._connection

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor that no other thread uses meanwhile; there are as many as were ever needed at once."""
        with translated():
            cursor = self._borrow()
            try:
                yield cursor
            except BaseException:
                cursor.close()
                raise
            with self._lock:
                if not self._closed:
                    self._idle.append(cursor)
                    return
            cursor.close()

    def size_bytes(self) -> int:
        """Bytes of the file and its write-ahead log."""
        log = self.path.with_name(f"{self.path.name}.wal")
        return sum(file.stat().st_size for file in (self.path, log) if file.exists())

    def close(self) -> None:
        """Close all cursors that are not in use, and the file with the last of them."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for cursor in idle:
            cursor.close()
        self._connection.close()

    def _borrow(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            if self._closed:
                raise StoreUnavailableError("the historian is closed")
            return self._idle.pop() if self._idle else self._connection.cursor()


def _connect(path: Path, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{memory_mb}MB",
        "threads": threads,
        # Nothing is downloaded at run time.
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        connection = duckdb.connect(str(path), config=config)
    except duckdb.IOException as error:
        holder = _HOLDER.search(str(error))
        if holder is None:
            raise StoreUnavailableError(f"historian file {path} cannot be opened: {error}") from error
        raise FileInUseError(path, int(holder[1])) from error
    with translated():
        connection.execute(SCHEMA).complete()
    return connection
