"""A historian in memory: the shipped fake for tests of other rooms, and the plainest reading of the contract."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plant.historian.protocol import (
    DAY_MS,
    MINUTE_MS,
    HistorianHealth,
    Holding,
    Retention,
    Tier,
    TierColumns,
    last_as_reading,
)
from plant.model.tags import TagTable
from plant.production.minutes import ProductionMinutes
from plant.production.steps import keys
from plant.readings import Columns, Event, EventKind
from plant.rollup import newest

_EventKey = tuple[str, EventKind, str]


class MemoryHistorian:
    """Keeps everything in arrays, sorted and without repetition; forgets it when the process ends."""

    kind = "memory"

    def __init__(self, tags: TagTable, retention: Retention | None = None) -> None:
        self._tags = tags
        self._retention = retention or Retention()
        self._lock = threading.RLock()
        self._raw = Columns.empty()
        self._tiers = {tier: TierColumns.empty() for tier in Tier}
        self._events: dict[_EventKey, dict[int, Event]] = {}
        self._production = ProductionMinutes.empty()

    def write(self, columns: Columns) -> None:
        """See `Historian.write`."""
        if columns.tag.max(initial=-1) >= len(self._tags):
            raise IndexError(f"the tag table has no tag {columns.tag.max()}")
        with self._lock:
            self._raw = Columns.concat((self._raw, columns)).latest_written()

    def write_tier(self, tier: Tier, rows: TierColumns) -> None:
        """See `Historian.write_tier`."""
        with self._lock:
            self._tiers[tier] = TierColumns.concat((self._tiers[tier], rows)).latest_written()

    def write_events(self, events: Sequence[Event]) -> None:
        """See `Historian.write_events`."""
        with self._lock:
            for event in events:
                self._events.setdefault((event.unit, event.kind, event.metric), {})[event.time] = event

    def write_production(self, rows: ProductionMinutes) -> None:
        """See `Historian.write_production`."""
        with self._lock:
            there = self._production
            stays = ~np.isin(keys(there.line, there.time), keys(rows.line, rows.time))
            self._production = ProductionMinutes.concat((there.take(stays), rows)).sorted()

    def production(self, lines: Sequence[int], start: int, end: int) -> ProductionMinutes:
        """See `Historian.production`."""
        rows = self._production
        return rows.take(np.isin(rows.line, lines) & (rows.time >= start) & (rows.time < end))

    def raw(self, tags: Sequence[int], start: int, end: int) -> Columns:
        """See `Historian.raw`."""
        raw = self._raw
        return raw.take(np.isin(raw.tag, tags) & (raw.time >= start) & (raw.time < end))

    def held(self, tags: Sequence[int], at: int) -> Columns:
        """See `Historian.held`."""
        raw = self._raw
        found = newest(raw.take(np.isin(raw.tag, tags) & (raw.time < at)))
        rest = np.setdiff1d(tags, found.tag)
        minutes = self._tiers[Tier.MINUTE]
        minutes = minutes.take(np.isin(minutes.tag, rest) & (minutes.time + MINUTE_MS <= at))
        seeds = newest(last_as_reading(minutes.tag, minutes.time, minutes.last))
        return Columns.concat((found, seeds)).latest_written()

    def latest(self, tags: Sequence[int]) -> Columns:
        """See `Historian.latest`."""
        raw = self._raw
        return newest(raw.take(np.isin(raw.tag, tags)))

    def tier(self, tier: Tier, tags: Sequence[int], start: int, end: int) -> TierColumns:
        """See `Historian.tier`."""
        rows = self._tiers[tier]
        return rows.take(np.isin(rows.tag, tags) & (rows.time >= start) & (rows.time < end))

    def events(self, units: Sequence[str], kinds: Sequence[EventKind], start: int, end: int) -> list[Event]:
        """See `Historian.events`."""
        found: list[Event] = []
        with self._lock:
            for (unit, kind, _), by_time in self._events.items():
                if unit in units and kind in kinds:
                    before = [time for time in by_time if time < start]
                    found += [by_time[max(before)]] if before else []
                    found += [event for time, event in by_time.items() if start <= time < end]
        return sorted(found, key=lambda event: event.time)

    def span(self) -> tuple[int, int] | None:
        """See `Historian.span`."""
        time = self._tiers[Tier.MINUTE].time
        return (int(time.min()), int(time.max())) if len(time) else None

    def delete(self, unit: str, start: int, end: int) -> None:
        """See `Historian.delete`."""
        tags = [tag.index for tag in self._tags if tag.storage.rpartition("/")[0] == unit]

        def doomed(tag: NDArray[np.int32], time: NDArray[np.int64]) -> NDArray[np.bool_]:
            return np.isin(tag, tags) & (time >= start) & (time < end)

        with self._lock:
            self._raw = self._raw.take(~doomed(self._raw.tag, self._raw.time))
            self._tiers = {tier: rows.take(~doomed(rows.tag, rows.time)) for tier, rows in self._tiers.items()}
            for key, by_time in self._events.items():
                if key[0] == unit:
                    self._events[key] = {t: event for t, event in by_time.items() if not start <= t < end}

    def expire(self, now: int) -> None:
        """See `Historian.expire`."""
        with self._lock:
            if self._retention.raw is not None:
                self._raw = self._raw.take(self._raw.time >= now - self._retention.raw * DAY_MS)
            for tier, days in ((Tier.MINUTE, self._retention.minute), (Tier.HOUR, self._retention.hour)):
                if days is not None:
                    self._tiers[tier] = self._tiers[tier].take(self._tiers[tier].time >= now - days * DAY_MS)
            if self._retention.minute is not None:
                young = self._production.time >= now - self._retention.minute * DAY_MS
                self._production = self._production.take(young)
            if self._retention.events is not None:
                oldest = now - self._retention.events * DAY_MS
                for key, by_time in self._events.items():
                    self._events[key] = {t: event for t, event in by_time.items() if t >= oldest}

    def holdings(self) -> tuple[Holding, ...]:
        """See `Historian.holdings`."""
        with self._lock:
            events = [time for by_time in self._events.values() for time in by_time]
            times = {
                "raw": self._raw.time,
                **{tier.name.lower(): rows.time for tier, rows in self._tiers.items()},
                "events": np.array(events, np.int64),
            }
        return tuple(
            Holding(name, len(time), None, *((int(time.min()), int(time.max())) if len(time) else ()))
            for name, time in times.items()
        )

    def health(self) -> HistorianHealth:
        """See `Historian.health`."""
        return HistorianHealth(self.kind, ok=True)

    def close(self) -> None:
        """See `Historian.close`."""
