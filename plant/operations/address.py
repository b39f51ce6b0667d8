"""Where the operations database is: ``sqlite:///path`` or ``postgresql://user:password@host[:port]/database``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from plant.errors import ConfigurationError

FILE: Final = "operations.sqlite"
IN_MEMORY: Final = URL.create("sqlite")
"""Of a database that ends with the process."""
_DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+pg8000"}


def operations_url(address: str, data: Path) -> URL:
    """Where to connect, with a driver; an empty address is a file in the data folder.

    Raises:
        ConfigurationError: The address is no such one; says what would be right.
    """
    if not address:
        return URL.create("sqlite", database=str(data / FILE))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise _wrong() from None
    if url.get_backend_name() not in _DRIVERS or not url.database or url.database == ":memory:":
        raise _wrong()
    return url if "+" in url.drivername else url.set(drivername=_DRIVERS[url.drivername])


def _wrong() -> ConfigurationError:
    """Without the address: it may hold a password."""
    return ConfigurationError(
        "the address of the operations database cannot be used;"
        " write sqlite:///folder/operations.sqlite or postgresql://user:password@host:5432/database"
    )
