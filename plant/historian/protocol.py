"""What every historian backend can do; one contract test-suite proves it for each.

Backends only store and fetch. Means over time, tiers and buckets come from one pure function in `plant.rollup`, the
same for all backends. Every write is idempotent: the same tag and time, written again, replaces what was there.
All methods may be called from any thread and block; errors are `plant.errors.StoreUnavailableError` (try again) and
`plant.errors.StoreRejectedError` (do not).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from plant.production.minutes import ProductionMinutes
from plant.readings import BAD, GOOD, Columns, Event, EventKind

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


class Tier(Enum):
    """A resolution of rolled-up history; the value is its width in ms."""

    MINUTE = MINUTE_MS
    HOUR = HOUR_MS

    @property
    def width(self) -> int:
        """Width of a row, ms."""
        return self.value


@dataclass(frozen=True, slots=True)
class TierColumns:
    """Rolled-up rows of many tags; a row covers [time, time + width).

    Attributes:
        tag: Index in the tag table, int32, shape (n,).
        time: Start of the row, UTC ms on a multiple of the tier's width, int64.
        mean: Time-weighted mean over the good part, NaN when there is none; float64, as `low`, `high` and `last`.
        low: Smallest good value that held at any time in the row.
        high: Largest good value that held at any time in the row.
        last: Value that was read last by the end of the row, NaN when its quality is not good; it seeds what comes
            after, so it is there also when nobody watched.
        count: Samples inside the row, int64.
        good_ms: Part of the row with a good value, 0 to width, int64.
    """

    tag: NDArray[np.int32]
    time: NDArray[np.int64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    last: NDArray[np.float64]
    count: NDArray[np.int64]
    good_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.tag)

    @property
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by name, in the order above."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def empty(cls) -> TierColumns:
        """Columns of length 0."""
        none = np.empty(0, np.float64)
        count = np.empty(0, np.int64)
        return cls(np.empty(0, np.int32), count, none, none, none, none, count, count)

    @classmethod
    def concat(cls, parts: Iterable[TierColumns]) -> TierColumns:
        """All parts, one after the other."""
        parts = list(parts)
        if not parts:
            return cls.empty()
        return cls(
            *(np.concatenate(columns) for columns in zip(*(part.arrays.values() for part in parts), strict=True))
        )

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> TierColumns:
        """The rows that a mask or an index array chooses, in its order."""
        return TierColumns(*(column[rows] for column in self.arrays.values()))

    def latest_written(self) -> TierColumns:
        """Sorted by (tag, time), one row per (tag, time): the one that came last."""
        ordered = self.take(np.lexsort((self.time, self.tag)))
        last = np.ones(len(ordered), np.bool_)
        last[:-1] = (ordered.tag[1:] != ordered.tag[:-1]) | (ordered.time[1:] != ordered.time[:-1])
        return ordered.take(last)


def last_as_reading(tag: NDArray[np.int32], minute: NDArray[np.int64], last: NDArray[np.float64]) -> Columns:
    """The `last` of minute rows as readings at the last instant of their minute; `BAD` where nothing was known."""
    quality = np.where(np.isnan(last), BAD, GOOD).astype(np.uint16)
    return Columns(tag, minute + MINUTE_MS - 1, last, quality)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long each kind of data is kept, in days; None is for ever."""

    raw: int | None = 14
    minute: int | None = 400
    hour: int | None = None
    events: int | None = 400


@dataclass(frozen=True, slots=True)
class HistorianHealth:
    """How the store is.

    Attributes:
        kind: ``duckdb`` or ``influxdb``.
        ok: It answers and takes writes.
        detail: One sentence when it is not ok, else empty.
        size_bytes: Space used on disk, None when the store does not tell.
    """

    kind: str
    ok: bool
    detail: str = ""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What a store holds of one kind of data.

    Attributes:
        name: ``raw``, ``minute``, ``hour`` or ``events``.
        rows: Readings, rows or events, repetitions included; None when the store does not tell.
        size_bytes: Space on disk, None when the store does not tell.
        oldest: Time of the oldest row, UTC ms; None for none, or when the store does not tell.
        newest: Likewise of the newest.
    """

    name: str
    rows: int | None = None
    size_bytes: int | None = None
    oldest: int | None = None
    newest: int | None = None


class Historian(Protocol):
    """A store for readings, tiers and events of the tags of one tag table."""

    @property
    def kind(self) -> str:
        """``duckdb`` or ``influxdb``."""
        ...

    def write(self, columns: Columns) -> None:
        """Store raw readings durably; returns when they are."""
        ...

    def write_tier(self, tier: Tier, rows: TierColumns) -> None:
        """Store rolled-up rows, replacing those of the same tag and time."""
        ...

    def write_events(self, events: Sequence[Event]) -> None:
        """Store events, replacing those of the same unit, kind, metric and time."""
        ...

    def write_production(self, rows: ProductionMinutes) -> None:
        """Store production minutes: all rows of each line and minute among them replace all that were there.

        They are kept as long as minute rows, under names (`plant.production.names`), so that indices may change.
        """
        ...

    def production(self, lines: Sequence[int], start: int, end: int) -> ProductionMinutes:
        """Production minutes that begin in [start, end) of some lines (indices in the line table of these tags).

        Sorted by (line, time), rows of a minute as they were written; a product, reason or unit that the model does not
        know any more is -1.
        """
        ...

    def raw(self, tags: Sequence[int], start: int, end: int) -> Columns:
        """Readings of [start, end), sorted by (tag, time), one per instant."""
        ...

    def held(self, tags: Sequence[int], at: int) -> Columns:
        """For each tag that has one: its last reading before `at` (exclusive), sorted by tag.

        Looks at raw readings first, then at the `last` of earlier minutes, so that it costs no scan of the past.
        """
        ...

    def latest(self, tags: Sequence[int]) -> Columns:
        """For each tag that has one: its newest reading, sorted by tag."""
        ...

    def tier(self, tier: Tier, tags: Sequence[int], start: int, end: int) -> TierColumns:
        """Rows that begin in [start, end), sorted by (tag, time)."""
        ...

    def events(self, units: Sequence[str], kinds: Sequence[EventKind], start: int, end: int) -> list[Event]:
        """Events of [start, end) and, for each unit, kind and metric, the last one before `start`; sorted by time.

        `units` are storage paths, ``site/line/unit``.
        """
        ...

    def span(self) -> tuple[int, int] | None:
        """Times of the oldest and the newest minute row, UTC ms; None for an empty store."""
        ...

    def delete(self, unit: str, start: int, end: int) -> None:
        """Remove all readings, tiers and events of the unit (storage path) in [start, end).

        Optional: `StoreRejectedError` where a backend cannot.
        """
        ...

    def expire(self, now: int) -> None:
        """Remove what is older than its retention, as seen from `now` (UTC ms)."""
        ...

    def holdings(self) -> tuple[Holding, ...]:
        """What there is of raw readings, minutes, hours and events, in this order."""
        ...

    def health(self) -> HistorianHealth:
        """Ask the store; never raises."""
        ...

    def close(self) -> None:
        """Finish writes that have begun and release the store."""
        ...
