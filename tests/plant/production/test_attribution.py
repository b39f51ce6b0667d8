"""Starved and blocked time is charged to the unit that causes it, found along the material."""

from __future__ import annotations

import pytest

from plant.packml import State
from plant.production.attribution import NOBODY
from plant.production.elements import Loss

HOUR = 3_600


def _blamed(plant, reason: str) -> tuple[str, str]:
    """Unit and reason of the former's suspension from second 600 to 1200."""
    plant.runs()
    plant.text(0, "reason", "")
    plant.state(600, State.SUSPENDED)
    plant.text(600, "reason", reason)
    plant.state(1200, State.EXECUTE)
    plant.text(1200, "reason", "")
    made = plant.make(HOUR).minutes
    mine = made.take((made.line == plant.line("boards")) & (made.loss == Loss.EXTERNAL))
    assert mine.seconds.sum() == 600
    (cause,), (code,) = set(mine.cause.tolist()), set(mine.reason.tolist())
    return plant.table.units[cause].ref if cause != NOBODY else "", plant.reasons[code].slug if code >= 0 else ""


def _others(plant, **states: State) -> None:
    for unit, ref in (
        ("dryer", "boards/dryer"),
        ("stacker", "boards/stacker"),
        ("mill", "binder/mill"),
        ("calciner", "binder/calciner"),
    ):
        plant.state(0, State.EXECUTE, ref)
        if unit in states:
            plant.state(590, states[unit], ref)
            plant.state(1100, State.EXECUTE, ref)


def test_blocked_by_the_next_unit(plant) -> None:
    """The dryer stands: the former is blocked by it."""
    _others(plant, dryer=State.ABORTED)
    assert _blamed(plant, "downstream") == ("boards/dryer", "downstream")


def test_blocked_through_a_victim(plant) -> None:
    """The stacker jams, the dryer suspends itself and then the former does: the stacker is to blame."""
    _others(plant, dryer=State.SUSPENDED, stacker=State.ABORTED)
    assert _blamed(plant, "downstream") == ("boards/stacker", "downstream")


def test_starved_through_an_empty_silo(plant) -> None:
    """The calciner stands and the silo behind it has run empty."""
    _others(plant, calciner=State.ABORTED)
    plant.level(0, 50.0)
    plant.level(500, 2.0)
    assert _blamed(plant, "material") == ("binder/calciner", "material")


def test_a_silo_that_holds_something_ends_the_search(plant) -> None:
    """What lies behind a silo that is not empty cannot starve what lies before it."""
    _others(plant, calciner=State.ABORTED)
    plant.level(0, 50.0)
    assert _blamed(plant, "material") == ("", "material")


def test_an_empty_silo_is_to_blame_if_nobody_else_is(plant) -> None:
    """All before the silo run, and it is empty all the same."""
    _others(plant)
    plant.level(0, 1.0)
    assert _blamed(plant, "material") == ("binder/silo", "material")


@pytest.mark.parametrize("reason", ["", "no idea"])
def test_without_a_reason_the_nearest_counts(plant, reason: str) -> None:
    """A controller that does not say why: the nearest unit that stands decides, and with it the reason."""
    _others(plant, stacker=State.HELD)
    assert _blamed(plant, reason) == ("boards/stacker", "downstream")


def test_a_unit_of_which_nothing_is_known_is_not_blamed(plant) -> None:
    """No data is no stop of others either."""
    plant.state(0, State.EXECUTE, "boards/dryer", quality=500)
    assert _blamed(plant, "downstream") == ("", "downstream")
