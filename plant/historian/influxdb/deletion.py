"""Deleting, which each generation does in its own way: 1.x by InfluxQL, 2.x by its own API, 3 not at all."""

from __future__ import annotations

from datetime import UTC, datetime

from plant.errors import StoreRejectedError
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.layout import TAG_KEYS, is_unit
from plant.historian.influxdb.provision import EVENTS, HOURS, MINUTES, RAW, generation
from plant.historian.influxdb.quoting import ql_delete

_MEASUREMENTS = {RAW: RAW, MINUTES: MINUTES, HOURS: HOURS, EVENTS: HOURS}
"""Policy of each measurement."""


def delete(connection: Connection, version: str, unit: str, start: int, end: int) -> None:
    """Remove everything of a unit (storage path) in [start, end), UTC ms.

    Raises:
        StoreRejectedError: InfluxDB 3 cannot.
        StoreUnavailableError: The server does not answer.
    """
    match generation(version):
        case 1:
            span = f"time >= {start}ms AND time < {end}ms"
            connection.query(*(ql_delete(name, f"{is_unit(unit)} AND {span}") for name in _MEASUREMENTS))
        case 2:
            values = zip(TAG_KEYS, unit.split("/"), strict=True)
            predicate = " AND ".join(f'{key}="{value}"' for key, value in values)
            for name in _MEASUREMENTS:
                _delete_from_bucket(connection, name, predicate, start, end)
        case _:
            raise StoreRejectedError("InfluxDB 3 cannot delete a part of its data")


def expire_events(connection: Connection, version: str, before: int) -> None:
    """Remove events older than an instant, UTC ms; on InfluxDB 3 they stay.

    Raises:
        StoreUnavailableError: The server does not answer.
    """
    match generation(version):
        case 1:
            connection.query(ql_delete(EVENTS, f"time < {before}ms"))
        case 2:
            _delete_from_bucket(connection, EVENTS, "", 0, before)


def _delete_from_bucket(connection: Connection, measurement: str, predicate: str, start: int, end: int) -> None:
    bucket = f"{connection.address.database}/{_MEASUREMENTS[measurement]}"
    whole = " AND ".join(filter(None, (f'_measurement="{measurement}"', predicate)))
    with connection.translated():
        connection.client.delete_api().delete(_instant(start), _instant(end - 1), whole, bucket, connection.org)


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
