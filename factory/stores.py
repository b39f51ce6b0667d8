"""What commands open: the operations database and the historian that the settings name, if they are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from plant.errors import ConfigurationError
from plant.historian import open as historians
from plant.historian.protocol import Historian
from plant.model.tags import TagTable
from plant.operations import address
from plant.operations.database import Operations
from plant.operations.open import open_operations
from plant.settings import Settings


@contextmanager
def operations(settings: Settings) -> Iterator[Operations]:
    """The operations database with its tables; a SQLite file must be there.

    Raises:
        ConfigurationError: There is none; says how to name it.
        StoreError: It does not answer.
    """
    file = settings.data / address.FILE
    if not settings.operations and not file.exists():
        raise ConfigurationError(
            f"there is no {file}; name the folder of the system with --data, or the database with --operations"
        )
    with closing(open_operations(settings.operations, settings.data)) as database:
        database.migrate()
        yield database


@contextmanager
def historian(settings: Settings, tags: TagTable) -> Iterator[Historian]:
    """The historian; a DuckDB file must be there.

    Raises:
        ConfigurationError: There is none; says how to name it.
        FileInUseError: Another process has the DuckDB file open.
    """
    file = settings.data / historians.FILE
    if not settings.historian and not file.exists():
        raise ConfigurationError(f"there is no {file}; name the folder with --data, or --historian")
    with closing(historians.open_store(settings, tags)) as store:
        yield store
