"""The small ids under which the file keeps tags."""

from __future__ import annotations

import threading

import duckdb
import numpy as np
from numpy.typing import NDArray

from plant.historian.duckdb.database import Database, staged
from plant.historian.duckdb.writer import Writer
from plant.model.tags import TagTable

NO_ID = -1


class TagIds:
    """Ids in the file by index in the tag table, and back.

    A tag gets its id at its first write, so a tag without one has no history and costs no search. Tags that the file
    knows and the model does not (any more) keep their ids.
    """

    def __init__(self, database: Database, writer: Writer, tags: TagTable) -> None:
        self._writer = writer
        self._storage = [tag.storage for tag in tags]
        self._lock = threading.Lock()
        with database.reading() as cursor:
            rows = cursor.execute("SELECT storage, id FROM tags").fetchall()
        self._by_storage: dict[str, int] = dict(rows)
        self._ids = np.array([self._by_storage.get(storage, NO_ID) for storage in self._storage], np.int32)
        self._indices = self._inverse(self._ids)

    def of(self, tags: NDArray[np.int32]) -> NDArray[np.int32]:
        """Ids of tag indices, `NO_ID` where nothing was ever written."""
        return self._ids[tags]

    def indices(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        """Tag indices of ids that `of` gave."""
        return self._indices[ids]

    def ensure(self, tags: NDArray[np.int32]) -> NDArray[np.int32]:
        """Ids of tag indices; tags without one get theirs, durably, before this returns."""
        if (self._ids[tags] == NO_ID).any():
            with self._lock:
                self._give(np.unique(tags[self._ids[tags] == NO_ID]))
        return self._ids[tags]

    def of_unit(self, unit: str) -> list[int]:
        """Ids of all tags ever written of a unit (storage path), whether the model knows them or not."""
        with self._lock:
            return [id_ for storage, id_ in self._by_storage.items() if storage.rpartition("/")[0] == unit]

    def _give(self, tags: NDArray[np.int32]) -> None:
        first = max(self._by_storage.values(), default=NO_ID) + 1
        fresh = {self._storage[tag]: first + place for place, tag in enumerate(tags.tolist())}
        if not fresh:  # another thread gave them meanwhile
            return
        columns = {"id": np.array(list(fresh.values()), np.int32), "storage": np.array(list(fresh), np.object_)}

        def insert(connection: duckdb.DuckDBPyConnection) -> None:
            with staged(connection, columns):
                connection.execute("INSERT INTO tags SELECT id, storage FROM batch").complete()

        self._writer.run(insert)
        self._by_storage |= fresh
        ids = self._ids.copy()
        ids[tags] = [fresh[self._storage[tag]] for tag in tags.tolist()]
        self._indices = self._inverse(ids)
        self._ids = ids  # replaced as a whole: readers need no lock

    def _inverse(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        inverse = np.full(max(self._by_storage.values(), default=NO_ID) + 1, NO_ID, np.int32)
        known = np.flatnonzero(ids != NO_ID)
        inverse[ids[known]] = known
        return inverse
