"""The past is made in another process, which ends with the one who takes it."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from plant.errors import ConfigurationError, FactoryError
from plant.historian.protocol import MINUTE_MS
from plant.model.load import load
from plant.model.tags import TagTable, text_tags
from simulators.history import apart, past
from simulators.history.past import Slice
from simulators.world.world import World

END_MS = 1_795_000_020_000
MINUTES = 90


def _past(folder: Path, progress: Callable[[float], None]) -> Iterator[Slice]:
    enterprise = load("print-farm")
    tags = TagTable(enterprise)
    world = World(enterprise, tags, text_tags(enterprise), None, 7, END_MS - MINUTES * MINUTE_MS)
    return past.slices(world, tags, end_ms=END_MS, state=folder / "world.npz", progress=progress)


def _refuses(_: Callable[[float], None]) -> Iterator[Slice]:
    raise ConfigurationError("no such world")


def _dies(_: Callable[[float], None]) -> Iterator[Slice]:
    os._exit(3)


def _ignore(_: float) -> None:
    """Nobody looks."""


def test_another_process_makes_the_same_past(tmp_path: Path) -> None:
    """Slices are those that this process would have made, and progress arrives in order."""
    shares: list[float] = []
    ours, theirs = list(_past(tmp_path, _ignore)), list(apart.slices(partial(_past, tmp_path), shares.append))
    assert len(ours) == len(theirs) > 2
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one.told.times, other.told.times)
        assert np.array_equal(one.told.values, other.told.values, equal_nan=True)
        assert one.told.texts == other.told.texts
        assert one.memory.time_ms == other.memory.time_ms
        assert (one.moment is None) == (other.moment is None)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


def test_an_error_of_ours_arrives_as_it_was() -> None:
    """Whoever takes the slices sees what the other process had to say."""
    with pytest.raises(ConfigurationError, match="no such world"):
        list(apart.slices(_refuses, _ignore))


def test_a_process_that_ends_too_early_is_said() -> None:
    """A killed process is one clear line, not a wait without end."""
    with pytest.raises(FactoryError, match="ended with 3"):
        list(apart.slices(_dies, _ignore))


def test_the_process_ends_with_the_one_who_takes(tmp_path: Path) -> None:
    """Whoever stops taking leaves no process behind."""
    with closing(apart.slices(partial(_past, tmp_path), _ignore)) as slices:
        next(slices)
        assert [each.name for each in multiprocessing.active_children()] == ["history"]
    assert multiprocessing.active_children() == []
