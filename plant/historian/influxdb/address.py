"""Address of an InfluxDB: ``influxdb://[user:password@]host[:port]/database``, ``influxdbs://`` for TLS.

``influxdbs://...?ca=FILE`` trusts the certificate authority in FILE (PEM) instead of those of the system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from plant.errors import ConfigurationError

DEFAULT_PORT: Final = 8086
_SCHEMES: Final = {"influxdb": "http", "influxdbs": "https"}
_DATABASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class InfluxDBAddress:
    """Where an InfluxDB listens, which database is ours, and who we are there.

    Attributes:
        database: Database of 1.x; prefix of the three buckets of 2.x.
        ca: File with the certificate authority to trust; empty trusts those of the system.
    """

    host: str
    database: str
    port: int = DEFAULT_PORT
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    @property
    def url(self) -> str:
        """Where HTTP requests go."""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{'influxdbs' if self.tls else 'influxdb'}://{self.host}:{self.port}/{self.database}"

    @classmethod
    def parse(cls, text: str) -> InfluxDBAddress:
        """The address that `text` spells.

        Raises:
            ConfigurationError: It spells none, and the text says what one looks like; or its authority is no file.
        """
        parts = urlsplit(text)
        database = parts.path.removeprefix("/")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in _SCHEMES or not parts.hostname or port == -1 or not _DATABASE.fullmatch(database):
            # The text itself may hold a password, so only its harmless parts are said.
            raise ConfigurationError(
                f"'{parts.scheme}' address of a historian is not complete; write influxdb://host:8086/factory, "
                "with letters, digits, - and _ in the database"
            )
        ca = parse_qs(parts.query).get("ca", [""])[0]
        if ca and not Path(ca).is_file():
            raise ConfigurationError(f"there is no file '{ca}' with the certificate authority of the historian")
        return cls(
            parts.hostname,
            database,
            port or DEFAULT_PORT,
            parts.scheme == "influxdbs",
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            ca,
        )
