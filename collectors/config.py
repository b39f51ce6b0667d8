"""What a collector is told when it is built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from plant.alarms.load import rules_file
from plant.errors import ConfigurationError
from plant.model.enterprise import Enterprise
from plant.mqtt.address import BrokerAddress
from plant.operations.address import IN_MEMORY, operations_url
from plant.settings import Settings

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """Settings of one collector; the environment's names and meanings are in `plant.settings`.

    Attributes:
        broker: Where Sparkplug comes in and the namespace goes out.
        host_id: Sparkplug host id, unique in the installation; also the MQTT client id.
        sites: Slugs of the sites that it serves.
        reorder_timeout_s: Wait for a missing Sparkplug message before a rebirth.
        rebirth_interval_s: At most one rebirth request per edge node in this time.
        batch_s: Longest time that readings wait for a historian write.
        raw_days: Days that raw readings are kept; older ones are not stored.
        data: Folder whose free space is told; None where the historian is on another machine.
        turn_s: How long values gather before they are checked, shown and handed on.
        buffer_rows: Readings and events that may wait for the historian in memory, 22 bytes each.
        spool: File that they go to while the historian is away; None keeps them in memory.
        spool_bytes: Space that it may take.
        mappings: Mapping files of third-party devices.
        operations: Where alarms are kept; the default keeps them in memory.
        alarms: Rules file; None leaves it at the limits of the model.
        drain_s: How long stopping may wait for the historian; `factory up` ends what takes longer than 5 s.
        settle_s: How long stopping may make production minutes besides; the next start makes what is left. Enough of
            it for whoever reads them when this collector has ended.
    """

    broker: BrokerAddress
    host_id: str
    sites: tuple[str, ...]
    reorder_timeout_s: float = 2.0
    rebirth_interval_s: float = 10.0
    batch_s: float = 0.25
    raw_days: int = 14
    data: Path | None = None
    turn_s: float = 0.02
    buffer_rows: int = 4_000_000
    spool: Path | None = None
    spool_bytes: int = 1 << 30
    mappings: tuple[Path, ...] = ()
    operations: URL = IN_MEMORY
    alarms: Path | None = None
    drain_s: float = 3.0
    settle_s: float = 0.0

    @classmethod
    def of(cls, settings: Settings, broker: BrokerAddress, enterprise: Enterprise) -> CollectorConfig:
        """From the settings.

        Args:
            settings: All settings.
            broker: The broker, which may be our own and so not in the settings.
            enterprise: The model whose sites are served.

        Raises:
            ConfigurationError: A site is not in the model; names those that are.
        """
        return cls(
            broker=broker,
            host_id=settings.host_id,
            sites=served_sites(settings.sites, enterprise, settings.host_id),
            reorder_timeout_s=settings.reorder_timeout,
            rebirth_interval_s=settings.rebirth_interval,
            batch_s=settings.batch,
            raw_days=settings.raw_days,
            data=None if settings.historian else settings.data,
            spool=settings.data / f"spool-{settings.host_id}.sqlite" if settings.spool_mb else None,
            spool_bytes=settings.spool_mb * MB,
            mappings=mapping_files(settings.mappings),
            operations=operations_url(settings.operations, settings.data),
            alarms=rules_file(settings.model, settings.alarms),
        )


def mapping_files(names: str) -> tuple[Path, ...]:
    """The files that a comma separated list names."""
    return tuple(Path(name.strip()) for name in names.split(",") if name.strip())


def served_sites(names: str, enterprise: Enterprise, host_id: str) -> tuple[str, ...]:
    """The sites that a comma separated list names, in the order of the model.

    For an empty list those whose edge nodes wait for this host, so that the model alone says which collector serves
    what; all if they are nobody's, for then the host id is wrong and the collector says so of each site.

    Args:
        names: Slugs.
        enterprise: The model.
        host_id: Sparkplug host id of the collector.

    Raises:
        ConfigurationError: A site is not in the model; names those that are.
    """
    known = [site.slug for site in enterprise.sites]
    wanted = {name.strip() for name in names.split(",") if name.strip()}
    unknown = sorted(wanted - set(known))
    if unknown:
        raise ConfigurationError(f"the model has no site '{unknown[0]}'; choose from {', '.join(known)}")
    wanted = wanted or {site.slug for site in enterprise.sites if site.primary_host == host_id}
    return tuple(slug for slug in known if not wanted or slug in wanted)
