"""The mapping of states and modes to time elements and losses, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from plant.calendar.spans import Planned
from plant.packml import Mode, State
from plant.production.elements import Element, Loss

HOUR = 3_600
OWN = (State.HELD, State.ABORTED, State.STOPPED, State.HOLDING, State.ABORTING, State.STOPPING, State.UNHOLDING)


def _judged(plant) -> tuple[set[Element], set[Loss]]:
    """Element and loss of what the former does in the second ten minutes of an hour."""
    made = plant.make(HOUR, window=(600, 1200)).minutes
    made = made.take(made.line == plant.line("boards"))
    assert made.seconds.sum() == 600
    return {Element(each) for each in made.element}, {Loss(each) for each in made.loss}


@pytest.mark.parametrize(
    ("states", "element", "loss"),
    [
        ((State.EXECUTE,), Element.APT, Loss.NONE),
        (OWN, Element.ADET, Loss.BREAKDOWN),
        ((State.SUSPENDED, State.SUSPENDING, State.UNSUSPENDING), Element.ADET, Loss.EXTERNAL),
        ((State.STARTING, State.CLEARING, State.RESETTING), Element.ADET, Loss.START_UP),
        ((State.IDLE, State.COMPLETING, State.COMPLETE), Element.ADET, Loss.WAITING),
        ((State.UNDEFINED,), Element.UNKNOWN, Loss.NONE),
    ],
)
def test_a_state_with_an_order_in_production_mode(new_plant, states, element: Element, loss: Loss) -> None:
    """Each state has the element and the loss of the table."""
    for state in states:
        plant = new_plant()
        plant.runs()
        plant.state(600, state)
        assert _judged(plant) == ({element}, {loss})


@pytest.mark.parametrize("state", [*OWN, State.IDLE, State.STARTING, State.CLEARING, State.RESETTING, State.COMPLETE])
def test_without_an_order_a_manned_shift_is_down(plant, state: State) -> None:
    """Whatever does not execute without an order is down time, not delay."""
    plant.runs(order="")
    plant.state(600, state)
    assert _judged(plant) == ({Element.ADOT}, {Loss.NO_ORDER})


def test_production_without_an_order_is_production(plant) -> None:
    """Execute is production time even if nobody has entered an order."""
    plant.runs(order="")
    assert _judged(plant) == ({Element.APT}, {Loss.NONE})


@pytest.mark.parametrize("order", ["", "boards-00007"])
@pytest.mark.parametrize("state", [State.EXECUTE, State.STOPPED, State.COMPLETE, State.IDLE])
def test_changeover_is_setup(plant, state: State, order: str) -> None:
    """Changeover mode is setup time, with and without an order, whatever the state."""
    plant.runs(order=order)
    plant.mode(600, Mode.CHANGEOVER)
    plant.state(600, state)
    assert _judged(plant) == ({Element.AUST}, {Loss.SETUP})


@pytest.mark.parametrize("order", ["", "boards-00007"])
def test_a_repair_stays_a_breakdown(plant, order: str) -> None:
    """Maintenance mode in planned busy time is delay by a breakdown, also without an order: no key makes it vanish."""
    plant.runs(order=order)
    plant.state(600, State.ABORTED)
    plant.mode(600, Mode.MAINTENANCE)
    assert _judged(plant) == ({Element.ADET}, {Loss.BREAKDOWN})


def test_maintenance_that_overruns_its_window_is_a_breakdown(plant, at) -> None:
    """Inside the approved window it is not planned busy; from its end on it is a breakdown."""
    plant.runs()
    plant.state(300, State.STOPPED)
    plant.mode(300, Mode.MAINTENANCE)
    plant.planned.append((plant.line("boards"), at(300), at(900), Planned.MAINTENANCE))
    made = plant.make(HOUR, window=(300, 1200))
    assert plant.seconds(made, "element") == {Element.NOT_PLANNED: 600, Element.ADET: 300}
    assert plant.seconds(made, "loss") == {Loss.NONE: 600, Loss.BREAKDOWN: 300}


@pytest.mark.parametrize("kind", [Planned.BREAK, Planned.UNMANNED, Planned.HOLIDAY, Planned.MAINTENANCE])
@pytest.mark.parametrize("state", [State.EXECUTE, State.ABORTED, State.IDLE, State.UNDEFINED])
def test_what_is_not_planned_is_outside_of_busy_time(plant, at, kind: Planned, state: State) -> None:
    """A break, a shift that does not work, a holiday and a window count as planned whatever the line does."""
    plant.runs()
    plant.state(600, state)
    plant.planned.append((plant.line("boards"), at(600), at(1200), kind))
    assert _judged(plant) == ({Element.NOT_PLANNED}, {Loss.NONE})
    made = plant.make(HOUR, window=(600, 1200)).minutes
    reason = made.reason[made.line == plant.line("boards")]
    assert {plant.reasons[code].slug for code in reason} == {f"planned/{kind.name.lower()}"}


def test_a_unit_that_is_not_heard_of_is_unknown(plant, at) -> None:
    """A stale state and a bad one are unknown, and so is a time in which nobody watched: no stop, no production."""
    plant.runs()
    plant.state(660, State.EXECUTE, quality=500)
    plant.state(720, State.EXECUTE)
    plant.state(780, State.ABORTED, quality=0)
    plant.state(840, State.EXECUTE)
    plant.unwatched.append((plant.unit("boards/former"), at(900), at(960)))
    made = plant.make(HOUR, window=(600, 1200))
    assert plant.seconds(made, "element") == {Element.APT: 420, Element.UNKNOWN: 180}
    assert not np.isin(made.stops.line, plant.line("boards")).any()


def test_a_line_that_tells_no_orders_always_has_one(plant) -> None:
    """The binder shop works to a silo: idle is waiting there, not no order."""
    plant.state(0, State.IDLE, "binder/calciner")
    plant.mode(0, Mode.PRODUCTION, "binder/calciner")
    made = plant.make(HOUR)
    assert plant.seconds(made, "loss", "binder") == {Loss.WAITING: HOUR}


def test_a_manual_mode_is_no_excuse(plant) -> None:
    """A line that is jogged by hand counts as in production mode."""
    plant.runs()
    plant.mode(0, Mode.MANUAL)
    plant.state(660, State.HELD)
    plant.state(960, State.EXECUTE)
    made = plant.make(HOUR, window=(600, 1200))
    assert plant.seconds(made, "loss") == {Loss.NONE: 300, Loss.BREAKDOWN: 300}
