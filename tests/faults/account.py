"""Published against stored: every value of every machine is looked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields

import numpy as np
from faults.grid import Grid

from benchmarks.workload import DEVICE, FLEET, METRIC_NAMES, METRICS
from plant.historian.protocol import Historian
from plant.model.tags import TagTable
from plant.readings import GOOD

AREA = "shop"


@dataclass(frozen=True, slots=True)
class Account:
    """What of all that was published is stored, in values.

    Attributes:
        published: Each value once, however often it was told.
        stored: Of these found, with the right number.
        missing: Not found.
        wrong: Found with another number.
        doubled: Found more than once.
        invented: Good values at times at which nobody has measured, other than the one that holds then or one that a
            birth has said again.
    """

    published: int = 0
    stored: int = 0
    missing: int = 0
    wrong: int = 0
    doubled: int = 0
    invented: int = 0

    def __add__(self, other: Account) -> Account:
        return Account(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing doubled, nothing else."""
        return self == Account(self.published, self.published) and self.published > 0


def account(
    historian: Historian,
    tags: TagTable,
    grid: Grid,
    steps: Sequence[int],
    born_with: Sequence[Collection[int]],
    tell: Callable[[int], None] = lambda _: None,
) -> Account:
    """Count.

    Args:
        historian: Where all should be.
        tags: Its tags.
        grid: What the machines said.
        steps: How many steps each of them.
        born_with: Steps whose values the births of each of them have told: a collector stores them again at the time
            of the birth, since they are known again from there on.
        tell: Told after each machine how many are done.
    """
    total = Account()
    for machine, (count, born) in enumerate(zip(steps, born_with, strict=True)):
        total += _of_machine(historian, tags, grid, machine, count, sorted(born))
        tell(machine + 1)
    return total


def found(historian: Historian, tags: TagTable, grid: Grid, machine: int, steps: int) -> np.ndarray:
    """Which values of a machine are stored with the right number; shape (steps, metrics), boolean."""
    return _look(historian, tags, grid, machine, steps, ())[0]


def _of_machine(
    historian: Historian, tags: TagTable, grid: Grid, machine: int, steps: int, born_with: Sequence[int]
) -> Account:
    right, times, invented = _look(historian, tags, grid, machine, steps, born_with)
    return Account(
        steps * METRICS,
        int(right.sum()),
        int((times == 0).sum()),
        int(((times > 0) & ~right).sum()),
        int((times > 1).sum()),
        invented,
    )


def _look(
    historian: Historian, tags: TagTable, grid: Grid, machine: int, steps: int, born_with: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, int]:
    """Which values are right, how often each is there (both by step and metric), and how many were never said."""
    where = FLEET[machine]
    indices = [tags.by_path(f"{where.site}/{AREA}/{where.line}/{DEVICE}/{name}").index for name in METRIC_NAMES]
    first = grid.time(machine, 0)
    raw = historian.raw(indices, first, grid.time(machine, steps) + 1)
    good = raw.take(raw.quality == GOOD)
    metric_of = np.zeros(max(indices) + 1, np.int64)
    metric_of[indices] = np.arange(METRICS)
    metric = metric_of[good.tag]
    step, beside = np.divmod(good.time - first, grid.step_ms)
    on_grid = (beside == 0) & (step < steps)
    expected = grid.values(machine, np.arange(steps))
    same = good.value == expected[np.minimum(step, steps - 1), metric]
    times, right = np.zeros((steps, METRICS), np.int64), np.zeros((steps, METRICS), np.bool_)
    np.add.at(times, (step[on_grid], metric[on_grid]), 1)
    right[step[on_grid & same], metric[on_grid & same]] = True
    said = same.copy()
    for known in born_with:
        said |= (good.value == grid.values(machine, np.array([known]))[0, metric]) & (step >= known)
    return right, times, int((~on_grid & ~said).sum())
