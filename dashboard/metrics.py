"""What ``/metrics`` says of the dashboard itself, in the text form of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from dashboard.live.hub import Hub
from dashboard.live.store import LiveStore


class DashboardMetrics(Collector):
    """Read from the live path at each scrape; nothing is counted twice."""

    def __init__(self, live: LiveStore, hub: Hub) -> None:
        self._live = live
        self._hub = hub

    def collect(self) -> Iterator[Metric]:
        """One family a figure."""
        yield GaugeMetricFamily("dashboard_tabs", "Browser tabs that watch", len(self._hub.tabs))
        yield GaugeMetricFamily("dashboard_broker_connected", "Namespace is read", float(self._live.connected))
        yield CounterMetricFamily("dashboard_messages", "Namespace messages taken in", self._live.received)
        refused = CounterMetricFamily("dashboard_refused", "Namespace messages refused", labels=["reason"])
        for reason, count in self._live.refused.items():
            refused.add_metric([reason], count)
        yield refused


def registry_of(live: LiveStore, hub: Hub) -> CollectorRegistry:
    """A registry of one app's own: Prometheus' global one takes each name once in a process."""
    registry = CollectorRegistry()
    registry.register(DashboardMetrics(live, hub))
    return registry
