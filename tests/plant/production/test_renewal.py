"""What minutes made anew change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_minutes import START, drawn, made, run

from plant.kpi.window import MINUTE_MS
from plant.production.minutes import ProductionMinutes
from plant.production.renewal import renewal


def changed(minutes: ProductionMinutes, row: int, **values: float) -> ProductionMinutes:
    """The same with other values in one row."""
    columns = {name: minutes.arrays[name].copy() for name in values}
    for name, value in values.items():
        columns[name][row] = value
    return replace(minutes, **columns)


SETTLED = made(run(0, 0, 3, produced=10.0))


def test_what_is_kept_already_is_not_written_again() -> None:
    """Whatever the minutes are, but for the last digits of sums."""
    kept = drawn(1, 3, 40).sorted()
    again = replace(kept, produced=kept.produced * (1 + 1e-12))
    assert renewal(kept, again).minutes == len(renewal(kept, again).rows) == 0


def test_new_minutes_are_written_and_restate_nothing() -> None:
    """With all their rows."""
    both = drawn(2, 2, 30).sorted()
    new = renewal(both.take(both.time < START + 10 * MINUTE_MS), both)
    assert len(new.rows) == (both.time >= START + 10 * MINUTE_MS).sum()
    assert len(new.line) == 0


@pytest.mark.parametrize("figure", [{"produced": 11.0}, {"element": 2, "loss": 1}, {"seconds": 59.0}, {"gas_m3": 1.0}])
def test_a_settled_minute_whose_figures_change_is_restated(figure: dict[str, float]) -> None:
    """Its line and its minute are told; no other is written."""
    new = renewal(SETTLED, changed(SETTLED, 1, **figure))
    assert (new.minutes, new.line.tolist(), new.time.tolist()) == (1, [0], [START + MINUTE_MS])
    assert new.rows.time.tolist() == [START + MINUTE_MS]


@pytest.mark.parametrize("what", [{"reason": 3}, {"cause": 2}, {"provisional": 1}])
def test_what_only_explains_restates_nothing(what: dict[str, float]) -> None:
    """It is written all the same."""
    new = renewal(SETTLED, changed(SETTLED, 1, **what))
    assert (new.minutes, len(new.line)) == (1, 0)


def test_a_provisional_minute_may_change() -> None:
    """That is what it said."""
    kept = changed(SETTLED, 1, provisional=1)
    new = renewal(kept, changed(SETTLED, 1, produced=11.0))
    assert (new.minutes, len(new.line)) == (1, 0)


def test_another_number_of_rows_is_another_minute() -> None:
    """All rows of the minute are written, since they replace it."""
    split = made([*run(0, 0, 1, produced=10.0), *run(0, 1, 1, seconds=20.0, produced=10.0)])
    split = ProductionMinutes.concat((split, made(run(0, 1, 1, seconds=40.0, element=2)))).sorted()
    new = renewal(SETTLED.take(SETTLED.time < START + 2 * MINUTE_MS), split)
    assert (new.minutes, new.time.tolist()) == (1, [START + MINUTE_MS])
    assert new.rows.seconds.tolist() == [20.0, 40.0]


def test_nothing_made_changes_nothing() -> None:
    """An empty window, and one of which only kept minutes are left."""
    nothing = ProductionMinutes.empty()
    for kept in (nothing, SETTLED):
        assert renewal(kept, nothing).minutes == 0
    assert np.array_equal(renewal(nothing, SETTLED).rows.time, SETTLED.time)
