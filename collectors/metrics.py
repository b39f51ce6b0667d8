"""What Prometheus reads: one row per metric, taken from the collector's totals when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector as PrometheusCollector

from collectors.counts import Counts
from collectors.lag import LagWindow
from collectors.production import ProductionState
from collectors.quarantine import Quarantine
from plant.clock import now_ms
from plant.messages import CollectorHealth, HealthMessage
from plant.quality.defects import Cause


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the figures come from; everything here may be read from any thread."""

    counts: Counts
    quarantine: Quarantine
    lag: LagWindow
    collector: Callable[[], CollectorHealth]
    sites: Callable[[], Mapping[str, HealthMessage]]
    online: Callable[[], bool]
    unacknowledged: Callable[[], int] = lambda: 0
    production: Callable[[], ProductionState] = ProductionState
    clock: Callable[[], int] = now_ms


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A total that only grows; Prometheus adds ``_total`` to its name."""

    name: str
    help: str
    value: Callable[[Counts], int]


@dataclass(frozen=True, slots=True)
class GaugeRow:
    """A figure that goes up and down; None is left out."""

    name: str
    help: str
    value: Callable[[CollectorHealth], float | None]


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A figure of each site, with the label ``site``."""

    name: str
    help: str
    value: Callable[[HealthMessage], float]


COUNTERS = (
    CounterRow("collector_messages", "Sparkplug messages received", lambda c: c.messages),
    CounterRow("collector_device_messages", "Messages of third-party devices received", lambda c: c.device_messages),
    CounterRow("collector_device_silences", "Times that such a device fell silent", lambda c: c.device_silences),
    CounterRow("collector_values", "Live values taken in, those of births included", lambda c: c.values),
    CounterRow("collector_historical_values", "Replayed values taken in", lambda c: c.historical),
    CounterRow("collector_skewed_values", "Values whose source's clock is ahead, within tolerance", lambda c: c.skewed),
    CounterRow("collector_births", "Births of edge nodes and devices", lambda c: c.births),
    CounterRow("collector_deaths", "Edge nodes and devices that went away", lambda c: c.deaths),
    CounterRow("collector_sequence_gaps", "Sparkplug messages that did not come in time", lambda c: c.gaps),
    CounterRow("collector_rebirths", "Rebirths asked of edge nodes", lambda c: c.rebirths),
    CounterRow("collector_connections", "Times that the broker was reached", lambda c: c.connections),
    CounterRow("collector_host_contests", "Times that another spoke for this host", lambda c: c.contests),
    CounterRow("collector_namespace_messages", "Messages sent to the unified namespace", lambda c: c.published),
    CounterRow("collector_namespace_deferred", "Messages that a slow broker did not take yet", lambda c: c.unpublished),
    CounterRow("collector_written_readings", "Readings made durable in the historian", lambda c: c.written),
    CounterRow("collector_written_events", "Events made durable in the historian", lambda c: c.events),
    CounterRow("collector_write_retries", "Writes that had to be tried again", lambda c: c.retries),
    CounterRow("collector_tier_failures", "Times that minute and hour rows had to wait", lambda c: c.tier_failures),
    CounterRow(
        "collector_rollup_checks", "Minute and hour rows compared with what they are made of", lambda c: c.rollup_checks
    ),
    CounterRow("collector_rollup_mismatches", "Those that differed and were made again", lambda c: c.rollup_mismatches),
    CounterRow("collector_production_minutes", "Production minutes that were new or changed", lambda c: c.minutes_made),
    CounterRow("collector_restated_minutes", "Settled ones whose figures changed", lambda c: c.minutes_restated),
    CounterRow("collector_production_failures", "Times that they had to wait", lambda c: c.minute_failures),
    CounterRow("collector_alarm_changes", "Changes of alarms that could be noticed", lambda c: c.alarm_changes),
    CounterRow("collector_alarm_commands", "Commands about alarms, refused ones too", lambda c: c.alarm_commands),
    CounterRow("collector_count_commands", "Commands about counts, refused ones too", lambda c: c.count_commands),
    CounterRow("collector_plans", "Plans of lines that were kept", lambda c: c.plans),
)
GAUGES = (
    GaugeRow("collector_values_per_second", "Values taken in, mean of the last 10 s", lambda h: h.values_per_s),
    GaugeRow("collector_pending_readings", "Readings and events that wait for the historian", lambda h: h.pending),
    GaugeRow("collector_spooled_readings", "Those of them that are on disk", lambda h: h.spooled),
    GaugeRow("collector_hold_seconds", "For how long there is room while the historian is away", lambda h: h.hold_s),
    GaugeRow("collector_historian_ok", "1 while the historian takes writes", lambda h: float(h.historian_ok)),
    GaugeRow("collector_historian_size_bytes", "Space that the historian uses", lambda h: h.size_bytes),
    GaugeRow(
        "collector_historian_growth_bytes_per_day", "Measured growth of that space", lambda h: h.growth_bytes_per_day
    ),
    GaugeRow("collector_disk_free_bytes", "Free space where the historian's files are", lambda h: h.disk_free_bytes),
)
SITE_GAUGES = (
    SiteRow("collector_tags_live", "Tags with a good value now", lambda h: h.tags_live),
    SiteRow("collector_tags_expected", "Tags of the model", lambda h: h.tags_expected),
    SiteRow("collector_nodes_online", "Edge nodes that are born", lambda h: sum(node.online for node in h.nodes)),
    SiteRow("collector_nodes_expected", "Edge nodes of the model", lambda h: len(h.nodes)),
)
QUALITY = "collector_quality_score"
DEFECTS = "collector_quality_defects"
ONLINE = "collector_online"
UNACKNOWLEDGED = "collector_device_unacknowledged"
REJECTED = "collector_rejected"
LAG = "collector_ingest_lag_seconds"
TOOK = "collector_production_pass_seconds"
SETTLED = "collector_settled_age_seconds"
NAMES = (
    *(row.name for row in (*COUNTERS, *GAUGES, *SITE_GAUGES)),
    QUALITY,
    DEFECTS,
    ONLINE,
    UNACKNOWLEDGED,
    REJECTED,
    LAG,
    TOOK,
    SETTLED,
)
"""All metric names; README.md has a row for each."""


