"""How the whole system is, from the health messages of the sites; `factory doctor` asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.live.store import HEALTH_EXPECTED_MS, Feed, LiveStore
from plant.messages import CollectorHealth, HealthMessage
from plant.model.enterprise import Enterprise


@dataclass(frozen=True, slots=True)
class HistorianSummary:
    """The store behind all collectors: ok only if it is for each."""

    kind: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class CollectorSummary:
    """One collector that tells of itself.

    Attributes:
        host_id: Its Sparkplug host id.
        sites: The sites that it has told of lately.
        values_per_s: Readings that it takes in.
        detail: Who else uses its id; empty when nobody does.
    """

    host_id: str
    sites: tuple[str, ...]
    values_per_s: float
    detail: str


@dataclass(frozen=True, slots=True)
class DiskForecast:
    """How long the disk lasts at the measured growth.

    Attributes:
        size_bytes: Used by the historian, None if it does not tell.
        free_bytes: Free where the data are, None if it does not apply.
        growth_bytes_per_day: None until it is known.
        days_left: Free space over growth, None while either is not known or nothing grows.
    """

    size_bytes: int | None
    free_bytes: int | None
    growth_bytes_per_day: float | None
    days_left: float | None


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """Everything at a glance; sums are over sites and over distinct collectors.

    Attributes:
        ok: Broker and store are there, every site of the model is live, and no host id is used twice.
        dashboard_ok: This process reads the namespace and makes frames of it.
        sites_live: Sites whose data come in now, of `sites`.
        edge_nodes_online: Edge nodes that are born, of `edge_nodes`.
        tags: Tags with a good value now, of `tags_expected`.
        values_per_s: Readings taken in by all collectors.
        ingest_lag_p95_ms: Worst of the collectors; None without live readings.
        quarantined: Bad inputs since the start, by reason.
        refused: Namespace messages that this process could not use, by reason.
        collectors: All that tell of themselves, in the order of the sites.
        tabs: Browser tabs that watch.
    """

    ok: bool
    dashboard_ok: bool
    sites: int
    sites_live: int
    edge_nodes: int
    edge_nodes_online: int
    tags: int
    tags_expected: int
    values_per_s: float
    ingest_lag_p95_ms: float | None
    historian: HistorianSummary
    quarantined: Mapping[str, int]
    sequence_gaps: int
    rebirths: int
    disk: DiskForecast
    refused: Mapping[str, int]
    collectors: tuple[CollectorSummary, ...]
    tabs: int


def summary(enterprise: Enterprise, live: LiveStore, now: int, *, tabs: int, ticking: bool) -> SystemHealth:
    """The health of the system as this process sees it.

    Args:
        enterprise: The model.
        live: What has come from the namespace.
        now: UTC ms; health messages older than a few seconds count as none.
        tabs: Browser tabs that watch.
        ticking: Whether the hub makes frames.
    """
    slugs = [site.slug for site in enterprise.sites]
    told = {slug: m for slug in slugs if (m := live.health(slug)) and now - m.time <= HEALTH_EXPECTED_MS}
    fresh = list(told.values())
    collectors = list({message.collector.host_id: message.collector for message in fresh}.values())
    contested = any(collector.host_detail for collector in collectors)
    nodes = [node for message in fresh for node in message.nodes]
    sites_live = sum(live.feed(slug) is Feed.LIVE for slug in slugs)
    historian = _historian(collectors)
    return SystemHealth(
        ok=live.connected and ticking and historian.ok and sites_live == len(slugs) and not contested,
        dashboard_ok=live.connected and ticking,
        sites=len(slugs),
        sites_live=sites_live,
        edge_nodes=sum(len(site.gateways) for site in enterprise.sites),
        edge_nodes_online=sum(node.online for node in nodes),
        tags=sum(message.tags_live for message in fresh),
        tags_expected=_expected(fresh),
        values_per_s=round(sum(collector.values_per_s for collector in collectors), 1),
        ingest_lag_p95_ms=max(
            (c.ingest_lag_p95_ms for c in collectors if c.ingest_lag_p95_ms is not None), default=None
        ),
        historian=historian,
        quarantined=_added([collector.quarantined for collector in collectors]),
        sequence_gaps=sum(node.sequence_gaps for node in nodes),
        rebirths=sum(node.rebirths for node in nodes),
        disk=_disk(collectors),
        refused=dict(live.refused),
        collectors=tuple(_collector(collector, told) for collector in collectors),
        tabs=tabs,
    )


def _collector(collector: CollectorHealth, told: Mapping[str, HealthMessage]) -> CollectorSummary:
    sites = tuple(slug for slug, message in told.items() if message.collector.host_id == collector.host_id)
    return CollectorSummary(collector.host_id, sites, collector.values_per_s, collector.host_detail)


def _expected(messages: list[HealthMessage]) -> int:
    return sum(message.tags_expected for message in messages)


def _historian(collectors: list[CollectorHealth]) -> HistorianSummary:
    if not collectors:
        return HistorianSummary("", ok=False, detail="no collector has told of its store")
    broken = next((collector for collector in collectors if not collector.historian_ok), None)
    kinds = ", ".join(sorted({collector.historian for collector in collectors}))
    return HistorianSummary(kinds, broken is None, broken.historian_detail if broken else "")


def _disk(collectors: list[CollectorHealth]) -> DiskForecast:
    """Of the collector whose disk is the fullest: several may share a disk, so free space does not add."""
    known = [collector for collector in collectors if collector.disk_free_bytes is not None]
    if not known:
        sizes = [collector.size_bytes for collector in collectors if collector.size_bytes is not None]
        return DiskForecast(max(sizes, default=None), None, None, None)
    tightest = min(known, key=lambda collector: collector.disk_free_bytes or 0)
    free, growth = tightest.disk_free_bytes, tightest.growth_bytes_per_day
    days = free / growth if free is not None and growth is not None and growth > 0 else None
    return DiskForecast(tightest.size_bytes, free, growth, None if days is None else round(days, 1))


def _added(counts: list[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for reason, number in count.items():
            total[reason] = total.get(reason, 0) + number
    return total
