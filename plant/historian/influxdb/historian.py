"""`Historian` over an InfluxDB server of any generation."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from plant.errors import StoreError, StorePartlyRejectedError, StoreRefusal, StoreUnavailableError
from plant.historian.influxdb import deletion, lines, production, queries
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.failures import TooLargeError
from plant.historian.influxdb.layout import Layout
from plant.historian.influxdb.provision import HOURS, MINUTES, RAW, Provision, generation, policies, shard_days
from plant.historian.influxdb.sieve import Cause, Rows, Sieve
from plant.historian.influxdb.spelling import Spelling
from plant.historian.protocol import (
    DAY_MS,
    HOUR_MS,
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
from plant.production.names import Names
from plant.readings import GOOD, Columns, Event, EventKind
from plant.rollup import newest

_POLICIES: Final = {Tier.MINUTE: MINUTES, Tier.HOUR: HOURS}
_RECENT_MS: Final = HOUR_MS
_REMEMBERED_MS: Final = 10 * MINUTE_MS
"""How long the time of the oldest row is good for: it changes when rows expire."""
_NEAR_MS: Final = 2 * MINUTE_MS
"""How far back `held` and `latest` read everything before they ask for each missing tag, ms."""

WRITES_AT_ONCE: Final = 2
"""Requests of one batch that are under way at the same time."""
MOST_DIVISOR: Final = 1_024
"""How many times smaller than usual requests can become for a server that finds them too large."""
MOST_PARTS: Final = 4
"""Requests at once for one window of a tier."""
HELD_AT_ONCE: Final = 2_000
"""Tags whose held values are looked for together."""
LEAST_ROWS: Final = 1_500
"""Rows of a tag in each of them at least."""

Bools = NDArray[np.bool_]
_Told = Callable[[Bools, int], Iterator[str]]
"""Line protocol of the rows that a mask chooses, in requests so many times smaller than usual."""


log = structlog.get_logger(__name__)


def _now() -> int:
    return time.time_ns() // 1_000_000


class InfluxDBHistorian:
    """Readings, tiers and events in one database of an InfluxDB.

    Args:
        address: Where it is, and who we are on 1.x.
        tags: Tags that are read and written.
        retention: How long each kind of data is kept.
        token: Of 2.x and 3.
        org: Organisation of 2.x.
        clock: The time now, UTC ms; decides what is too old to be sent.

    A server that is away is met at its first use, not here.

    Raises:
        ConfigurationError: The server is there, and needs a setting that is missing.
    """

    kind = "influxdb"

    def __init__(
        self,
        address: InfluxDBAddress,
        tags: TagTable,
        retention: Retention,
        *,
        token: str = "",
        org: str = "",
        clock: Callable[[], int] = _now,
    ) -> None:
        self._retention = retention
        self._days = policies(retention)
        self._readers = ThreadPoolExecutor(MOST_PARTS, "influxdb-reader")
        self._writers = ThreadPoolExecutor(WRITES_AT_ONCE, "influxdb-writer")
        self._clock = clock
        self._layout = Layout(tags)
        self._names = Names(tags)
        self._connection = Connection(address, token, org)
        self._provision = Provision(self._connection, retention)
        since = -1 if self._provision.is_new else clock()
        self._oldest: tuple[int, int] | None = None  # when it was asked for, and the time of the oldest minute row
        self._divisor = 1
        self._lacking: set[str] = set()  # policies of which the server does not take all rows
        self._spelling = {policy: Spelling(len(tags), since) for policy in (RAW, MINUTES, HOURS)}
        self._sieves = {
            policy: Sieve(
                self._layout.field,
                shard_days(policy, days),
                partial(queries.conflicts, self._connection, self._layout, policy),
                lambda tag: tags[tag].path,
            )
            for policy, days in self._days.items()
        }

    def write(self, columns: Columns) -> None:
        """See `Historian.write`.

        Raises:
            StorePartlyRejectedError: Some rows are older than their policy keeps, or their field has another type on
                the server; all others are stored.
        """
        columns = columns.latest_written()
        good = (columns.quality == GOOD) & np.isfinite(columns.value)
        spelled = self._spelling[RAW].spelled(columns.tag, columns.time, good)

        def told(kept: Bools, divisor: int) -> Iterator[str]:
            return lines.readings(self._layout, RAW, columns.take(kept), spelled[kept], divisor)

        refusals = self._store(RAW, columns.tag, columns.time, good, told)
        if refusals:
            texts = "; ".join(refusal.text for refusal in refusals)
            raise StorePartlyRejectedError(f"{self._connection.address} does not take all: {texts}", refusals)

    def write_tier(self, tier: Tier, rows: TierColumns) -> None:
        """See `Historian.write_tier`.

        Rows that the server does not take are left out and told in the log, once until it takes all again: they are
        made from readings and can be made again, while the rows of all other tags must go on.
        """
        policy, rows = _POLICIES[tier], rows.latest_written()
        good = np.isfinite(rows.last)
        spelled = self._spelling[policy].spelled(rows.tag, rows.time, good)

        def told(kept: Bools, divisor: int) -> Iterator[str]:
            return lines.rows(self._layout, policy, rows.take(kept), spelled[kept], divisor)

        refusals = self._store(policy, rows.tag, rows.time, good, told)
        if refusals and policy not in self._lacking:
            causes = [refusal.text for refusal in refusals]
            log.warning(
                "InfluxDB does not take all rows; factory historian rebuild makes them", tier=policy, cause=causes
            )
        elif not refusals and policy in self._lacking:
            log.info("InfluxDB takes all rows again", tier=policy)
        (self._lacking.add if refusals else self._lacking.discard)(policy)

    def write_events(self, events: Sequence[Event]) -> None:
        """See `Historian.write_events`."""
        with self._provision.kept():
            self._send(HOURS, partial(lines.events, events))

    def write_production(self, rows: ProductionMinutes) -> None:
        """See `Historian.write_production`.

        Raises:
            StorePartlyRejectedError: Some minutes are older than is kept; all others are stored.
        """
        days = self._days[MINUTES]
        young = np.ones(len(rows), np.bool_) if days is None else rows.time >= self._clock() - days * DAY_MS
        with self._provision.kept():
            self._send(MINUTES, lambda divisor: production.texts(self._names, rows.take(young), divisor))
        if not young.all():
            count = int(np.count_nonzero(~young))
            text = f"{count} production rows are older than {days} days"
            raise StorePartlyRejectedError(text, [StoreRefusal(Cause.TOO_OLD, count, text)])

    def production(self, lines: Sequence[int], start: int, end: int) -> ProductionMinutes:
        """See `Historian.production`."""
        with self._provision.kept():
            return production.rows(self._connection, self._names, lines, start, end)

    def raw(self, tags: Sequence[int], start: int, end: int) -> Columns:
        """See `Historian.raw`."""
        with self._provision.kept():
            return queries.readings(self._connection, self._layout, tags, start, end)

    def held(self, tags: Sequence[int], at: int) -> Columns:
        """See `Historian.held`; what it looks through is much more than what it finds, so it looks a part at a time."""
        parts = (tags[first : first + HELD_AT_ONCE] for first in range(0, len(tags), HELD_AT_ONCE))
        return Columns.concat(self._held(part, at) for part in parts).latest_written()

    def _held(self, tags: Sequence[int], at: int) -> Columns:
        with self._provision.kept():
            connection, layout = self._connection, self._layout
            found = newest(queries.readings(connection, layout, tags, at - _NEAR_MS, at))
            missing = _missing(tags, found)
            minutes = queries.rows(connection, layout, MINUTES, missing, at - _NEAR_MS, at - MINUTE_MS + 1)
            found = Columns.concat((found, newest(last_as_reading(minutes.tag, minutes.time, minutes.last))))
            for search in (queries.newest_readings, queries.newest_minutes):
                found = Columns.concat((found, search(connection, layout, _missing(tags, found), at)))
            return found.latest_written()

    def latest(self, tags: Sequence[int]) -> Columns:
        """See `Historian.latest`."""
        with self._provision.kept():
            now = self._clock()
            found = newest(queries.readings(self._connection, self._layout, tags, now - _NEAR_MS, now + DAY_MS))
            missing = _missing(tags, found)
            older = queries.newest_readings(self._connection, self._layout, missing, now + DAY_MS)
            return Columns.concat((found, older)).latest_written()

    def tier(self, tier: Tier, tags: Sequence[int], start: int, end: int) -> TierColumns:
        """See `Historian.tier`; a row costs the server 3 us of one core, so long windows are shared out."""

        def part(span: tuple[int, int]) -> TierColumns:
            return queries.rows(self._connection, self._layout, _POLICIES[tier], tags, *span)

        spans = _parts(start, end, tier.width)
        with self._provision.kept():
            if len(spans) == 1:
                return part(spans[0])
            return TierColumns.concat(self._readers.map(part, spans)).latest_written()

    def events(self, units: Sequence[str], kinds: Sequence[EventKind], start: int, end: int) -> list[Event]:
        """See `Historian.events`."""
        with self._provision.kept():
            return queries.events(self._connection, units, kinds, start, end)

    def span(self) -> tuple[int, int] | None:
        """See `Historian.span`; the newest row is looked for among the newest first, the oldest one is remembered."""
        now = self._clock()
        with self._provision.kept():
            latest = queries.edge(self._connection, MINUTES, "last", now - _RECENT_MS)
            if latest is None:
                latest = queries.edge(self._connection, MINUTES, "last")
            if self._oldest is None or now - self._oldest[0] >= _REMEMBERED_MS:
                oldest = queries.edge(self._connection, MINUTES, "first")
                self._oldest = None if oldest is None else (now, oldest)
        return None if self._oldest is None or latest is None else (self._oldest[1], latest)

    def delete(self, unit: str, start: int, end: int) -> None:
        """See `Historian.delete`; InfluxDB 3 cannot."""
        self._oldest = None
        with self._provision.kept():
            deletion.delete(self._connection, self._provision.version, unit, start, end)

    def expire(self, now: int) -> None:
        """See `Historian.expire`: the server does it by its policies; what is left to us is events."""
        if self._retention.events is not None and self._days[HOURS] != self._retention.events:
            with self._provision.kept():
                deletion.expire_events(self._connection, self._provision.version, now - self._retention.events * DAY_MS)

    def holdings(self) -> tuple[Holding, ...]:
        """See `Historian.holdings`; only 1.x tells sizes, and its events share the policy of the hours."""
        with self._provision.kept():
            sizes = queries.sizes(self._connection) if generation(self._provision.version) == 1 else {}
            return (
                Holding("raw", None, sizes.get(RAW)),
                *(
                    Holding(tier.name.lower(), None, sizes.get(policy), *queries.edges(self._connection, policy))
                    for tier, policy in _POLICIES.items()
                ),
                Holding("events"),
            )

    def health(self) -> HistorianHealth:
        """See `Historian.health`."""
        try:
            with self._provision.kept():
                queries.edge(self._connection, MINUTES, "last", self._clock() - _RECENT_MS)
        except StoreError as error:
            return HistorianHealth(self.kind, ok=False, detail=str(error))
        return HistorianHealth(self.kind, ok=True)

    def close(self) -> None:
        """See `Historian.close`."""
        self._readers.shutdown()
        self._writers.shutdown()
        self._connection.close()

    def _store(
        self, policy: str, tag: NDArray[np.int32], time: NDArray[np.int64], good: Bools, told: _Told
    ) -> list[StoreRefusal]:
        """Write the rows that the server can take, and name the others."""
        days = self._days[policy]
        young = np.ones(len(tag), np.bool_) if days is None else time >= self._clock() - days * DAY_MS
        rows = Rows(tag, time, good, lambda kept: self._send(policy, partial(told, kept)))
        with self._provision.kept():
            stored, refusals = self._sieves[policy].store(rows, young)
        self._spelling[policy].written(tag[stored], time[stored], good[stored])
        if not young.all():
            count = int(np.count_nonzero(~young))
            refusals.append(StoreRefusal(Cause.TOO_OLD, count, f"{count} rows are older than {days} days"))
        return refusals

    def _send(self, policy: str, told: Callable[[int], Iterator[str]]) -> None:
        """Write lines; in smaller requests, now and from then on, where they are too large for the server."""
        while True:
            divisor = self._divisor
            try:
                self._write(policy, told(divisor))
            except TooLargeError as error:
                if divisor >= MOST_DIVISOR:
                    self._divisor = 1
                    raise StoreUnavailableError(f"{error}, however small") from error
                self._divisor = max(self._divisor, 2 * divisor)
            else:
                return

    def _write(self, policy: str, texts: Iterator[str]) -> None:
        """Send texts; the next lines are made while the server works on those before.

        When it fails nothing is under way any more: a late request must not come behind newer ones.
        """
        sent: deque[Future[None]] = deque()
        try:
            for text in texts:
                if len(sent) >= WRITES_AT_ONCE:
                    sent.popleft().result()
                sent.append(self._writers.submit(self._connection.write, policy, text))
            while sent:
                sent.popleft().result()
        finally:
            wait(sent)


def _parts(start: int, end: int, width: int) -> list[tuple[int, int]]:
    """The window in parts that are asked for at the same time; short ones stay whole."""
    count = max(1, min(MOST_PARTS, (end - start) // (width * LEAST_ROWS)))
    step = -(-(end - start) // count)
    return [(at, min(at + step, end)) for at in range(start, end, step)] if count > 1 else [(start, end)]


def _missing(tags: Sequence[int], found: Columns) -> list[int]:
    missing: list[int] = np.setdiff1d(np.asarray(tags, np.int32), found.tag).tolist()
    return missing
