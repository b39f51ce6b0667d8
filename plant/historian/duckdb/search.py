"""What is asked of the file: each function is one question, on a cursor of its own, in ids and UTC ms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import DAY_MS, HOUR_MS, MINUTE_MS, Holding, last_as_reading
from plant.readings import Columns, Event, EventKind

_Source = Callable[[duckdb.DuckDBPyConnection, list[int], int, int], Columns]

_WINDOWS: Final = (2 * MINUTE_MS, HOUR_MS, DAY_MS, None)
"""How far back `held` and `latest` look, ms, one after the other for the tags not found yet; None is to the beginning.
Each live tag has a row for every minute, so the first window ends nearly every search."""

_BEGINNING: Final = -(2**62)
_NAN: Final = "coalesce({0}, 'nan'::DOUBLE) AS {0}"
_OF_TAGS: Final = "tag IN (SELECT unnest(?::INTEGER[]))"


def readings(cursor: duckdb.DuckDBPyConnection, ids: Sequence[int], start: int, end: int) -> Columns:
    """Readings of [start, end) in the order of their writing.

    Threads hand their blocks over as they come, so that a scan alone keeps no order; row ids do, through deletions and
    checkpoints.
    """
    chosen, named = _chosen(ids)
    found = cursor.execute(
        f"SELECT tag, ts, {_NAN.format('value')}, quality, rowid FROM raw WHERE ts >= ? AND ts < ? AND {chosen}",  # noqa: S608 - constants
        [start, end, named],
    ).fetchnumpy()
    columns = Columns(found["tag"], found["ts"], found["value"], found["quality"])
    written = found["rowid"]
    return columns if (written[1:] > written[:-1]).all() else columns.take(np.argsort(written, kind="stable"))


def rows(
    cursor: duckdb.DuckDBPyConnection, table: str, ids: Sequence[int], start: int, end: int
) -> dict[str, NDArray[Any]]:
    """Rows of a tier that begin in [start, end), as arrays in the order of `TierColumns`."""
    chosen, named = _chosen(ids)
    columns = cursor.execute(
        f"SELECT tag, ts, mean, low, high, last, count, good_ms FROM {table} WHERE ts >= ? AND ts < ? AND {chosen}",  # noqa: S608 - constants
        [start, end, named],
    ).fetchnumpy()
    return {name: np.ma.filled(column, np.nan) for name, column in columns.items()}


def held(cursor: duckdb.DuckDBPyConnection, ids: Sequence[int], at: int) -> Columns:
    """The last reading before `at` of each tag, from raw readings, else from the `last` of a minute before `at`."""
    return _back_from(cursor, ids, at, (_newest_raw, _newest_minute))


def latest(cursor: duckdb.DuckDBPyConnection, ids: Sequence[int]) -> Columns:
    """The newest raw reading of each tag."""
    newest: list[tuple[int | None]] = cursor.execute("SELECT max(ts) FROM raw").fetchall()
    return _back_from(cursor, ids, (newest[0][0] or 0) + 1, (_newest_raw,))


def events(
    cursor: duckdb.DuckDBPyConnection, units: Sequence[str], kinds: Sequence[EventKind], start: int, end: int
) -> list[Event]:
    """Events of [start, end) and the last one before of each unit, kind and metric; sorted by time."""
    chosen = "unit IN (SELECT unnest(?::VARCHAR[])) AND kind IN (SELECT unnest(?::VARCHAR[]))"
    names, words = list(units), [str(kind) for kind in kinds]
    found = cursor.execute(
        f"""
        SELECT ts, unit, kind, metric, text, code, quality FROM events WHERE ts >= ? AND ts < ? AND {chosen}
        UNION ALL
        SELECT max(ts), unit, kind, metric, arg_max(text, ts), arg_max(code, ts), arg_max(quality, ts)
        FROM events WHERE ts < ? AND {chosen} GROUP BY unit, kind, metric
        ORDER BY ts
        """,  # noqa: S608 - constants
        [start, end, names, words, start, names, words],
    ).fetchall()
    return [
        Event(time, unit, EventKind(kind), metric, text, code, quality)
        for time, unit, kind, metric, text, code, quality in found
    ]


def holding(cursor: duckdb.DuckDBPyConnection, name: str, table: str) -> Holding:
    """What a table holds; its size is that of the blocks that its columns are in, after the last checkpoint."""
    rows, oldest, newest = cursor.execute(f"SELECT count(*), min(ts), max(ts) FROM {table}").fetchall()[0]  # noqa: S608 - a constant
    size = cursor.execute(
        f"""
        SELECT count(DISTINCT block) * (SELECT any_value(block_size) FROM pragma_database_size())
        FROM (SELECT unnest(list_prepend(block_id, additional_block_ids)) AS block
              FROM pragma_storage_info('{table}') WHERE persistent)
        """  # noqa: S608 - a constant
    ).fetchall()[0][0]
    return Holding(name, rows, size, oldest, newest)


def _chosen(ids: Sequence[int]) -> tuple[str, int | list[int]]:
    """A condition that is true for these tags, and its parameter; one tag is found without a join."""
    return ("tag = ?", ids[0]) if len(ids) == 1 else (_OF_TAGS, list(ids))


def _back_from(cursor: duckdb.DuckDBPyConnection, ids: Sequence[int], at: int, sources: Sequence[_Source]) -> Columns:
    """The newest of each tag before `at` from the first source that has one, in windows that grow."""
    parts: list[Columns] = []
    missing = set(ids)
    for window in _WINDOWS:
        start = _BEGINNING if window is None else at - window
        for source in sources:
            if missing:
                parts.append(source(cursor, sorted(missing), start, at))
                missing.difference_update(parts[-1].tag.tolist())
    return Columns.concat(parts)


def _newest_raw(cursor: duckdb.DuckDBPyConnection, ids: list[int], start: int, end: int) -> Columns:
    """The newest reading in [start, end) of each tag; one that was written again comes last."""
    return _columns(
        cursor.execute(
            f"""
            WITH newest AS (SELECT tag, max(ts) AS ts FROM raw WHERE ts >= ? AND ts < ? AND {_OF_TAGS} GROUP BY tag)
            SELECT raw.tag, raw.ts, {_NAN.format("value")}, quality FROM raw JOIN newest USING (tag, ts)
            WHERE raw.ts >= ? AND raw.ts < ? ORDER BY raw.rowid
            """,  # noqa: S608 - constants
            [start, end, ids, start, end],
        )
    )


def _newest_minute(cursor: duckdb.DuckDBPyConnection, ids: list[int], start: int, end: int) -> Columns:
    """`last` of the newest minute that begins at `start` or later and is over by `end`, as a reading of its end."""
    found = cursor.execute(
        f"""
        SELECT tag, max(ts) AS ts, arg_max(coalesce(last, 'nan'::DOUBLE), ts) AS last
        FROM m1 WHERE ts >= ? AND ts < ? AND {_OF_TAGS} GROUP BY tag
        """,  # noqa: S608 - constants
        [start, end - MINUTE_MS + 1, ids],
    ).fetchnumpy()
    return last_as_reading(found["tag"], found["ts"], found["last"])


def _columns(result: duckdb.DuckDBPyConnection) -> Columns:
    return Columns(*result.fetchnumpy().values())
