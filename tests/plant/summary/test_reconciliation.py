from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.kpi.sums import Sums
from plant.model.enterprise import Product, Text
from plant.receipts.receipt import Receipt
from plant.summary.reconciliation import Because, Count, Place, Slack, reconcile, shared_lots

ON = date(2026, 11, 20)
BOARD = Product("board-12", Text("ГКЛ", "Board"), "m2", 0.02)


def receipt(quantity: float, document: str = "1") -> Receipt:
    return Receipt("minsk", "board-12", ON, quantity, "m2", document)


def reconciled(made: Sums, *receipts: Receipt, coverage: float = 1.0, count: Count | None = None):
    return reconcile(BOARD, "minsk", ON, made, coverage, receipts, count)


def explained(step) -> dict[Because, float | None]:
    return {part.because: part.quantity for part in step.parts}


def test_rejects_and_open_lots_explain_what_is_not_good() -> None:
    """Formed 1 000, rejected 30, in the dryer 70: good are 900, and nothing is left to ask."""
    found = reconciled(Sums(produced=1_000, good=900, reject=30, provisional_rows=1), receipt(900))
    judged, received = found.steps
    assert explained(judged) == {Because.REJECTS: -30, Because.OPEN_LOTS: -70}
    assert (judged.difference, judged.unexplained, found.open) == (-100, 0, 70)
    assert (received.difference, received.unexplained, received.parts) == (0, 0, ())
    assert found.provisional


def test_settled_product_that_vanished_is_not_explained_away() -> None:
    """Once everything is dried, what is neither good nor bad is a question."""
    judged = reconciled(Sums(produced=1_000, good=900, reject=30), receipt(900)).steps[0]
    assert explained(judged) == {Because.REJECTS: -30}
    assert judged.unexplained == -70


def test_a_missing_receipt_is_said_and_no_difference_made_up() -> None:
    """None is not 0."""
    found = reconciled(Sums(produced=10, good=10))
    step = found.steps[-1]
    assert (found.received, step.difference, step.unexplained) == (None, None, None)
    assert explained(step) == {Because.NO_RECEIPT: None}


def test_receipts_of_a_day_are_added() -> None:
    """With their documents; a correction takes back."""
    found = reconciled(Sums(produced=100, good=100), receipt(60, "A"), receipt(45, "B"), receipt(-4, "B"))
    assert (found.received, found.documents) == (101, ("A", "B"))
    assert found.steps[-1].unexplained == 1


def test_below_the_coverage_nothing_is_called_unexplained() -> None:
    """There is a difference, and not enough data to accuse anybody."""
    step = reconciled(Sums(produced=100, good=100), receipt(150), coverage=0.5).steps[-1]
    assert (step.difference, step.unexplained) == (50, None)
    assert Because.LOW_COVERAGE in explained(step)


def test_lots_of_another_day_explain_a_stacker_that_counts_by_the_clock() -> None:
    """Formed yesterday, stacked today: the warehouse agrees with the stacker, not with the forming."""
    count = Count("minsk", "board-12", ON, 950.0, ("minsk/boards/stacker/good_total",), by_clock=True)
    found = reconciled(Sums(produced=900, good=900), receipt(940), count=count)
    assert [(step.source, step.target) for step in found.steps] == [
        (Place.PRODUCED, Place.GOOD),
        (Place.GOOD, Place.STACKED),
        (Place.STACKED, Place.RECEIVED),
    ]
    assert explained(found.steps[1]) == {Because.OTHER_DAY: 50}
    assert found.steps[2].unexplained == -10


def test_pallets_explain_no_more_than_a_pallet() -> None:
    """Three tonnes more than good: one pallet of 1.2 t may have been begun the day before, the rest is a question."""
    count = Count("minsk", "plaster-30", ON, 103.0, ("minsk/dry-mix/palletizer/pallets_total",), step=1.2)
    step = reconciled(Sums(produced=100, good=100), count=count).steps[1]
    assert explained(step) == {Because.PART_PALLETS: 1.2}
    assert step.unexplained == pytest.approx(1.8)


def test_lots_of_two_products_give_one_what_the_other_lacks() -> None:
    """A change within a lot: 110 too much here, 130 too little there; 110 are explained, 20 are a question."""
    made = {"a": Sums(produced=1_000, good=1_090, reject=20), "b": Sums(produced=2_000, good=1_830, reject=40)}
    shared = shared_lots(made)
    assert shared == {"a": pytest.approx(110), "b": pytest.approx(-110)}
    steps = {
        key: reconcile(BOARD, "minsk", ON, sums, 1.0, slack=Slack(shared=shared[key])).steps[0]
        for key, sums in made.items()
    }
    assert explained(steps["a"])[Because.SHARED_LOTS] == pytest.approx(110)
    assert [steps[key].unexplained for key in made] == [0, pytest.approx(-20)]


