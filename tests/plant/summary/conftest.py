"""The shipped gypsum group, its lines and its reasons."""

from __future__ import annotations

import pytest

from plant.model.enterprise import Enterprise
from plant.model.load import load
from plant.model.tags import TagTable
from plant.production.lines import LineTable
from plant.production.reasons import ReasonTree, load_reasons


@pytest.fixture(scope="session")
def enterprise() -> Enterprise:
    """Eight sites, one of them on trial."""
    return load("gypsum")


@pytest.fixture(scope="session")
def table(enterprise: Enterprise) -> LineTable:
    """Its lines."""
    return LineTable(TagTable(enterprise))


@pytest.fixture(scope="session")
def reasons() -> ReasonTree:
    """The shipped tree."""
    return load_reasons()
