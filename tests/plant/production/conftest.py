"""The small plant as fixtures."""

from __future__ import annotations

import pytest
from told_plant import Plant, fresh, ms


@pytest.fixture
def plant() -> Plant:
    """A plant of which nothing is told yet."""
    return fresh()


@pytest.fixture(scope="session")
def new_plant():
    """Makes plants of which nothing is told yet, for tests that need many."""
    return fresh


@pytest.fixture(scope="session")
def at():
    """UTC ms of a second of the test."""
    return ms
