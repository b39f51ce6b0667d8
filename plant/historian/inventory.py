"""What a historian holds, as one document for people and for HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from plant.errors import BadInputError
from plant.historian.protocol import Historian, Holding


@dataclass(frozen=True, slots=True)
class Inventory:
    """A historian and what is in it.

    Attributes:
        kind: ``duckdb`` or ``influxdb``.
        ok: It answers and takes writes.
        detail: One sentence when it is not ok, else empty.
        size_bytes: Space used on disk, None when the store does not tell.
        holdings: Raw readings, minutes, hours, events.
    """

    kind: str
    ok: bool
    detail: str
    size_bytes: int | None
    holdings: tuple[Holding, ...]


_INVENTORY = TypeAdapter(Inventory)


def inventory(historian: Historian) -> Inventory:
    """Take stock.

    Raises:
        StoreUnavailableError: The historian does not answer.
    """
    health = historian.health()
    return Inventory(health.kind, health.ok, health.detail, health.size_bytes, historian.holdings())


def decode(document: bytes) -> Inventory:
    """An inventory from its JSON; `BadInputError` (``malformed_payload``) if it is none."""
    try:
        return _INVENTORY.validate_json(document)
    except ValidationError as error:
        raise BadInputError("malformed_payload", f"no inventory of a historian: {error}") from error
