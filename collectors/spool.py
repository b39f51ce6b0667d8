"""Readings on disk while the historian is away, oldest first: a SQLite file that outlives the process.

Each row of its table is a batch: arrays as numpy writes them (npz), events as JSON. Tags are kept by their path, since
the model may have changed when they are read again. SQLite's journal takes care of a process or a machine that dies in
the middle of a write: such a batch is there as a whole or not at all.
"""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from collectors.batch import Batch
from plant.errors import StoreUnavailableError
from plant.model.tags import TagTable
from plant.readings import Columns, Event, EventKind

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS tag (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER NOT NULL, size INTEGER NOT NULL, newest INTEGER NOT NULL,
    readings BLOB NOT NULL, events BLOB NOT NULL
);
"""
USUAL_BYTES: Final = 12.0
"""What a row takes on disk, until there are some to measure: 22 bytes of which half can be squeezed out."""
FULL_SHARE: Final = 0.9
"""When the space is used up the oldest go until this share of it is taken, so that not every batch deletes another."""
UNKNOWN: Final = -1
"""Place of a tag that the model does not have any more."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Gone:
    rows: int
    size: int


class Spool:
    """A queue of batches on disk. The writer's thread alone uses it; its numbers may be read from any.

    Args:
        path: The file; its folder is made. A file that is damaged is set aside and a new one begun.
        tags: The tag table whose indices batches hold.
        most_bytes: Space that batches may take; the oldest go when it is used up.
        most_age_ms: What is older than this has no place in the historian any more.
        clock: Host time, UTC ms.

    Attributes:
        rows: Readings and events in it; `bytes` what they take.
    """

    def __init__(
        self, path: Path, tags: TagTable, *, most_bytes: int, most_age_ms: int, clock: Callable[[], int]
    ) -> None:
        self._path = path
        self._most_bytes = most_bytes
        self._most_age_ms = most_age_ms
        self._clock = clock
        self._paths = [tag.path for tag in tags]
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = _open(path)
        self._index = {tag.path: tag.index for tag in tags}
        self._ids = self._known_tags()
        total = self._database.execute("SELECT coalesce(sum(rows), 0), coalesce(sum(size), 0) FROM batch").fetchone()
        self.rows, self.bytes = int(total[0]), int(total[1])

    @property
    def capacity(self) -> int:
        """Rows that find room, by what those take that are there."""
        each = max(1.0, self.bytes / self.rows if self.rows else USUAL_BYTES)
        room = min(self._most_bytes - self.bytes, shutil.disk_usage(self._path.parent).free)
        return self.rows + max(0, int(room / each))

    def append(self, batch: Batch) -> int:
        """Keep a batch; durable when this returns.

        Returns:
            How many of the oldest rows had to go to make room.

        Raises:
            StoreUnavailableError: The file cannot be written, such as when the disk is full; nothing has changed.
        """
        try:
            with self._database:
                gone = self._make_room()
                readings, events = self._packed(batch.columns), _packed_events(batch.events)
                size = len(readings) + len(events)
                self._database.execute(
                    "INSERT INTO batch (rows, size, newest, readings, events) VALUES (?, ?, ?, ?, ?)",
                    (len(batch), size, _newest(batch), readings, events),
                )
        except sqlite3.Error as error:
            self._ids = self._known_tags()  # numbers that were given in it are gone with the transaction
            raise StoreUnavailableError(f"the spool {self._path.name} cannot be written ({error})") from error
        self.rows += len(batch) - gone.rows
        self.bytes += size - gone.size
        return gone.rows

    def first(self, most_rows: int) -> tuple[int, Batch] | None:
        """The oldest batches as one, up to about so many rows, with the id to `forget` them by; None without any."""
        found: list[Batch] = []
        last, rows = 0, 0
        cursor = self._database.execute("SELECT id, rows, readings, events FROM batch ORDER BY id")
        for number, count, readings, events in cursor:
            if found and rows + count > most_rows:
                break
            found.append(self._unpacked(readings, events))
            last, rows = number, rows + count
        cursor.close()
        return (last, Batch.merge(found)) if found else None

    def forget(self, last: int) -> None:
        """Let go of all batches up to the one with this id."""
        with self._database:
            gone = self._delete(last)
        self.rows -= gone.rows
        self.bytes -= gone.size

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _make_room(self) -> _Gone:
        """Let go of what is too old, and of a tenth of the space when it is used up."""
        too_old = self._clock() - self._most_age_ms
        too_much = self.bytes - FULL_SHARE * self._most_bytes if self.bytes > self._most_bytes else 0
        last, passed = 0, 0
        for number, size, newest in self._database.execute("SELECT id, size, newest FROM batch ORDER BY id"):
            if newest >= too_old and passed >= too_much:
                break
            last, passed = number, passed + size
        return self._delete(last) if last else _Gone(0, 0)

    def _delete(self, last: int) -> _Gone:
        rows, size = self._database.execute(
            "SELECT coalesce(sum(rows), 0), coalesce(sum(size), 0) FROM batch WHERE id <= ?", (last,)
        ).fetchone()
        self._database.execute("DELETE FROM batch WHERE id <= ?", (last,))
        return _Gone(rows, size)

    def _known_tags(self) -> dict[str, int]:
        return {path: number for number, path in self._database.execute("SELECT id, path FROM tag")}

    def _packed(self, columns: Columns) -> bytes:
        used, places = np.unique(columns.tag, return_inverse=True)
        numbers = np.array([self._number(self._paths[index]) for index in used.tolist()], np.int32)
        file = io.BytesIO()
        np.savez_compressed(
            file, tag=numbers[places] if len(used) else columns.tag, time=columns.time, value=columns.value,
            quality=columns.quality,
        )  # fmt: skip
        return file.getvalue()

    def _number(self, path: str) -> int:
        number = self._ids.get(path)
        if number is None:
            number = self._database.execute("INSERT INTO tag (path) VALUES (?)", (path,)).lastrowid or 0
            self._ids[path] = number
        return number

    def _unpacked(self, readings: bytes, events: bytes) -> Batch:
        with np.load(io.BytesIO(readings), allow_pickle=False) as arrays:
            tag = self._indices(arrays["tag"])
            columns = Columns(tag, arrays["time"], arrays["value"], arrays["quality"])
        if (tag == UNKNOWN).any():
            log.warning("readings of tags that left the model", rows=int((tag == UNKNOWN).sum()))
            columns = columns.take(tag != UNKNOWN)
        return Batch(columns, np.zeros(len(columns), np.bool_), tuple(_event(row) for row in orjson.loads(events)))

    def _indices(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Places in the present tag table of the tags that the file knows by number."""
        places = {number: self._index.get(path, UNKNOWN) for path, number in self._ids.items()}
        used, inverse = np.unique(numbers, return_inverse=True)
        found = np.array([places.get(number, UNKNOWN) for number in used.tolist()], np.int32)
        return found[inverse] if len(used) else numbers


def _newest(batch: Batch) -> int:
    """The newest source time in a batch, UTC ms."""
    times = [event.time for event in batch.events]
    return max([*times, int(batch.columns.time.max())] if len(batch.columns) else times)


def _packed_events(events: tuple[Event, ...]) -> bytes:
    return orjson.dumps([asdict(event) for event in events])


def _event(row: Mapping[str, Any]) -> Event:
    return Event(**{**row, "kind": EventKind(row["kind"])})


def _open(path: Path) -> sqlite3.Connection:
    """The database of a spool; a damaged one is set aside for an engineer to look at."""
    try:
        return _connect(path)
    except sqlite3.DatabaseError as error:
        aside = path.with_suffix(".damaged")
        log.warning("the spool is damaged and set aside; a new one is begun", file=aside.name, cause=str(error))
        path.replace(aside)
        for part in ("-wal", "-shm"):
            path.with_name(path.name + part).unlink(missing_ok=True)
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, check_same_thread=False)  # opened by whoever builds it, used by the writer
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("its pages contradict each other")
        database.executescript(SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database
