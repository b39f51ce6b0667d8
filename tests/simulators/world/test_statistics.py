"""Simulated months of machines alone: the stated MTBF and MTTR of each unit type come out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pytest

from plant.model.tags import text_tags
from plant.packml import State
from simulators.world import crew, machines, structure
from simulators.world.machines import Machines, Signals
from simulators.world.roster import NEVER_S

DAYS, DT_S = 60, 600.0
"""Two months, in steps that are short against any time between failures."""
LEAST, MOST = 60, 120
"""Failures of each type that are needed, and that the copies of its machines are chosen for."""
PAGE = (Path(__file__).parents[3] / "docs/world.md").read_text()
SURE = 3.9
"""Standard errors within which a mean lies but once in ten thousand."""
SPREAD_OF_REPAIRS = float(np.sqrt(np.exp(machines.REPAIR_SPREAD**2) * 1.08 - 1.0))
"""Deviation of a repair against its mean: log-normal, and times reactions that differ by night and weekend."""


@dataclass(frozen=True)
class Season:
    """Sums over all machines of a type: stated means, s, failures, repairs, running and repair time, s."""

    mtbf_s: float
    mttr_s: float
    failures: int
    repairs: int
    ran_s: float
    down_s: float


def _copied(fixed: structure.Structure) -> tuple[Machines, np.ndarray]:
    """Machines with failures of their own, rare ones several times over, and the rows that they come from."""
    stated = fixed.machines
    own = np.flatnonzero(stated.active & (stated.follows < 0) & (stated.mtbf_s < NEVER_S))
    expected = Counter()
    for row in own:
        expected[fixed.roster.units[row].type] += DAYS * 86_400.0 / stated.mtbf_s[row]
    copies = [int(np.ceil(MOST / expected[fixed.roster.units[row].type])) for row in own]
    rows = np.repeat(own, copies)
    arrays = {f.name: getattr(stated, f.name)[rows] for f in fields(stated) if f.name != "maintenance"}
    return Machines(**arrays, maintenance=stated.maintenance), rows


@pytest.fixture(scope="module")
def seasons(gypsum) -> dict[str, Season]:
    """What the time brings, by unit type."""
    fixed = structure.build(gypsum.enterprise, gypsum.tags, text_tags(gypsum.enterprise), None)
    copies, rows = _copied(fixed)
    count, rng = len(rows), np.random.default_rng(11)
    no, draw = np.zeros(count, np.bool_), lambda: (rng.standard_normal((2, count)), rng.random((4, count)))
    calm = Signals(no, no, ~no, ~no, no, np.zeros(count), np.ones(count), *np.zeros((2, count)))
    state = machines.start(copies, ~no, *draw())
    ran, down, failures, repairs = np.zeros((4, count))
    for step in range(round(DAYS * 86_400.0 / DT_S)):
        now_ms = gypsum.start_ms + round(step * DT_S * 1000.0)
        reaction = crew.reaction(fixed.roster.sites, now_ms)[fixed.roster.site][rows]
        signals = replace(calm, reaction=reaction, planned_s=copies.maintenance.left_s(now_ms)[rows])
        before = state.state
        state = machines.step(copies, state, signals, DT_S, *draw())
        ran += (before == State.EXECUTE) * DT_S
        down += ((before == State.ABORTING) | (before == State.ABORTED)) * DT_S
        failures += (state.state == State.ABORTING) & (before == State.EXECUTE)
        cleared = (before == State.ABORTED) & (state.state == State.CLEARING)
        down -= np.where(cleared, machines.DURATION_S[State.CLEARING] - state.left_s, 0.0)
        repairs += cleared
    return _pooled(fixed, rows, ran, down, failures, repairs)


def _pooled(fixed: structure.Structure, rows: np.ndarray, *sums: np.ndarray) -> dict[str, Season]:
    of_type = defaultdict(list)
    for place, row in enumerate(rows):
        of_type[fixed.roster.units[row].type].append(place)
    pooled = {}
    for name, places in of_type.items():
        ran, down, failures, repairs = (float(each[places].sum()) for each in sums)
        stated = {(fixed.machines.mtbf_s[rows[i]], fixed.machines.mttr_s[rows[i]]) for i in places}
        assert len(stated) == 1, name
        pooled[name] = Season(*stated.pop(), int(failures), int(repairs), ran, down)
    return pooled


def test_every_type_that_fails_fails_often_enough_to_tell(seasons) -> None:
    """Two months of the copies pools at least 60 failures of each unit type."""
    assert len(seasons) > 15
    assert {name: each.failures for name, each in seasons.items() if each.failures < LEAST} == {}


def test_mtbf_is_as_stated(seasons) -> None:
    """Running time a failure lies within the interval that the number of failures allows (Poisson)."""
    for name, each in seasons.items():
        expected = each.ran_s / each.mtbf_s
        assert abs(each.failures - expected) < SURE * np.sqrt(expected), (name, each.failures, expected)


def test_mttr_is_as_stated(seasons) -> None:
    """Mean time from failure to cleared lies within the interval that the number of repairs allows."""
    for name, each in seasons.items():
        off = each.down_s / each.repairs / each.mttr_s - 1.0
        assert abs(off) < SURE * SPREAD_OF_REPAIRS / np.sqrt(each.repairs), (name, off, each.repairs)


def test_the_page_states_them(seasons) -> None:
    """The table of MTBF and MTTR in docs/world.md is what the model says, type by type."""
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE)
    stated = {name: (float(hours), float(minutes)) for name, hours, minutes in rows}
    assert stated == {name: (each.mtbf_s / 3600.0, each.mttr_s / 60.0) for name, each in seasons.items()}
