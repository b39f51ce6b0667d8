"""Stops are judged whole, have a reason and somebody to blame, and are never invented."""

from __future__ import annotations

import pytest

from plant.calendar.spans import Planned
from plant.packml import Mode, State
from plant.production.elements import Element, Loss
from plant.readings import BAD

HOUR = 3_600


def _stops(plant, made):
    return made.stops.take(made.stops.line == plant.line("boards"))


def _slug(plant, code: int) -> str:
    return plant.reasons[int(code)].slug if code >= 0 else ""


@pytest.mark.parametrize(("length", "loss"), [(299, Loss.MINOR_STOP), (300, Loss.BREAKDOWN)])
def test_a_stop_below_the_limit_is_minor(plant, length: int, loss: Loss) -> None:
    """Five minutes is the limit, and only the loss depends on it."""
    plant.runs()
    plant.state(600, State.HELD)
    plant.state(600 + length, State.EXECUTE)
    made = plant.make(HOUR)
    assert plant.seconds(made, "element")[Element.ADET] == length
    assert plant.seconds(made, "loss")[loss] == length
    (stop,) = [_stops(plant, made)]
    assert (stop.length_ms.tolist(), stop.loss.tolist(), stop.open.tolist()) == ([1000 * length], [loss], [False])


def test_a_stop_is_judged_over_the_edges_of_windows(plant) -> None:
    """Each minute of a long stop is a breakdown, also in a window that sees only four minutes of it."""
    plant.runs()
    plant.state(600, State.ABORTED)
    plant.state(600 + 480, State.EXECUTE)
    for window in ((600, 840), (840, 1080)):
        assert plant.seconds(plant.make(HOUR, window=window), "loss") == {Loss.BREAKDOWN: 240}


def test_a_stop_through_many_states_is_one(plant) -> None:
    """From Execute to Execute: what clears and starts afterwards is start-up, and all of it is the stop's length."""
    plant.runs()
    plant.text(0, "reason", "")
    for second, state in ((600, State.ABORTING), (605, State.ABORTED), (800, State.CLEARING), (830, State.STOPPED)):
        plant.state(second, state)
    plant.text(605, "reason", "mechanical")
    for second, state in ((835, State.RESETTING), (855, State.IDLE), (860, State.STARTING), (950, State.EXECUTE)):
        plant.state(second, state)
    plant.text(860, "reason", "")
    made = plant.make(HOUR)
    stops = _stops(plant, made)
    assert stops.length_ms.tolist() == [350_000]
    assert plant.seconds(made, "loss") == {
        Loss.NONE: HOUR - 350,
        Loss.BREAKDOWN: 205,
        Loss.START_UP: 30 + 20 + 90,
        Loss.WAITING: 5,
    }
    assert _slug(plant, stops.reason[0]) == "mechanical"
    assert plant.table.units[stops.cause[0]].ref == "boards/former"


def test_a_short_stop_with_a_repair_is_a_breakdown(plant) -> None:
    """Once a fitter has turned the key it is no minor stop, however fast he was."""
    plant.runs()
    plant.state(600, State.ABORTED)
    plant.mode(660, Mode.MAINTENANCE)
    plant.mode(720, Mode.PRODUCTION)
    plant.state(780, State.EXECUTE)
    assert plant.seconds(plant.make(HOUR), "loss") == {Loss.NONE: HOUR - 180, Loss.BREAKDOWN: 180}


def test_a_reason_that_comes_late_is_that_of_the_whole_stop(plant) -> None:
    """A controller that tells the reason after four minutes means the first ones too."""
    plant.runs()
    plant.text(0, "reason", "")
    plant.state(600, State.ABORTED)
    plant.text(840, "reason", "electrical")
    plant.state(1200, State.EXECUTE)
    plant.text(1200, "reason", "")
    reasons = plant.seconds(plant.make(HOUR), "reason")
    assert {_slug(plant, code): seconds for code, seconds in reasons.items()} == {"": 3000, "electrical": 600}


def test_a_break_does_not_end_a_stop_and_does_not_make_it_longer(plant, at) -> None:
    """Two minutes before a break and two after it are one stop of four minutes."""
    plant.runs()
    plant.state(600, State.HELD)
    plant.state(600 + 120 + 1200 + 120, State.EXECUTE)
    plant.planned.append((plant.line("boards"), at(720), at(1920), Planned.BREAK))
    made = plant.make(HOUR)
    stops = _stops(plant, made)
    assert (stops.length_ms.tolist(), stops.loss.tolist()) == ([240_000], [Loss.MINOR_STOP])
    assert plant.seconds(made, "loss")[Loss.MINOR_STOP] == 240


@pytest.mark.parametrize(("after", "lengths"), [(State.HELD, [540_000]), (State.IDLE, [120_000, 120_000])])
def test_a_gap_joins_only_what_is_the_same_before_and_after(plant, after: State, lengths: list[int]) -> None:
    """A line that is held before and after a loss of data stood meanwhile; anything else leaves two stops."""
    plant.runs()
    plant.state(600, State.HELD)
    plant.state(720, State.HELD, quality=BAD)
    plant.state(1020, after)
    plant.state(1140, State.EXECUTE)
    made = plant.make(HOUR)
    assert _stops(plant, made).length_ms.tolist() == lengths
    assert plant.seconds(made, "element") == {Element.APT: 3060, Element.ADET: 240, Element.UNKNOWN: 300}


def test_no_data_is_no_stop(plant) -> None:
    """An edge node that is away for twenty minutes leaves unknown time and not a single stop."""
    plant.runs()
    plant.state(600, State.EXECUTE, quality=500)
    plant.state(1800, State.EXECUTE)
    made = plant.make(HOUR)
    assert plant.seconds(made, "element") == {Element.APT: 2400, Element.UNKNOWN: 1200}
    assert len(_stops(plant, made)) == 0


def test_an_open_stop_says_so_and_its_minutes_may_change(plant) -> None:
    """A stop that is not over is open; while it is shorter than the limit its minutes are provisional."""
    plant.runs()
    plant.state(600, State.HELD)
    young, old = plant.make(780), plant.make(1200)
    assert _stops(plant, young).open.tolist() == _stops(plant, old).open.tolist() == [True]
    boards = young.minutes.line == plant.line("boards")
    assert (young.minutes.provisional[boards] == (young.minutes.element[boards] == Element.ADET)).all()
    assert plant.seconds(old, "provisional") == {0: 1200}
    assert plant.seconds(old, "loss")[Loss.BREAKDOWN] == 600


def test_setup_and_delay_are_two_stops(plant) -> None:
    """A changeover ends where its mode does; what follows until Execute is delay of its own."""
    plant.runs()
    plant.state(600, State.COMPLETE)
    plant.mode(600, Mode.CHANGEOVER)
    plant.mode(1800, Mode.PRODUCTION)
    plant.state(1800, State.STARTING)
    plant.state(1890, State.EXECUTE)
    stops = _stops(plant, plant.make(HOUR))
    assert stops.element.tolist() == [Element.AUST, Element.ADET]
    assert stops.loss.tolist() == [Loss.SETUP, Loss.START_UP]
    assert _slug(plant, stops.reason[0]) == "changeover"
