"""The one place that knows how an operations database is opened."""

from __future__ import annotations

from pathlib import Path

from plant.operations.address import operations_url
from plant.operations.database import Operations


def open_operations(address: str, data: Path) -> Operations:
    """The database at an address, a file in the data folder if it is empty; nothing has been connected yet.

    Raises:
        ConfigurationError: The address is no such one.
    """
    return Operations(operations_url(address, data))
