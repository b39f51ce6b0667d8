"""The one thread that changes the file, and how callers wait for their commit.

Two cursors that update one row conflict in DuckDB, and a checkpoint beside an open writer fails; one thread has neither
trouble. Jobs that wait while a commit runs share the next one, so that many small writers cost few syncs.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

import duckdb

from plant.errors import StoreUnavailableError
from plant.historian.duckdb.database import translated

Job = Callable[[duckdb.DuckDBPyConnection], None]

_GROUP: Final = 64
"""Jobs in one transaction at most."""


class Writer:
    """Runs jobs one after the other in transactions of its own thread."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[tuple[Job, Future[None]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="historian-writer", daemon=True)
        self._thread.start()

    def run(self, job: Job) -> None:
        """Run `job` in a transaction; returns when it is durable.

        Raises:
            StoreUnavailableError: The file cannot be written, or is closed.
            StoreRejectedError: DuckDB refuses these data.
        """
        done: Future[None] = Future()
        with self._lock:
            if self._closed:
                raise StoreUnavailableError("the historian is closed")
            self._jobs.put((job, done))
        with translated():
            done.result()

    def close(self) -> None:
        """Finish the jobs that wait, then end the thread."""
        with self._lock:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while (first := self._jobs.get()) is not None:
            group, ended = [first], False
            while len(group) < _GROUP and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    ended = True
                    break
                group.append(following)
            self._commit(group)
            if ended:
                return

    def _commit(self, group: list[tuple[Job, Future[None]]]) -> None:
        try:
            self._transact([job for job, _ in group])
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the caller who waits for it
            if len(group) == 1:
                group[0][1].set_exception(error)
                return
            for single in group:  # one bad job must not fail its neighbours
                self._commit([single])
            return
        for _, done in group:
            done.set_result(None)

    def _transact(self, jobs: list[Job]) -> None:
        self._connection.begin()
        try:
            for job in jobs:
                job(self._connection)
            self._connection.commit()
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.Error:
            # A failed commit has ended the transaction already; the error that matters is the one being raised.
            return
