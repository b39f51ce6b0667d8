"""Corrections add: any partition of one is the same as the whole, and none takes anything from what was counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plant.model.load import load
from plant.model.tags import TagTable
from plant.production.corrections import Correction
from plant.production.counts import AMOUNTS, counted
from plant.production.growth import MINUTE_MS, Pieces, pieces
from plant.production.lines import LineTable
from plant.production.reasons import load_reasons
from plant.production.signals import Unwatched, signals
from plant.readings import Columns

TABLE = LineTable(TagTable(load("gypsum")))
ROW = next(row for row in TABLE if row.measure)
START = 1_790_000_040_000 // MINUTE_MS * MINUTE_MS
AMOUNT = st.floats(-1e4, 1e4)


def correction(begin: int, length: int, amounts: tuple[float, float, float]) -> Correction:
    """Of the first line, in minutes after the start."""
    start = START + begin * MINUTE_MS
    return Correction("k", ROW.storage, start, start + length * MINUTE_MS, *amounts, "anna", "because")


def by_minute(*corrections: Correction) -> dict[int, np.ndarray]:
    """What all of them add to each minute of the line."""
    nothing = Columns.of([], [], [], [])
    told = signals(TABLE, load_reasons(), (), nothing, Unwatched.none())
    grown: Pieces = pieces(TABLE, nothing, Unwatched.none())
    counts = counted(TABLE, told, grown, corrections).counts
    assert set(counts.line.tolist()) <= {ROW.index}
    found: dict[int, np.ndarray] = {}
    for instant, amounts in zip((counts.instant // MINUTE_MS).tolist(), counts.amounts, strict=True):
        found[instant] = found.get(instant, np.zeros(len(AMOUNTS))) + amounts
    return found


@given(begin=st.integers(0, 100), length=st.integers(1, 200), cut=st.integers(0, 200), amounts=st.tuples(*[AMOUNT] * 3))
def test_the_parts_of_a_correction_are_the_whole(begin, length, cut, amounts):
    """Cut at any minute, both parts together give each minute what the whole gives it."""
    whole = correction(begin, length, amounts)
    at = START + (begin + min(cut, length)) * MINUTE_MS
    parts = [each for each in (whole.within(whole.start, at), whole.within(at, whole.end)) if each.end > each.start]
    one, both = by_minute(whole), by_minute(*parts)
    assert one.keys() == both.keys()
    assert all(one[minute] == pytest.approx(both[minute], abs=1e-9) for minute in one)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50), st.tuples(AMOUNT, AMOUNT, AMOUNT)), max_size=5))
def test_corrections_add(given_):
    """Several are their sum, and all that was entered is in some minute."""
    entered = [correction(*each) for each in given_]
    together = by_minute(*entered)
    for column, name in enumerate(("produced", "good", "reject")):
        total = sum(amounts[column] for amounts in together.values())
        assert total == pytest.approx(sum(getattr(each, name) for each in entered), abs=1e-6)
    alone = [by_minute(each) for each in entered]
    for minute, amounts in together.items():
        assert amounts == pytest.approx(sum(each.get(minute, np.zeros(len(AMOUNTS))) for each in alone), abs=1e-6)


def test_a_withdrawn_correction_is_as_if_it_had_never_been():
    """Its opposite takes back all of it."""
    one = correction(3, 7, (5.0, 4.0, 1.0))
    back = replace(one, produced=-5.0, good=-4.0, reject=-1.0)
    assert all(amounts == pytest.approx(np.zeros(len(AMOUNTS))) for amounts in by_minute(one, back).values())
