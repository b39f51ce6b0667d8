"""Corrections, receipts and plans in the operations database: nothing is lost, nothing counts twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from plant.errors import StoreRejectedError
from plant.messages import Order, OrdersMessage
from plant.operations.audit import Audited
from plant.operations.corrections import CorrectionStore
from plant.operations.open import open_operations
from plant.operations.plans import PlanStore
from plant.operations.receipts import ReceiptStore
from plant.production.corrections import Correction
from plant.receipts.receipt import Receipt

CORRECTION = Correction("k1", "minsk/board-1", 600_000, 1_200_000, 30.5, 30.0, 0.5, "anna", "scale was off")
ASKED = Audited("k1", 2_000_000, "anna", "scale was off", "counts.correct", "minsk/boards/board-1", "counts", ok=True)
DAY = date(2026, 11, 20)
FIRST = Receipt("minsk", "board-12", DAY, 100.0, "m2", "ПР-1")
SECOND = Receipt("minsk", "board-9", DAY, 50.5, "m2", "ПР-1")


@pytest.fixture
def operations(operations_address, tmp_path):
    """An open database with its tables."""
    database = open_operations(operations_address, tmp_path)
    database.migrate()
    yield database
    database.close()


def test_a_withdrawn_correction_counts_no_more_and_stays(operations):
    """With who and why, beside the commands that asked for both."""
    store = CorrectionStore(operations)
    store.enter(CORRECTION, ASKED)
    assert store.between(0, 700_000) == [CORRECTION]
    withdrawal = replace(ASKED, command="k2", time=3_000_000, who="boris", why="it was right", action="counts.withdraw")
    store.withdraw("k1", withdrawal)
    assert store.between(0, 700_000) == []
    kept = store.find("k1")
    assert kept is not None
    assert (kept.correction, kept.entered) == (CORRECTION, 2_000_000)
    assert (kept.withdrawn, kept.withdrawn_by, kept.withdrawn_why) == (3_000_000, "boris", "it was right")
    assert store.entered(0, 700_000) == [kept]
    assert [store.answered(each) for each in ("k1", "k2", "k3")] == [ASKED, withdrawal, None]


def test_corrections_are_of_their_window_only(operations):
    """Begin included, end not."""
    store = CorrectionStore(operations)
    store.enter(CORRECTION, ASKED)
    assert not store.between(0, 600_000)
    assert not store.between(1_200_000, 2_000_000)
    assert store.between(1_199_999, 1_200_001) == [CORRECTION]


def test_a_correction_is_kept_with_its_audit_row_or_not_at_all(operations):
    """A command that was answered before enters nothing."""
    store = CorrectionStore(operations)
    store.refuse(replace(ASKED, ok=False, reason="expired"))
    with pytest.raises(StoreRejectedError):
        store.enter(CORRECTION, ASKED)
    assert store.find("k1") is None


def test_the_same_receipt_twice_is_one(operations):
    """Whatever the order of its rows; what is new beside it is added."""
    store = ReceiptStore(operations)
    assert store.take([FIRST, SECOND], 10).added == (("minsk", "ПР-1", 2026),)
    other = replace(FIRST, document="ПР-2")
    again = store.take([SECOND, FIRST, other], 20)
    assert (again.added, again.known, again.changed) == ((("minsk", "ПР-2", 2026),), (("minsk", "ПР-1", 2026),), {})
    assert store.between(DAY, DAY) == [FIRST, SECOND, other]


def test_a_changed_receipt_is_told_and_replaces_its_rows(operations):
    """Before and after are told; only the new rows count, also when it has moved to another day."""
    store = ReceiptStore(operations)
    store.take([FIRST, SECOND], 10)
    moved = replace(FIRST, quantity=90.0, day=date(2026, 11, 21))
    changed = store.take([moved], 20).changed["minsk", "ПР-1", 2026]
    assert (changed.before, changed.after) == ((FIRST, SECOND), (moved,))
    assert store.between(DAY, date(2026, 11, 30)) == [moved]
    assert not store.take([moved], 30).changed


def test_numbers_of_documents_begin_anew_each_year(operations):
    """The receipt of last January is not replaced by that of this one."""
    store = ReceiptStore(operations)
    last_year = replace(FIRST, day=date(2025, 11, 20))
    store.take([last_year], 10)
    assert store.take([FIRST], 20).added
    assert store.between(date(2025, 1, 1), DAY) == [last_year, FIRST]


def test_the_newest_plan_of_a_line_is_kept(operations):
    """Also when messages come in another order; other lines keep theirs."""
    store = PlanStore(operations)
    order = Order("boards-1", "board-12", 100.0, "m2", 5, 1)
    first, second = OrdersMessage(1, (order,)), OrdersMessage(2, (replace(order, quantity=7.0),))
    store.keep({"minsk/board-1": second, "minsk/board-2": first})
    store.keep({"minsk/board-1": first})
    assert store.plans() == {"minsk/board-1": second, "minsk/board-2": first}
    store.keep({})
