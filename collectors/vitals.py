"""How well the collector does: rates, lags and the state of its store, measured and never guessed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

from collectors.batch import Batch
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.growth import Growth
from collectors.lag import LagWindow
from collectors.quarantine import Quarantine
from collectors.rate import RateWindow
from collectors.writer import HistorianWriter, WriterState
from plant.historian.protocol import Historian, HistorianHealth
from plant.messages import CollectorHealth

LAG_SHARE = 0.95


class Vitals:
    """Measures one collector.

    Args:
        config: Settings of the collector.
        historian: The store.
        writer: Its writer.
        quarantine: Counts of bad input.
        counts: Running totals.
        clock: Host time, UTC ms.
        monotonic: Seconds of a clock that never goes back.

    Attributes:
        lag: Source time to durable, of live readings.
    """

    def __init__(
        self,
        config: CollectorConfig,
        historian: Historian,
        writer: HistorianWriter,
        quarantine: Quarantine,
        counts: Counts,
        clock: Callable[[], int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lag = LagWindow()
        self._config = config
        self._historian = historian
        self._writer = writer
        self._quarantine = quarantine
        self._counts = counts
        self._clock = clock
        self._monotonic = monotonic
        self._started = clock()
        self._rate = RateWindow()
        self._growth = Growth()
        self._store = HistorianHealth(historian.kind, ok=True)

    def on_durable(self, batch: Batch) -> None:
        """A batch has become durable now; called from the writer's thread."""
        times = batch.columns.time[batch.fresh]
        if len(times):
            self.lag.add(self._clock() - times, self._monotonic())

    def sample(self) -> None:
        """Note the totals; call it about once a second."""
        self._rate.sample(self._counts.values + self._counts.historical, self._monotonic())

    def ask_store(self) -> None:
        """Ask the historian how it is; may block."""
        self._store = self._historian.health()
        if self._store.size_bytes is not None:
            self._growth.sample(self._store.size_bytes, self._monotonic())

    def health(self) -> CollectorHealth:
        """Everything, for the `health` messages."""
        writer = self._writer.state
        return CollectorHealth(
            host_id=self._config.host_id,
            started=self._started,
            historian=self._store.kind,
            historian_ok=self._store.ok and writer.ok,
            historian_detail=self._detail(writer),
            values_per_s=self._rate.per_s,
            ingest_lag_p95_ms=self.lag.percentile(LAG_SHARE, self._monotonic()),
            written=self._counts.written,
            pending=writer.pending,
            quarantined=self._quarantine.counts,
            size_bytes=self._store.size_bytes,
            growth_bytes_per_day=self._growth.bytes_per_day,
            disk_free_bytes=self._disk_free(),
            spooled=writer.kept,
            hold_s=self._hold_s(writer),
        )

    def _detail(self, writer: WriterState) -> str:
        """Why the store does not take writes, and how long readings can still be kept for it."""
        if writer.ok:
            return self._store.detail
        hold_s = self._hold_s(writer)
        if not hold_s:
            return f"{writer.detail}; {writer.pending} readings wait"
        return f"{writer.detail}; {writer.pending} readings wait, room for {_duration(hold_s)} more"

    def _hold_s(self, writer: WriterState) -> float | None:
        rate = self._rate.per_s
        return max(0, writer.capacity - writer.pending) / rate if rate > 0 else None

    def _disk_free(self) -> int | None:
        if self._config.data is None:
            return None
        try:
            return shutil.disk_usage(self._config.data).free
        except OSError:
            return None  # the folder is gone, which the store will say in its own words


def _duration(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
