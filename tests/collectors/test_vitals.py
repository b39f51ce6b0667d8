"""How well the collector does, as it tells it itself."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from collecting import NOW, Clock, tiny
from prometheus_client import CollectorRegistry, generate_latest

from collectors.batch import Batch
from collectors.buffer import MemoryBuffer
from collectors.config import CollectorConfig
from collectors.counts import Counts
from collectors.metrics import CollectorMetrics, Sources
from collectors.quarantine import Quarantine
from collectors.vitals import Vitals
from collectors.writer import HistorianWriter
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import HistorianHealth
from plant.messages import HealthMessage, NodeHealth, SiteQuality
from plant.mqtt.address import BrokerAddress
from plant.readings import GOOD, Columns

TAGS = tiny()[1]


@dataclass
class Seconds:
    """A monotonic clock to turn by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


class Sized(MemoryHistorian):
    """A store that tells its size."""

    size = 1_000

    def health(self) -> HistorianHealth:
        """Always well."""
        return HistorianHealth("memory", ok=True, size_bytes=self.size)


class Bench:
    """Vitals with their sources in reach; the writer's thread is not started."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.seconds, self.counts = Clock(), Seconds(), Counts()
        self.quarantine, self.historian = Quarantine(self.clock), Sized(TAGS)
        config = CollectorConfig(BrokerAddress("127.0.0.1"), "collector-1", ("alpha",), data=folder)
        self.writer = HistorianWriter(
            self.historian, MemoryBuffer(1_000), 0.25, lambda _: None, self.quarantine, self.counts, random.Random(1)
        )
        self.vitals = Vitals(
            config, self.historian, self.writer, self.quarantine, self.counts, self.clock, self.seconds
        )


@pytest.fixture
def bench(tmp_path):
    """A collector that has just begun."""
    return Bench(tmp_path)


def batch(*times: int, fresh: bool = True) -> Batch:
    """Readings of these source times."""
    count = len(times)
    columns = Columns.of([0] * count, times, [1.0] * count, [GOOD] * count)
    return Batch(columns, np.full(count, fresh))


def test_what_is_not_known_yet_is_not_told(bench):
    """No lag without live readings, no growth without ten minutes of it."""
    health = bench.vitals.health()
    assert (health.values_per_s, health.ingest_lag_p95_ms, health.growth_bytes_per_day) == (0.0, None, None)
    assert (health.host_id, health.started, health.historian, health.historian_ok) == (
        "collector-1",
        NOW,
        "memory",
        True,
    )
    assert health.disk_free_bytes is not None
    assert health.disk_free_bytes > 0


def test_the_lag_is_that_of_fresh_readings(bench):
    """From source time to durable; births and replays are not slow, they are old."""
    bench.vitals.on_durable(batch(*[NOW - 300] * 19, NOW - 900))
    bench.vitals.on_durable(batch(NOW - 3_600_000, fresh=False))
    assert bench.vitals.health().ingest_lag_p95_ms == pytest.approx(300, rel=0.05)


def test_rate_and_growth_follow_their_totals(bench):
    """Live and replayed values count; the store is asked for its size."""
    for second in range(12 * 60):
        bench.seconds.now = 100.0 + second
        bench.counts.values, bench.counts.historical = second * 90, second * 10
        bench.historian.size = second * 50
        bench.vitals.sample()
        bench.vitals.ask_store()
    health = bench.vitals.health()
    assert health.values_per_s == 100.0
    assert health.growth_bytes_per_day == 50 * 86_400
    assert health.size_bytes == (12 * 60 - 1) * 50


def test_a_lost_store_is_told_with_how_long_there_is_room(bench, monkeypatch):
    """An engineer has to know when readings will begin to be lost."""
    for second in range(11):
        bench.seconds.now = 100.0 + second
        bench.counts.values = second
        bench.vitals.sample()
    bench.writer.put(batch(*range(NOW, NOW + 100)))
    monkeypatch.setattr(bench.writer, "_detail", "connection refused")
    health = bench.vitals.health()
    assert not health.historian_ok
    assert health.pending == 100
    assert health.historian_detail == "connection refused; 100 readings wait, room for 15 min more"


def test_every_metric_is_shown_to_prometheus(bench):
    """In the text format, with labels for reasons and sites; the histogram is cumulative."""
    bench.counts.messages = 7
    bench.quarantine.add("retained", "topic", "retained")
    bench.vitals.on_durable(batch(NOW - 20, NOW - 30, NOW - 700))
    node = NodeHealth("kiln-1", True, 0, 0, 1, 1, 0, 0)
    quality = SiteQuality(NOW, 98.5, 22, {"gap": 3}, ())
    site = HealthMessage(NOW, 20, 22, (node, node), bench.vitals.health(), quality)
    registry = CollectorRegistry()
    registry.register(
        CollectorMetrics(
            Sources(
                bench.counts,
                bench.quarantine,
                bench.vitals.lag,
                bench.vitals.health,
                lambda: {"alpha": site},
                lambda: True,
            )
        )
    )
    text = generate_latest(registry).decode()
    for line in (
        "collector_messages_total 7.0",
        'collector_rejected_total{reason="retained"} 1.0',
        'collector_tags_live{site="alpha"} 20.0',
        'collector_nodes_online{site="alpha"} 2.0',
        'collector_quality_score{site="alpha"} 98.5',
        'collector_quality_defects{cause="gap",site="alpha"} 3.0',
        'collector_quality_defects{cause="frozen",site="alpha"} 0.0',
        "collector_online 1.0",
        'collector_ingest_lag_seconds_bucket{le="0.025"} 1.0',
        'collector_ingest_lag_seconds_bucket{le="0.05"} 2.0',
        'collector_ingest_lag_seconds_bucket{le="+Inf"} 3.0',
        "collector_ingest_lag_seconds_sum 0.75",
    ):
        assert line in text.splitlines()
    assert "growth_bytes_per_day " not in text
