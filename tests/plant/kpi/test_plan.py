from __future__ import annotations

import pytest
from made_minutes import lines, made, run, window

from plant.kpi.adding import total
from plant.kpi.figures import FIGURES
from plant.kpi.plan import progress
from plant.kpi.sums import Planned, Sums
from plant.kpi.value import Flag
from plant.production.elements import Element, Loss

HOUR = 3_600.0


def test_a_plan_is_forecast_at_the_present_rate() -> None:
    """600 in six hours of a shift of twelve: 100 an hour, 1 200 at its end, 1 000 in four hours more."""
    done = Sums(frozenset({"m2"}), calendar_s=6 * HOUR, apt_s=5 * HOUR, adet_s=HOUR, good=600)
    found = progress(done, Planned(quantity=1_000, remaining_s=6 * HOUR))
    assert (found.done, found.due, found.attainment) == (600, 500, 0.6)
    assert (found.rate_per_h, found.forecast) == (100, 1_200)
    assert found.finish_in_s == pytest.approx(4 * HOUR)
    assert found.flags == ()


def test_the_rate_may_be_that_of_a_recent_time() -> None:
    """After the repair the line runs at 150 an hour, whatever it did in the morning."""
    done = Sums(calendar_s=6 * HOUR, apt_s=4 * HOUR, adet_s=2 * HOUR, good=400)
    recent = Sums(calendar_s=2 * HOUR, apt_s=2 * HOUR, good=300)
    found = progress(done, Planned(quantity=1_000, remaining_s=6 * HOUR), recent)
    assert (found.rate_per_h, found.forecast, found.finish_in_s) == (150, 1_300, 4 * HOUR)


def test_the_forecast_of_the_table_is_that_of_progress() -> None:
    """The figure and the progress are one formula."""
    done, planned = Sums(calendar_s=5 * HOUR, apt_s=5 * HOUR, good=321), Planned(900, 0, 7 * HOUR)
    assert FIGURES["forecast"].evaluate(done.with_plan(planned)).value == pytest.approx(
        progress(done, planned).forecast
    )


def test_a_plan_that_is_done_needs_no_more_time() -> None:
    """Also when no rate is known."""
    done = Sums(calendar_s=HOUR, apt_s=HOUR, good=1_001)
    assert progress(done, Planned(1_000)).finish_in_s == 0


def test_a_line_that_stands_never_finishes() -> None:
    """A rate of 0 is known, and has no end."""
    found = progress(Sums(calendar_s=HOUR, adet_s=HOUR), Planned(1_000, remaining_s=HOUR))
    assert (found.rate_per_h, found.forecast, found.finish_in_s) == (0, 0, None)


def test_unknown_time_makes_no_rate() -> None:
    """Half the time without data: what was counted is told, where it leads is not guessed."""
    minutes = made(run(0, 0, 30, good=1) + run(0, 30, 30, element=Element.UNKNOWN))
    found = progress(total(minutes, window(60), lines(0)), Planned(60, remaining_s=HOUR))
    assert (found.done, found.due, found.forecast, found.rate_per_h) == (30, 30, None, None)
    assert found.flags == (Flag.LOW_COVERAGE,)
    assert found.coverage == 0.5


def test_quantities_of_different_measures_have_no_attainment() -> None:
    """Tonnes of a plan in m2 are none of it."""
    found = progress(Sums(frozenset({"m2", "t"}), calendar_s=HOUR, apt_s=HOUR, good=5), Planned(10))
    assert (found.attainment, found.rate_per_h, found.flags) == (None, None, (Flag.MIXED_MEASURES,))


def test_before_the_beginning_nothing_is_due() -> None:
    """No time has passed: no rate, and no division by it."""
    found = progress(Sums(), Planned(10, remaining_s=HOUR))
    assert (found.due, found.attainment, found.forecast, found.flags) == (0, 0, None, (Flag.NO_BASIS,))
    assert progress(Sums(), Planned()).attainment is None


def test_stops_to_come_are_in_the_forecast() -> None:
    """The rate is per planned busy time: a line that stood a third of it will do so again."""
    minutes = made(run(0, 0, 40, good=3) + run(0, 40, 20, element=Element.ADET, loss=Loss.BREAKDOWN))
    found = progress(total(minutes, window(60), lines(0)), Planned(1_000, remaining_s=HOUR))
    assert (found.rate_per_h, found.forecast) == (120, 240)


def test_what_was_counted_in_unknown_time_makes_no_rate() -> None:
    """It is done, but how long it took is not known."""
    minutes = made(run(0, 0, 50, good=1) + run(0, 50, 10, good=4, element=Element.UNKNOWN))
    found = progress(total(minutes, window(60), lines(0)), Planned(200, remaining_s=HOUR))
    assert (found.done, found.rate_per_h, found.forecast) == (90, 60, 150)
