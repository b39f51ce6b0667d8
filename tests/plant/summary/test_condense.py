"""Days of minutes as a few rows: no sum over whole days changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_summaries import scattered

from plant.historian.memory import MemoryHistorian
from plant.historian.protocol import Retention
from plant.kpi.sums import ADDITIVE
from plant.kpi.window import Window
from plant.production.minutes import ProductionMinutes
from plant.summary.condense import condensed
from plant.summary.periods import reach
from plant.summary.rates import Rates
from plant.summary.reading import facts
from plant.summary.summary import Facts, Question, summarise

ON = date(2026, 11, 20)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_summary_of_condensed_minutes_is_the_same(enterprise, table, reasons, seed: int) -> None:
    """Figures, elements and outputs of day and month; all that differs is how many rows are provisional."""
    question = Question(enterprise, table, reasons, ON)
    minutes = scattered(seed, table, reach(enterprise.sites, ON))
    nothing = facts(MemoryHistorian(table.tags), question, (), Rates()).stops
    one = summarise(question, Facts(minutes, nothing))
    few = condensed(minutes, table)
    other = summarise(question, Facts(few, nothing))
    for before, after in zip(
        (one.group, *one.sites, *one.trial), (other.group, *other.sites, *other.trial), strict=True
    ):
        for period in ("day", "month"):
            was, now = getattr(before, period), getattr(after, period)
            assert was.provisional == now.provisional
            for name in set(ADDITIVE) - {"provisional_rows"}:
                assert now.elements[name] == pytest.approx(was.elements[name], abs=1e-6), name


def test_rows_that_are_alike_become_one(table) -> None:
    """However many minutes of a day there are."""
    window = Window(1_790_000_000_000 // 60_000 * 60_000, 1_790_000_000_000 // 60_000 * 60_000 + 3_600_000)
    minutes = scattered(1, table, window, 50)
    minutes = ProductionMinutes.concat([minutes, replace(minutes, time=minutes.time + 60_000)])
    assert len(condensed(minutes, table)) <= 50
    assert len(condensed(ProductionMinutes.empty(), table)) == 0


def test_what_is_read_in_parts_is_the_whole(enterprise, table, reasons) -> None:
    """Two months from a store, of which the last days stay minutes."""
    question = Question(enterprise, table, reasons, ON)
    historian = MemoryHistorian(table.tags, Retention(None, None))
    minutes = scattered(3, table, reach(enterprise.sites, ON), 20_000)
    _, first = _unique(minutes)
    minutes = minutes.take(first)
    historian.write_production(minutes)
    told = facts(historian, question, (), Rates())
    assert told.minutes.seconds.sum() == pytest.approx(minutes.seconds.sum())
    one, other = summarise(question, Facts(minutes, told.stops)), summarise(question, told)
    for name in set(ADDITIVE) - {"provisional_rows"}:
        assert other.group.month.elements[name] == pytest.approx(one.group.month.elements[name], abs=1e-6)


def _unique(minutes: ProductionMinutes):
    """One row of each line and minute: what a store is given at once it keeps."""
    return np.unique(minutes.line.astype(np.int64) * (1 << 50) + minutes.time, return_index=True)
