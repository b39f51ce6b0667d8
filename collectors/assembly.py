"""Parts of a collector that need nothing but its settings and the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from collectors.buffer import Buffer, MemoryBuffer
from collectors.config import CollectorConfig
from collectors.spool import Spool
from collectors.spooling import SpoolingBuffer
from plant.historian.protocol import DAY_MS
from plant.model.enterprise import Enterprise
from plant.model.tags import TagTable
from plant.mqtt.handler import Delivery
from plant.sparkplug.host import HostConfig, HostSession
from plant.sparkplug.topic import NodeId


def buffer(
    config: CollectorConfig,
    tags: TagTable,
    clock: Callable[[], int],
    on_secured: Callable[[Sequence[Delivery]], None],
) -> Buffer:
    """What waits for the historian: in memory, and behind that on disk if the settings name a file.

    Args:
        config: Settings.
        tags: The tag table.
        clock: Host time, UTC ms.
        on_secured: Told of messages whose readings no crash can take any more.
    """
    memory = MemoryBuffer(config.buffer_rows, on_secured)
    if config.spool is None:
        return memory
    age_ms = config.raw_days * DAY_MS
    spool = Spool(config.spool, tags, most_bytes=config.spool_bytes, most_age_ms=age_ms, clock=clock)
    return SpoolingBuffer(memory, spool)


def session(config: CollectorConfig, enterprise: Enterprise) -> HostSession:
    """The Sparkplug host application of the sites that are served."""
    sites = [enterprise.site(slug) for slug in config.sites]
    return HostSession(
        HostConfig(
            config.host_id,
            config.sites,
            nodes=frozenset(NodeId(site.slug, gateway.slug) for site in sites for gateway in site.gateways),
            reorder_timeout_ms=round(config.reorder_timeout_s * 1_000),
            rebirth_interval_ms=round(config.rebirth_interval_s * 1_000),
            columns=True,
        )
    )
