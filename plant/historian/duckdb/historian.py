"""`Historian` over one DuckDB file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from plant.errors import StoreError
from plant.historian.duckdb import search
from plant.historian.duckdb.database import Database, staged
from plant.historian.duckdb.names import TagIds
from plant.historian.duckdb.production import ProductionTable
from plant.historian.duckdb.writer import Writer
from plant.historian.protocol import DAY_MS, HistorianHealth, Holding, Retention, Tier, TierColumns
from plant.model.tags import TagTable
from plant.production.minutes import ProductionMinutes
from plant.readings import Columns, Event, EventKind

_TABLES: Final = {Tier.MINUTE: "m1", Tier.HOUR: "h1"}


class DuckDBHistorian:
    """Readings, tiers and events in one file of this process.

    Args:
        path: The file; made when missing, its folder must exist.
        tags: Tags that are read and written.
        retention: How long each kind of data is kept.
        memory_mb: Memory that DuckDB may use, MB.
        threads: Threads that DuckDB may use.

    Raises:
        StoreUnavailableError: The file cannot be opened, most often because another process has it open.
    """

    kind = "duckdb"

    def __init__(
        self, path: Path, tags: TagTable, retention: Retention, *, memory_mb: int = 256, threads: int = 2
    ) -> None:
        self._retention = retention
        self._database = Database(path, memory_mb, threads)
        self._writer = Writer(self._database.writing())
        self._ids = TagIds(self._database, self._writer, tags)
        self._production = ProductionTable(self._database, self._writer, tags)
        self._changes = 0
        self._span: tuple[int, tuple[int, int] | None] = (-1, None)
        self._newest_row = {tier: self._newest(table) for tier, table in _TABLES.items()}

    def write(self, columns: Columns) -> None:
        """See `Historian.write`."""
        if len(columns) == 0:
            return
        batch: dict[str, NDArray[Any]] = {
            "tag": self._ids.ensure(columns.tag),
            "ts": columns.time,
            "value": columns.value,
            "quality": columns.quality,
        }

        def append(connection: duckdb.DuckDBPyConnection) -> None:
            with staged(connection, batch):
                connection.execute(
                    "INSERT INTO raw SELECT tag, ts, if(isnan(value), NULL, value), quality FROM batch"
                ).complete()

        self._writer.run(append)

    def write_tier(self, tier: Tier, rows: TierColumns) -> None:
        """See `Historian.write_tier`."""
        if len(rows) == 0:
            return
        table, rows = _TABLES[tier], rows.latest_written()
        batch = rows.arrays | {"tag": self._ids.ensure(rows.tag)}
        oldest, newest = int(rows.time.min()), int(rows.time.max())

        def replace(connection: duckdb.DuckDBPyConnection) -> None:
            with staged(connection, batch):
                if oldest <= self._newest_row[tier]:
                    connection.execute(
                        f"DELETE FROM {table} WHERE ts BETWEEN ? AND ? AND (tag, ts) IN (SELECT tag, time FROM batch)",  # noqa: S608 - a constant
                        [oldest, newest],
                    ).complete()
                connection.execute(f"INSERT INTO {table} SELECT * FROM batch").complete()  # noqa: S608 - a constant
            self._newest_row[tier] = max(newest, self._newest_row[tier])

        self._writer.run(replace)
        self._changes += 1

    def write_events(self, events: Sequence[Event]) -> None:
        """See `Historian.write_events`."""
        unique = {(event.unit, event.kind, event.metric, event.time): event for event in events}.values()
        if not unique:
            return
        batch = {
            "ts": np.array([event.time for event in unique], np.int64),
            "unit": np.array([event.unit for event in unique], np.object_),
            "kind": np.array([str(event.kind) for event in unique], np.object_),
            "metric": np.array([event.metric for event in unique], np.object_),
            "text": np.array([event.text for event in unique], np.object_),
            "code": np.array([event.code for event in unique], np.int64),
            "quality": np.array([event.quality for event in unique], np.uint16),
        }

        def replace(connection: duckdb.DuckDBPyConnection) -> None:
            with staged(connection, batch):
                connection.execute(
                    "DELETE FROM events WHERE (unit, kind, metric, ts) IN (SELECT unit, kind, metric, ts FROM batch)"
                ).complete()
                connection.execute("INSERT INTO events SELECT * FROM batch").complete()

        self._writer.run(replace)

    def write_production(self, rows: ProductionMinutes) -> None:
        """See `Historian.write_production`."""
        self._production.write(rows)

    def production(self, lines: Sequence[int], start: int, end: int) -> ProductionMinutes:
        """See `Historian.production`."""
        return self._production.read(lines, start, end)

    def raw(self, tags: Sequence[int], start: int, end: int) -> Columns:
        """See `Historian.raw`."""
        with self._database.reading() as cursor:
            found = search.readings(cursor, self._known(tags), start, end)
        return self._named(found).latest_written()

    def held(self, tags: Sequence[int], at: int) -> Columns:
        """See `Historian.held`."""
        with self._database.reading() as cursor:
            found = search.held(cursor, self._known(tags), at)
        return self._named(found).latest_written()

    def latest(self, tags: Sequence[int]) -> Columns:
        """See `Historian.latest`."""
        with self._database.reading() as cursor:
            found = search.latest(cursor, self._known(tags))
        return self._named(found).latest_written()

    def tier(self, tier: Tier, tags: Sequence[int], start: int, end: int) -> TierColumns:
        """See `Historian.tier`."""
        with self._database.reading() as cursor:
            columns = search.rows(cursor, _TABLES[tier], self._known(tags), start, end)
        columns["tag"] = self._ids.indices(columns["tag"])
        return TierColumns(*columns.values()).latest_written()

    def events(self, units: Sequence[str], kinds: Sequence[EventKind], start: int, end: int) -> list[Event]:
        """See `Historian.events`."""
        with self._database.reading() as cursor:
            return search.events(cursor, units, kinds, start, end)

    def span(self) -> tuple[int, int] | None:
        """See `Historian.span`; every chart asks, so it is remembered until rows are written or removed."""
        changes, (known_at, span) = self._changes, self._span
        if known_at != changes:
            with self._database.reading() as cursor:
                oldest, newest = cursor.execute("SELECT min(ts), max(ts) FROM m1").fetchall()[0]
            span = None if oldest is None else (oldest, newest)
            self._span = changes, span
        return span

    def delete(self, unit: str, start: int, end: int) -> None:
        """See `Historian.delete`."""
        ids = self._ids.of_unit(unit)

        def remove(connection: duckdb.DuckDBPyConnection) -> None:
            for table in ("raw", *_TABLES.values()):
                connection.execute(
                    f"DELETE FROM {table} WHERE ts >= ? AND ts < ? AND tag IN (SELECT unnest(?::INTEGER[]))",  # noqa: S608 - a constant
                    [start, end, ids],
                ).complete()
            connection.execute(
                "DELETE FROM events WHERE ts >= ? AND ts < ? AND unit = ?", [start, end, unit]
            ).complete()

        self._writer.run(remove)
        self._changes += 1

    def expire(self, now: int) -> None:
        """See `Historian.expire`."""
        kept = self._retention
        days = {"raw": kept.raw, "m1": kept.minute, "h1": kept.hour, "events": kept.events, "production": kept.minute}

        def remove(connection: duckdb.DuckDBPyConnection) -> None:
            for table, limit in days.items():
                if limit is not None:
                    connection.execute(f"DELETE FROM {table} WHERE ts < ?", [now - limit * DAY_MS]).complete()  # noqa: S608 - a constant

        self._writer.run(remove)
        self._changes += 1

    def holdings(self) -> tuple[Holding, ...]:
        """See `Historian.holdings`."""
        tables = {"raw": "raw"} | {tier.name.lower(): table for tier, table in _TABLES.items()} | {"events": "events"}
        with self._database.reading() as cursor:
            return tuple(search.holding(cursor, name, table) for name, table in tables.items())

    def health(self) -> HistorianHealth:
        """See `Historian.health`."""
        try:
            self._writer.run(_nothing)
            return HistorianHealth(self.kind, ok=True, size_bytes=self._database.size_bytes())
        except (StoreError, OSError) as error:
            return HistorianHealth(self.kind, ok=False, detail=str(error))

    def close(self) -> None:
        """See `Historian.close`."""
        self._writer.close()
        self._database.close()

    def _known(self, tags: Sequence[int]) -> list[int]:
        ids = self._ids.of(np.unique(np.asarray(tags, np.int32)))
        return [int(id_) for id_ in ids if id_ >= 0]

    def _named(self, found: Columns) -> Columns:
        return Columns(self._ids.indices(found.tag), found.time, found.value, found.quality)

    def _newest(self, table: str) -> int:
        with self._database.reading() as cursor:
            rows: list[tuple[int | None]] = cursor.execute(f"SELECT max(ts) FROM {table}").fetchall()  # noqa: S608 - a constant
        return rows[0][0] or 0


def _nothing(connection: duckdb.DuckDBPyConnection) -> None:
    """A job that proves that the writer works."""
    connection.execute("SELECT 1").fetchall()
