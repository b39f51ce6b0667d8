"""One door to all historians: the address decides which one it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from plant.historian.duckdb.historian import DuckDBHistorian
from plant.historian.influxdb.address import InfluxDBAddress
from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import Historian, Retention
from plant.model.tags import TagTable
from plant.settings import Settings

FILE: Final = "historian.duckdb"
"""Name of the DuckDB file inside the data folder."""


MEMORY: Final = "memory:"

EMBEDDED_MINUTE_DAYS: Final = 90
SERVER_MINUTE_DAYS: Final = 400


def open_store(settings: Settings, tags: TagTable) -> Historian:
    """The historian that the settings name; makes the data folder; errors as of `open_historian`."""
    if not settings.historian:
        settings.data.mkdir(parents=True, exist_ok=True)
    return open_historian(
        settings.historian,
        tags,
        settings.data,
        retention(settings),
        token=settings.influxdb_token,
        org=settings.influxdb_org,
    )


def retention(settings: Settings) -> Retention:
    """How long the historian that the settings name keeps each kind of data."""
    minute_days = settings.minute_days or (SERVER_MINUTE_DAYS if settings.historian else EMBEDDED_MINUTE_DAYS)
    return Retention(raw=settings.raw_days, minute=minute_days)


def check_address(address: str) -> None:
    """Nothing, if `address` is one that `open_historian` understands.

    Raises:
        ConfigurationError: It is not; says what one looks like.
    """
    if address not in {"", MEMORY}:
        InfluxDBAddress.parse(address)


def open_historian(
    address: str, tags: TagTable, data: Path, retention: Retention, *, token: str = "", org: str = ""
) -> Historian:
    """The historian that `address` names, ready for reading and writing.

    Args:
        address: ``influxdb://[user:password@]host[:port]/database``; empty for a DuckDB file in `data`; ``memory:`` for
            one that forgets everything when the process ends.
        tags: Tags that are read and written.
        data: Folder for the file; must exist.
        retention: How long each kind of data is kept.
        token: Token of InfluxDB 2.x and 3.
        org: Organisation of InfluxDB 2.x.

    Raises:
        ConfigurationError: The address spells no historian.
        StoreUnavailableError: Another process has the file open. A server that is away is met at its first use.
    """
    if address == MEMORY:
        return MemoryHistorian(tags, retention)
    if not address:
        return DuckDBHistorian(data / FILE, tags, retention)
    # Its client takes a second and 20 MB to load: only who uses it pays.
    from plant.historian.influxdb.historian import InfluxDBHistorian  # noqa: PLC0415 - see above

    return InfluxDBHistorian(InfluxDBAddress.parse(address), tags, retention, token=token, org=org)
