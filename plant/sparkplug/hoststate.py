"""The STATE message of a host application: JSON, not protobuf."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from plant.sparkplug.codec import MalformedPayloadError

_MAX_BYTES = 1024


@dataclass(frozen=True, slots=True)
class HostState:
    """Whether a host is there.

    Attributes:
        online: True in its birth, False in its death.
        timestamp_ms: UTC ms; birth and will of one connection carry the same.
    """

    online: bool
    timestamp_ms: int

    def encode(self) -> bytes:
        """The JSON of the specification, UTF-8."""
        return orjson.dumps({"online": self.online, "timestamp": self.timestamp_ms})

    @classmethod
    def decode(cls, data: bytes) -> HostState:
        """Read a STATE payload.

        Raises:
            MalformedPayloadError: not a JSON object with a boolean ``online`` and a whole number ``timestamp`` >= 0.
        """
        if len(data) > _MAX_BYTES:
            raise MalformedPayloadError(f"a STATE of {len(data)} bytes is longer than {_MAX_BYTES}")
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise MalformedPayloadError(f"STATE is not JSON: {error}") from error
        match fields:
            case {"online": bool(online), "timestamp": int(timestamp)} if type(timestamp) is int and timestamp >= 0:
                return cls(online, timestamp)
            case _:
                raise MalformedPayloadError(
                    "STATE needs a boolean 'online' and a whole number 'timestamp' in milliseconds",
                )
