"""Address of an MQTT broker: ``mqtt://[user:password@]host[:port]``, ``mqtts://`` for TLS.

``mqtts://...?ca=FILE`` trusts the certificate authority in FILE (PEM) instead of those of the system.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from plant.errors import ConfigurationError

DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker listens and who we are there."""

    host: str
    port: int = 1883
    tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"

    @classmethod
    def parse(cls, text: str) -> BrokerAddress:
        """The address that `text` spells.

        Raises:
            ConfigurationError: It spells none; says what one looks like.
        """
        parts = urlsplit(text)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname or port == -1 or parts.path not in {"", "/"}:
            raise ConfigurationError(f"'{text}' is no broker address; write mqtt://host:1883 or mqtts://host:8883")
        return cls(
            parts.hostname,
            port or DEFAULT_PORTS[parts.scheme],
            parts.scheme == "mqtts",
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            parse_qs(parts.query).get("ca", [None])[0],
        )
