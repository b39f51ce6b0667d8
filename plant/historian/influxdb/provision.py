"""Makes the database with its retention policies, in each generation's own way.

====  ==========================================================================================================
1.x   one database with the retention policies ``raw``, ``m1`` and ``h1``
2.x   one bucket ``<database>/<policy>`` for each of them, and the mapping under which /write and /query know it
3     nothing: it makes a database at the first write
====  ==========================================================================================================

What is there already is only changed where its retention differs. 2.x is written from its documentation.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from influxdb_client import BucketRetentionRules
from influxdb_client.domain.dbrp_create import DBRPCreate
from influxdb_client.service.dbr_ps_service import DBRPsService

from plant.errors import ConfigurationError, StoreUnavailableError
from plant.historian.influxdb.connection import Connection
from plant.historian.influxdb.failures import DatabaseMissingError
from plant.historian.influxdb.quoting import ql_name
from plant.historian.protocol import Retention

RAW: Final = "raw"
MINUTES: Final = "m1"
HOURS: Final = "h1"
"""Retention policy of hours and of events; policies and their measurements have the same name."""
EVENTS: Final = "event"
_DAY_S: Final = 86_400
_SHARD_DAYS: Final = {RAW: 1, MINUTES: 28, HOURS: 84}


def policies(retention: Retention) -> dict[str, int | None]:
    """Days that each policy keeps, None for ever.

    Events share the policy of the hours and are deleted by `Historian.expire` when they are older than their own
    retention.
    """
    hours = None if retention.hour is None or retention.events is None else max(retention.hour, retention.events)
    return {RAW: retention.raw, MINUTES: retention.minute, HOURS: hours}


def generation(version: str) -> int:
    """1, 2 or 3, from what the server calls its version."""
    number = version.removeprefix("v").partition(".")[0]
    return int(number) if number in {"1", "2"} else 3


class Provision:
    """Has everything made on the server before it is first used, and again when it has lost its database.

    A server that is away when we start is no reason not to start: whoever uses it first finds it away, as at any other
    time, and tries again.

    Args:
        connection: To the server.
        retention: How long each kind of data is kept.

    Attributes:
        is_new: Whether it is certain that nothing was there when we started.

    Raises:
        ConfigurationError: As of `provision`, if the server is there.
    """

    def __init__(self, connection: Connection, retention: Retention) -> None:
        self._connection = connection
        self._retention = retention
        self._version: str | None = None
        self._making = threading.Lock()
        self.is_new = False
        with suppress(StoreUnavailableError):
            self.is_new = self._make()

    @property
    def version(self) -> str:
        """Of the server, as `Connection.version`; to be asked within `kept`."""
        return self._version or ""

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Everything is there; when the database turns out to be lost, it is made again before the caller learns of it.

        Raises:
            StoreUnavailableError: The server is away, or was when we started and is no server that we can use.
        """
        if self._version is None:
            try:
                self._make()
            except ConfigurationError as error:  # too late to refuse to start: health has to tell it
                raise StoreUnavailableError(str(error)) from error
        try:
            yield
        except DatabaseMissingError:
            provision(self._connection, self.version, self._retention)
            raise

    def _make(self) -> bool:
        with self._making:
            if self._version is not None:
                return False
            version = self._connection.version()
            is_new = provision(self._connection, version, self._retention)
            self._version = version
            return is_new


def provision(connection: Connection, version: str, retention: Retention) -> bool:
    """Everything that the historian needs on the server is there afterwards.

    Returns:
        Whether it is certain that nothing was there before.

    Raises:
        ConfigurationError: 2.x without an organisation.
        StoreUnavailableError: The server does not answer, or our user may not make what is missing.
    """
    match generation(version):
        case 1:
            return _make_policies(connection, policies(retention))
        case 2:
            if not connection.org:
                raise ConfigurationError(
                    "InfluxDB 2.x needs an organisation and a token; set FACTORY_INFLUXDB_ORG, FACTORY_INFLUXDB_TOKEN"
                )
            with connection.translated():
                _make_buckets(connection, policies(retention))
    return False


def _make_policies(connection: Connection, wanted: dict[str, int | None]) -> bool:
    database = ql_name(connection.address.database)
    try:
        answers = connection.query(f"SHOW RETENTION POLICIES ON {database}")
    except DatabaseMissingError:
        connection.query(f"CREATE DATABASE {database}")
        answers = []
    there = {row[0]: row[1] for answer in answers for row in answer.rows}
    for name, days in wanted.items():
        duration = "INF" if days is None else f"{days}d"
        terms = (
            f"{ql_name(name)} ON {database} DURATION {duration} REPLICATION 1 SHARD DURATION {shard_days(name, days)}d"
        )
        if name not in there:
            connection.query(f"CREATE RETENTION POLICY {terms}")
        elif there[name] != ("0s" if days is None else f"{days * 24}h0m0s"):
            connection.query(f"ALTER RETENTION POLICY {terms}")
    return not there.keys() & wanted.keys()


def shard_days(name: str, days: int | None) -> int:
    """Days of one shard, never more than are kept."""
    return _SHARD_DAYS[name] if days is None else min(_SHARD_DAYS[name], days)


def _make_buckets(connection: Connection, wanted: dict[str, int | None]) -> None:
    database, buckets = connection.address.database, connection.client.buckets_api()
    mappings = DBRPsService(connection.client.api_client)
    mapped = {m.retention_policy for m in mappings.get_dbr_ps(org=connection.org, db=database).content or ()}
    for name, days in wanted.items():
        seconds = 0 if days is None else days * _DAY_S
        rules = [BucketRetentionRules(type="expire", every_seconds=seconds)]
        bucket = buckets.find_bucket_by_name(f"{database}/{name}")
        if bucket is None:
            bucket = buckets.create_bucket(bucket_name=f"{database}/{name}", retention_rules=rules, org=connection.org)
        elif [rule.every_seconds for rule in bucket.retention_rules] != ([seconds] if seconds else []):
            bucket.retention_rules = rules
            buckets.update_bucket(bucket)
        if name not in mapped:
            mappings.post_dbrp(
                DBRPCreate(
                    org=connection.org,
                    bucket_id=bucket.id,
                    database=database,
                    retention_policy=name,
                    default=name == RAW,
                )
            )