class CollectorMetrics(PrometheusCollector):
    """To be registered with a `prometheus_client.CollectorRegistry`."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        """All metrics as of now."""
        sources = self._sources
        for row in COUNTERS:
            yield CounterMetricFamily(row.name, row.help, row.value(sources.counts))
        health = sources.collector()
        for gauge in GAUGES:
            value = gauge.value(health)
            if value is not None:
                yield GaugeMetricFamily(gauge.name, gauge.help, value)
        yield from self._of_sites()
        yield GaugeMetricFamily(ONLINE, "1 while connected and announced as a Sparkplug host", float(sources.online()))
        waiting = "Messages of devices whose values are not kept yet"
        yield GaugeMetricFamily(UNACKNOWLEDGED, waiting, sources.unacknowledged())
        rejected = CounterMetricFamily(REJECTED, "Bad input: values, or unreadable messages", labels=["reason"])
        for reason, count in sorted(sources.quarantine.counts.items()):
            rejected.add_metric([reason], count)
        yield rejected
        yield _lag(sources.lag)
        yield from _production(sources.production(), sources.clock())

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask the historian."""
        return ()

    def _of_sites(self) -> Iterable[Metric]:
        sites = self._sources.sites()
        for row in SITE_GAUGES:
            family = GaugeMetricFamily(row.name, row.help, labels=["site"])
            for site, health in sites.items():
                family.add_metric([site], row.value(health))
            yield family
        yield from _quality(sites)


def _quality(sites: Mapping[str, HealthMessage]) -> Iterable[Metric]:
    score = GaugeMetricFamily(QUALITY, "Data quality of the last full hour, 0 to 100", labels=["site"])
    defects = GaugeMetricFamily(DEFECTS, "Tags with this defect in the last full hour", labels=["site", "cause"])
    for site, health in sites.items():
        if health.quality is not None:
            score.add_metric([site], health.quality.score)
            for cause in Cause:
                defects.add_metric([site, cause], health.quality.causes.get(cause, 0))
    yield from (score, defects)


def _production(state: ProductionState, now: int) -> Iterable[Metric]:
    yield GaugeMetricFamily(TOOK, "What the last pass over production minutes took", state.pass_s)
    age = GaugeMetricFamily(
        SETTLED, "Since the end of the newest minute that all lines have told whole", labels=["site"]
    )
    for site, until in state.settled_until.items():
        if until:
            age.add_metric([site], (now - until) / 1_000)
    yield age


def _lag(lag: LagWindow) -> Metric:
    totals = lag.total.cumsum().tolist()
    bounds = [*(str(bound / 1_000) for bound in lag.BOUNDS_MS), "+Inf"]
    family = HistogramMetricFamily(LAG, "Source time to durable, of readings that were sent as they happened")
    family.add_metric([], list(zip(bounds, totals, strict=True)), lag.sum_ms / 1_000)
    return family