def test_open_lots_take_no_part_in_it() -> None:
    """What one lacks may still come out of the dryer."""
    made = {"a": Sums(produced=10, good=11), "b": Sums(produced=10, good=5, provisional_rows=1)}
    assert shared_lots(made) == {"a": 0}


def test_the_last_digit_of_counters_is_no_question() -> None:
    """Counters tell tenths of a tonne, rejects hundredths: a rest of 0.04 t is theirs, one of 3 t is not."""
    made = Sums(produced=700.4, good=696.4, reject=3.96)
    fine = reconcile(BOARD, "minsk", ON, made, 1.0, slack=Slack(digits=0.4)).steps[0]
    assert (explained(fine)[Because.LAST_DIGIT], fine.unexplained) == (pytest.approx(-0.04), 0)
    coarse = reconcile(BOARD, "minsk", ON, replace(made, good=693.4), 1.0, slack=Slack(digits=0.4)).steps[0]
    assert coarse.unexplained == pytest.approx(-2.64)


def test_what_was_counted_over_a_gap_may_be_of_another_day() -> None:
    """The warehouse has 30 more; 20 were counted while nobody watched, the other 10 are a question."""
    found = reconcile(BOARD, "minsk", ON, Sums(produced=100, good=100), 0.9, [receipt(130)], slack=Slack(gap=20))
    assert explained(found.steps[-1]) == {Because.GAPS: 20}
    assert found.steps[-1].unexplained == 10


def test_what_was_entered_by_hand_explains_no_more_than_itself() -> None:
    """Ten were entered that the stacker does not know of; of twelve that are missing there two are a question."""
    count = Count("minsk", "board-12", ON, 88, ("x",))
    found = reconcile(BOARD, "minsk", ON, Sums(produced=100, good=100), 1.0, [], count, slack=Slack(entered=10))
    assert explained(found.steps[1]) == {Because.BY_HAND: -10}
    assert found.steps[1].unexplained == -2
    more = replace(count, quantity=105)
    found = reconcile(BOARD, "minsk", ON, Sums(produced=100, good=100), 1.0, [], more, slack=Slack(entered=10))
    assert found.steps[1].unexplained == 5, "it cannot make the stacker count more"
    judged = reconcile(BOARD, "minsk", ON, Sums(produced=90, good=100), 1.0, slack=Slack(judged=10)).steps[0]
    assert explained(judged) == {Because.BY_HAND: 10}


def test_rounding_is_no_difference() -> None:
    """What adding floating-point numbers leaves is neither explained nor unexplained."""
    made = Sums(produced=0.1 + 0.2, good=0.3)
    step = reconcile(BOARD, "minsk", ON, made, 1.0, slack=Slack(digits=1.0)).steps[0]
    assert (step.parts, step.unexplained) == ((), 0)


quantities = st.floats(0, 1e6)


@given(
    produced=quantities,
    good=quantities,
    reject=quantities,
    gap=quantities,
    shared=st.floats(-1e6, 1e6),
    received=st.none() | st.floats(-1e6, 1e6),
    stacked=st.none() | quantities,
    provisional=st.booleans(),
)
def test_no_difference_is_hidden(produced, good, reject, gap, shared, received, stacked, provisional) -> None:
    """Every difference is its parts and what is unexplained; the steps lead from produced to received."""
    made = Sums(produced=produced, good=good, reject=reject, provisional_rows=float(provisional))
    count = None if stacked is None else Count("minsk", "board-12", ON, stacked, ("x",))
    receipts = [] if received is None else [receipt(received)]
    slack = Slack(shared=shared, digits=1.0, gap=gap)
    found = reconcile(BOARD, "minsk", ON, made, 1.0, receipts, count, slack=slack)
    for step in found.steps:
        if step.difference is not None:
            parts = sum(part.quantity for part in step.parts)
            assert parts + step.unexplained == pytest.approx(step.difference, rel=1e-6, abs=1e-3)
    assert [step.source for step in found.steps[1:]] == [step.target for step in found.steps[:-1]]
    if received is not None:
        assert sum(step.difference for step in found.steps) == pytest.approx(received - produced, abs=1e-3)
