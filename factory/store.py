"""The historian that the settings name."""

from __future__ import annotations

from plant.historian.open import open_historian
from plant.historian.protocol import Historian, Retention
from plant.model.tags import TagTable
from plant.settings import Settings


def open_store(settings: Settings, tags: TagTable) -> Historian:
    """Open the historian for reading and writing; errors as of `open_historian`."""
    retention = Retention(raw=settings.raw_days, minute=settings.minute_days)
    return open_historian(settings.historian, tags, settings.data, retention)
