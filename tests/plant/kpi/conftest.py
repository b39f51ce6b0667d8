"""The shipped gypsum group and its line table."""

from __future__ import annotations

import pytest

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable
from plant.production.lines import LineTable


@pytest.fixture(scope="session")
def enterprise() -> Enterprise:
    """Eight sites, one of them on trial."""
    return load("gypsum")


@pytest.fixture(scope="session")
def table(enterprise: Enterprise) -> LineTable:
    """Its lines."""
    return LineTable(TagTable(enterprise))
