"""Good product belongs to the time in which its lot was formed, and until the lot is dried it is provisional."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plant.packml import State
from plant.production.elements import Element
from plant.production.lots import Dried, Formed, shared

HOUR = 3_600


def _forms(plant) -> None:
    """Lot A from second 0, B from 600, none from 1200 on: 10 m2 every ten seconds."""
    plant.runs()
    plant.count(-10, "produced", 0.0)
    plant.text(0, "lot", "A")
    plant.text(600, "lot", "B")
    for number in range(1, 121):
        plant.count(10 * number, "produced", 10.0 * number)
    plant.state(1200, State.ABORTED)


def _dries(plant, second: int, lot: str, good: float, reject: float) -> None:
    """A lot comes out at once."""
    plant.text(second, "lot", lot, "boards/stacker")
    plant.count(second, "good", good, "boards/stacker")
    plant.count(second, "reject", reject, "boards/stacker")


def _boards(plant, made):
    return made.minutes.take(made.minutes.line == plant.line("boards"))


def test_good_product_goes_back_to_the_minutes_of_its_lot(plant, at) -> None:
    """Lots come out an hour later: their minutes get their quality, and a line that stands has no output at all."""
    _forms(plant)
    for second, lot, good, reject in (
        (0, "", 0, 0),
        (3600, "A", 540, 60),
        (4200, "B", 1110, 90),
        (4900, "C", 1110, 90),
    ):
        _dries(plant, second, lot, good, reject)
    boards = _boards(plant, plant.make(2 * HOUR))
    good = {int(time): amount for time, amount in zip(boards.time, boards.good, strict=True) if amount}
    first = {at(60 * minute): 60 * 540 / 600 for minute in range(10)}
    # What was told at second 600 bears lot B already, so B has 610 m2 and the last minute of A is shared by both.
    assert sum(good.values()) == pytest.approx(1110)
    assert [good[time] for time in list(first)[:9]] == pytest.approx([60 * 540 / 590] * 9)
    assert max(good) == at(1140)
    assert boards.reject.sum() == pytest.approx(90)
    standing = boards.element == Element.ADET
    assert boards.good[standing].sum() == 0.0
    assert boards.produced[~standing].sum() == 1200.0


def test_a_lot_that_is_not_out_is_provisional(plant, at) -> None:
    """While lot B comes out its minutes are provisional, its oldest part has its quality; those of A are settled."""
    _forms(plant)
    _dries(plant, 0, "", 0, 0)
    _dries(plant, 3600, "A", 540, 60)
    _dries(plant, 4200, "B", 540 + 90, 60 + 10)
    made = plant.make(2 * HOUR)
    boards = _boards(plant, made)
    provisional = set(boards.time[boards.provisional == 1].tolist())
    assert provisional == {at(60 * minute) for minute in range(9, 20)}
    of_b = boards.take((boards.time >= at(600)) & (boards.good > 0))
    assert of_b.good.sum() + 9 == pytest.approx(90)
    assert of_b.time.max() == at(660)


def test_a_lot_of_which_nobody_knows_the_forming_has_no_minute(plant) -> None:
    """What was in the dryer when the plant was first watched is told apart, not given to a wrong minute."""
    _forms(plant)
    _dries(plant, 0, "", 0, 0)
    _dries(plant, 600, "before", 500, 20)
    made = plant.make(2 * HOUR)
    assert made.minutes.good.sum() == 0.0
    assert made.unplaced[plant.line("boards")].tolist() == [500.0, 20.0]


def test_the_ideal_time_is_that_of_the_product_that_was_formed(plant) -> None:
    """A lot that dries while the next product is formed has the ideal rate of its own."""
    _forms(plant)
    plant.text(1200, "product", "thick")
    for second, lot, good, reject in (
        (0, "", 0, 0),
        (3600, "A", 540, 60),
        (4200, "B", 1110, 90),
        (4900, "C", 1110, 90),
    ):
        _dries(plant, second, lot, good, reject)
    boards = _boards(plant, plant.make(2 * HOUR))
    assert boards.produced_ideal_s.sum() == pytest.approx(1200 / 5400 * 3600)
    assert boards.good_ideal_s.sum() == pytest.approx(1110 / 5400 * 3600)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_came_out_is_shared_whole(data) -> None:
    """Good and reject of every lot are all given to something: to what was formed of it, or to the lot itself."""
    lots = data.draw(st.integers(1, 5))
    number = st.integers(-1, lots - 1)
    amount = st.floats(0, 100)
    formed = data.draw(st.lists(st.tuples(number, amount), max_size=30))
    dried = data.draw(st.lists(st.tuples(number, amount, amount), max_size=30))
    closed = np.array(data.draw(st.lists(st.booleans(), min_size=lots, max_size=lots)))
    amounts = np.array([each[1:] for each in dried]).reshape(-1, 2)
    shares = shared(
        Formed(np.array([lot for lot, _ in formed], np.int64), np.array([each for _, each in formed])),
        Dried(np.array([each[0] for each in dried], np.int64), amounts),
        closed,
    )
    given_away = shares.amounts.sum(axis=0) + shares.extra_amounts.sum(axis=0)
    assert given_away == pytest.approx(amounts.sum(axis=0))
    assert (shares.amounts >= 0).all()
