"""The ring on disk: what edge nodes had to tell and what is not known to have arrived.

One SQLite file for all edge nodes of a process. Every record is what one turn of scans had to tell, written in one
transaction before any of it is published, so that a killed process leaves behind all that it may have said. Records
that have arrived everywhere are deleted at one end while new ones come at the other, so the file is used in a circle;
when it is full, or a record too old, the oldest go although they never arrived.

Tags are kept under numbers that the file itself gives to their paths: it outlives changes of the model.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import structlog

from plant.errors import ConfigurationError
from simulators.fleet.told import Told

VERSION = 1
EVICTED_AT_ONCE = 64
"""Records that go together when there is no room: room is made for a while."""
MOST_RECORDS = 500
"""Records of one reading at most."""
LOCK_TIMEOUT_S = 2.0
"""How long the process before us may take to let go of the file."""

_SCHEMA = """
CREATE TABLE name (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE about (world TEXT NOT NULL);
CREATE TABLE record (
    stamp INTEGER PRIMARY KEY, count INTEGER NOT NULL,
    names BLOB NOT NULL, times BLOB NOT NULL, figures BLOB NOT NULL, qualities BLOB NOT NULL, texts BLOB NOT NULL
);
"""
_NO_TAG = -1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RingLimits:
    """How much is kept.

    Attributes:
        size_bytes: Of all records with what SQLite needs around them.
        age_ms: Of a record, ms.
    """

    size_bytes: int
    age_ms: int


@dataclass(frozen=True, slots=True)
class Record:
    """What was told at one time.

    Attributes:
        stamp: Its name: the wall clock when it was kept, UTC ms; ascending, whatever the clock does.
    """

    stamp: int
    told: Told


class Ring:
    """Records on disk, or in memory; for one thread at a time.

    Args:
        path: The file; None keeps the records in memory.
        tags: Paths of the numeric tags, in the order of the tag table.
        texts: Paths of the text tags, in the order of `plant.model.tags.text_tags`.
        limits: How much is kept.

    Attributes:
        newest: Stamp of the newest record, 0 when there is none.

    Raises:
        ConfigurationError: Another process holds the file, or it cannot be written.
    """

    def __init__(self, path: Path | None, tags: Sequence[str], texts: Sequence[str], limits: RingLimits) -> None:
        self.limits = limits
        self._database = _open(path)
        numbers = self._name([*tags, *texts])
        self._of_tag = np.array([numbers[path] for path in tags], np.int32)
        self._of_text = [numbers[path] for path in texts]
        self._tag_of = np.full(max(numbers.values(), default=0) + 1, _NO_TAG, np.int32)
        self._tag_of[self._of_tag] = np.arange(len(tags), dtype=np.int32)
        self._text_of = {number: place for place, number in enumerate(self._of_text)}
        self.newest = int(self._ask("SELECT coalesce(max(stamp), 0) FROM record"))

    @property
    def used_bytes(self) -> int:
        """Space that is in use, in whole pages."""
        pages = self._ask("PRAGMA page_count") - self._ask("PRAGMA freelist_count")
        return int(pages * self._ask("PRAGMA page_size"))

    def belong(self, world: str, begins_ms: int) -> int:
        """Say whose values these are; returns how many of another world's had to go.

        Values of another world may stay, for they are as true as they were, but not where this one tells the same
        times in another way.

        Args:
            world: Tells worlds apart.
            begins_ms: World time from which on this one tells values, UTC ms.
        """
        with self._transaction():
            known = self._database.execute("SELECT world FROM about").fetchone()
            if known == (world,):
                return 0
            self._database.execute("DELETE FROM about")
            self._database.execute("INSERT INTO about VALUES (?)", (world,))
            last = self.read(self.newest - 1, 1)
            if not last or last[-1].told.last_ms < begins_ms:
                return 0
            return sum(len(record.told) for record in self._drop("1 = 1", ()))

    def put(self, stamp: int, told: Told) -> None:
        """Keep a record; it survives the end of this process from here on. `stamp` is greater than all before it."""
        texts = [(self._of_text[place], time, text) for place, time, text in told.texts]
        row = (
            stamp,
            len(told),
            self._of_tag[told.rows].astype("<i4").tobytes(),
            told.times.astype("<i8").tobytes(),
            told.values.astype("<f8").tobytes(),
            told.qualities.astype("<u2").tobytes(),
            orjson.dumps(texts),
        )
        with self._transaction():
            self._database.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self.newest = stamp

    def read(self, after: int, most_values: int) -> list[Record]:
        """Records after a stamp, oldest first, until there are `most_values` or `MOST_RECORDS`."""
        found, values = [], 0
        query = "SELECT * FROM record WHERE stamp > ? ORDER BY stamp LIMIT ?"
        for row in self._database.execute(query, (after, MOST_RECORDS)):
            found.append(self._record(row))
            values += row[1]
            if values >= most_values:
                break
        return found

    def get(self, stamps: Sequence[int]) -> list[Record]:
        """Those of these records that are still there."""
        rows = (self._database.execute("SELECT * FROM record WHERE stamp = ?", (stamp,)).fetchone() for stamp in stamps)
        return [self._record(row) for row in rows if row is not None]

    def trim(self, upto: int) -> None:
        """Forget the records up to this stamp, which have arrived."""
        with self._transaction():
            self._database.execute("DELETE FROM record WHERE stamp <= ?", (upto,))

    def evict(self, now_ms: int) -> list[Record]:
        """Let the oldest records go while there is too much, or they are too old; returns them.

        Args:
            now_ms: Wall clock, UTC ms.
        """
        with self._transaction():
            gone = list(self._drop("stamp <= ?", (now_ms - self.limits.age_ms,)))
            while self.used_bytes > self.limits.size_bytes:
                oldest = "stamp IN (SELECT stamp FROM record ORDER BY stamp LIMIT ?)"
                dropped = self._drop(oldest, (EVICTED_AT_ONCE,))
                if not dropped:
                    break
                gone += dropped
        return gone

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _drop(self, condition: str, values: tuple[int, ...]) -> list[Record]:
        rows = self._database.execute(f"DELETE FROM record WHERE {condition} RETURNING *", values)  # noqa: S608 - ours
        return [self._record(row) for row in rows.fetchall()]

    def _record(self, row: tuple[int, int, bytes, bytes, bytes, bytes, bytes]) -> Record:
        stamp, _, names, times, figures, qualities, texts = row
        rows = self._tag_of[np.frombuffer(names, "<i4")]
        known = rows != _NO_TAG
        told = Told(
            rows[known],
            np.frombuffer(times, "<i8")[known].astype(np.int64),
            np.frombuffer(figures, "<f8")[known].astype(np.float64),
            np.frombuffer(qualities, "<u2")[known].astype(np.uint16),
            tuple(
                (self._text_of[number], time, text)
                for number, time, text in orjson.loads(texts)
                if number in self._text_of
            ),
        )
        return Record(stamp, told)

    def _name(self, paths: Sequence[str]) -> dict[str, int]:
        """The file's number for each path; new ones get one."""
        with self._transaction():
            self._database.executemany("INSERT OR IGNORE INTO name (path) VALUES (?)", [(path,) for path in paths])
        return dict(self._database.execute("SELECT path, id FROM name"))

    def _ask(self, question: str) -> int:
        return int(self._database.execute(question).fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._database.in_transaction:  # a full disk has ended it already
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


def _open(path: Path | None) -> sqlite3.Connection:
    """The database with its tables; a file that is damaged or of another version is set aside."""
    if path is None:
        return _prepared(_connect(":memory:"))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _prepared(_connect(str(path)))
    except sqlite3.OperationalError as error:
        raise ConfigurationError(
            f"{path} cannot be used ({error}); does another simulator run with this data folder?"
        ) from error
    except sqlite3.DatabaseError as error:
        aside = path.with_suffix(".damaged")
        log.warning("a damaged ring is set aside; what it held is not told", file=str(aside), cause=str(error))
        path.replace(aside)
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
        return _prepared(_connect(str(path)))


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=LOCK_TIMEOUT_S, isolation_level=None, check_same_thread=False)


def _prepared(database: sqlite3.Connection) -> sqlite3.Connection:
    """Durable over a kill without waiting for the disk; of one process only.

    WAL with synchronous=NORMAL syncs at checkpoints alone: a power cut may cost the last seconds, never the file
    (https://www.sqlite.org/wal.html, "Performance Considerations").
    """
    try:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version not in {0, VERSION}:
            raise sqlite3.DatabaseError(f"its version is {version}, not {VERSION}")
        if version == 0:
            database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    except sqlite3.Error:
        database.close()
        raise
    return database
