"""Two hours of a plant, told by its ledger, against the states that the world went through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plant.packml import State
from simulators.truth.read import Truth
from simulators.truth.tables import MINUTE_MS
from simulators.world.lag import LOT_S
from simulators.world.state import ENERGY, GAS, GOOD, PRODUCED, REJECT, WATER
from simulators.world.transitions import Cause

STEPS = 720


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ledger is."""
    return tmp_path_factory.mktemp("truth")


@pytest.fixture(scope="module")
def watched(volgograd, folder: Path):
    """Two hours, written in parts that fit neither minutes nor lots."""
    found = volgograd.watch(volgograd.world(), folder).run(STEPS, flush_every=47)
    found.ledger.close()
    return found


@pytest.fixture(scope="module")
def truth(watched, folder: Path) -> Truth:
    """What the ledger says."""
    return Truth(folder)


def _units(watched) -> list[str]:
    return [unit.storage for unit in watched.world.fixed.roster.units]


def test_it_covers_all_that_was_watched(watched, truth: Truth) -> None:
    """Parts touch: there is one stretch from the first to the last state."""
    assert truth.covered == [(watched.states[0].time_ms, watched.states[-1].time_ms)]


def test_every_unit_has_one_state_at_any_time(watched, truth: Truth) -> None:
    """Intervals of a unit follow each other without gap or overlap and say what the world was in."""
    rows = truth.states()
    for place, unit in enumerate(_units(watched)):
        own = rows.take(rows.unit == unit)
        assert own.start_ms[0] == watched.states[0].time_ms
        assert own.end_ms[-1] == watched.states[-1].time_ms
        assert (own.start_ms[1:] == own.end_ms[:-1]).all()
        times = np.array([each.time_ms for each in watched.states[:-1]])
        at = np.searchsorted(own.start_ms, times, "right") - 1
        was = [State(each.machines.state[place]).name for each in watched.states[:-1]]
        assert own.state[at].tolist() == was


def test_a_stop_has_its_true_cause(watched, truth: Truth) -> None:
    """Stops carry the cause that the world knows; running machines have none."""
    rows = truth.states()
    assert (rows.cause[rows.state == "EXECUTE"] == "").all()
    causes = {Cause(code).name.lower() for each in watched.states for code in each.machines.cause}
    assert set(rows.cause) - {""} <= causes
    assert (rows.cause[rows.state == "SUSPENDED"] != "").all()


def test_alike_neighbours_are_one_interval(truth: Truth) -> None:
    """Cuts between parts leave no trace."""
    rows = truth.states()
    same = rows.unit[1:] == rows.unit[:-1]
    for column in (rows.state, rows.mode, rows.cause):
        same &= column[1:] == column[:-1]
    assert not same.any()


@pytest.mark.parametrize(
    ("table", "column", "total"),
    [
        ("counts", "produced", PRODUCED),
        ("counts", "good", GOOD),
        ("counts", "reject", REJECT),
        ("energy", "kwh", ENERGY),
        ("energy", "gas_m3", GAS),
        ("energy", "water_m3", WATER),
    ],
)
def test_minutes_add_up_to_what_the_world_counted(watched, truth: Truth, table: str, column: str, total: int) -> None:
    """For every unit, over all and in any whole minutes of the window."""
    rows = getattr(truth, table)()
    states = [each for each in watched.states if each.time_ms % MINUTE_MS == 0]
    for place, unit in enumerate(_units(watched)):
        own = rows.unit == unit
        minutes = (rows.minute_ms[own] - states[0].time_ms) // MINUTE_MS
        told = np.bincount(minutes, getattr(rows, column)[own], len(states) - 1)
        was = np.diff([each.totals[total, place] for each in states])
        assert told == pytest.approx(was, abs=1e-6 * max(1.0, was.sum()))


def test_boards_behind_the_dryer_belong_to_lots_of_an_hour_before(watched, truth: Truth) -> None:
    """What is stacked carries the lot, and the time, of its forming; what is formed, that of the present hour."""
    rows = truth.counts()
    kinds = watched.world.fixed.roster
    stacker = kinds.units[kinds.slices["board_stacker"].start].storage
    former = kinds.units[kinds.slices["board_former"].start].storage
    stacked, formed = rows.take(rows.unit == stacker), rows.take(rows.unit == former)
    hour_ms = round(1000 * LOT_S)
    assert len(stacked)
    assert (formed.lot_ms <= formed.minute_ms + MINUTE_MS).all(), "the step that ends on the hour is of the next lot"
    assert (formed.lot_ms > formed.minute_ms - hour_ms).all()
    assert (stacked.lot_ms <= stacked.minute_ms - 40 * MINUTE_MS + hour_ms).all()
    assert stacked.lot_ms.mean() < formed.lot_ms.mean()
    published = {text for text in truth.journal().text if text}
    assert set(stacked.lot) <= published


def test_material_without_lots_has_none(truth: Truth) -> None:
    """Bags and stucco have no lot and no forming time."""
    rows = truth.counts()
    assert ((rows.lot == "") == (rows.lot_ms == 0)).all()
    assert (rows.lot == "").any()


def test_orders_say_what_is_asked_and_made(watched, truth: Truth) -> None:
    """Intervals of a line say number, product and quantity of its plan, and add up to what the line counted."""
    rows, plan = truth.orders(), watched.world.fixed.plan
    for place, (_, line) in enumerate(plan.lines):
        own = rows.take(rows.line == line.storage)
        last = watched.states[-1]
        if last.plan.wait_s[place] <= 0.0:
            assert own.number[-1] == last.plan.number[place]
            assert own.quantity[-1] == last.plan.quantity[place]
        totals = [max(each.totals[[PRODUCED, GOOD], plan.counts[place]]) for each in watched.states]
        assert own.made.sum() <= totals[-1] - totals[0] + 1e-6
        if own.start_ms[0] == watched.states[0].time_ms and len(own) == 1 and own.end_ms[0] == last.time_ms:
            assert own.made[0] == pytest.approx(totals[-1] - totals[0])
    assert (rows.product_made == rows.product_ordered).all(), "nothing was done to this world"


def test_the_journal_is_all_that_was_told(watched, truth: Truth, volgograd) -> None:
    """Every number and every text of every scan, and of this site alone."""
    rows = truth.journal()
    numbers = rows.take(np.isfinite(rows.value))
    assert len(numbers) == sum(len(scan.rows) for scan in watched.scans)
    assert np.sort(numbers.value) == pytest.approx(np.sort(np.concatenate([scan.values for scan in watched.scans])))
    assert {tag.split("/", 1)[0] for tag in rows.tag} == {"volgograd"}
    places = set(watched.world.fixed.display.text.tolist())
    texts = [text for scan in watched.scans for place, text in scan.texts if place in places]
    assert len(rows) - len(numbers) == len(texts)


def test_windows_are_cut_out(truth: Truth, watched) -> None:
    """Accessors take a window: minutes and readings that begin in it, intervals that reach into it."""
    middle = watched.states[len(watched.states) // 2].time_ms
    assert len(truth.journal(0, middle)) + len(truth.journal(middle)) == len(truth.journal())
    assert (truth.counts(middle).minute_ms >= middle).all()
    assert (truth.energy(0, middle).minute_ms < middle).all()
    assert (truth.states(middle, middle + 1).end_ms > middle).all()
    assert set(truth.states(middle, middle + 1).unit) == set(truth.states().unit)
    assert (truth.orders(middle, middle + 1).start_ms <= middle).all()
