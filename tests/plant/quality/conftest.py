"""A small plant and a detector that watches it."""

from __future__ import annotations

import pytest
from instruments import Watched, plant

from plant.model.tags import TagTable


@pytest.fixture
def tags() -> TagTable:
    """The tag table of the small plant."""
    return plant()


@pytest.fixture
def watched(tags: TagTable) -> Watched:
    """A detector that has seen nothing."""
    return Watched(tags)
