"""Sparkplug payloads between bytes and messages: the one place that calls the protobuf parser."""

from __future__ import annotations

from google.protobuf.message import DecodeError

from plant.errors import BadInputError
from plant.sparkplug.payload_pb2 import SparkplugPayload


class MalformedPayloadError(BadInputError):
    """Bytes that are not a payload of their topic; reason ``malformed_payload``."""

    def __init__(self, text: str) -> None:
        super().__init__("malformed_payload", text)


def encode(payload: SparkplugPayload) -> bytes:
    """The payload as it goes on the wire."""
    return payload.SerializeToString()


def decode(data: bytes) -> SparkplugPayload:
    """Read a payload; unknown fields, DataSets and Templates are kept and do no harm.

    A text that is not UTF-8 does not fail here: protobuf hands it out as bytes, which equals no name and no text.

    Raises:
        MalformedPayloadError: these bytes are not a Sparkplug payload.
    """
    try:
        return SparkplugPayload.FromString(data)
    except DecodeError as error:
        raise MalformedPayloadError(f"{len(data)} bytes are not a Sparkplug payload: {error}") from error
