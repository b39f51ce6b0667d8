from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_minutes import drawn, lines, made, run, window

from plant.kpi.adding import by_line, total
from plant.kpi.elements import ELEMENTS
from plant.kpi.explain import with_numbers
from plant.kpi.figures import FIGURES, Figure
from plant.kpi.sums import Failures, Planned, Sums
from plant.kpi.value import Flag
from plant.production.elements import Element, Loss

SHIFT = Sums(frozenset({"pcs"}), calendar_s=28_800)


def value(key: str, sums: Sums) -> float | None:
    return FIGURES[key].evaluate(sums).value


def test_the_shift_of_oee_com() -> None:
    """480 min, 60 of breaks, 47 down, 19 271 pieces at 1 s, 423 rejects: 88.81, 86.11, 97.80 and 74.79 %."""
    shift = made(
        run(0, 0, 60, element=Element.NOT_PLANNED)
        + run(0, 60, 47, element=Element.ADET, loss=Loss.BREAKDOWN)
        + run(0, 107, 373)
        + [
            {
                "minute": 479,
                "seconds": 0,
                "produced": 19_271,
                "good": 18_848,
                "reject": 423,
                "produced_ideal_s": 19_271.0,
                "good_ideal_s": 18_848.0,
            }
        ]
    )
    sums = total(shift, window(480), lines(0, measure="pcs"))
    found = {key: value(key, sums) for key in ("availability", "effectiveness", "quality", "oee")}
    assert found == pytest.approx(
        {"availability": 0.8881, "effectiveness": 0.8611, "quality": 0.9780, "oee": 0.7479}, abs=5e-5
    )
    assert value("teep", sums) == pytest.approx(18_848 / 28_800)
    assert value("loading", sums) == pytest.approx(420 / 480)
    assert value("scrap_ratio", sums) == pytest.approx(423 / 19_271)


def test_the_example_of_nakajima() -> None:
    """460 min of loading time, 60 down, 400 items at 0.5 min, 2 % defects: 87, 50 and 98 % make 42.6 %."""
    sums = replace(
        SHIFT,
        not_planned_s=20 * 60,
        apt_s=400 * 60,
        adet_s=20 * 60,
        breakdown_s=20 * 60,
        aust_s=40 * 60,
        setup_s=40 * 60,
        produced=400,
        good=392,
        reject=8,
        produced_ideal_s=400 * 30,
        good_ideal_s=392 * 30,
    )
    assert value("availability", sums) == pytest.approx(0.87, abs=5e-3)
    assert value("effectiveness", sums) == pytest.approx(0.50)
    assert value("quality", sums) == pytest.approx(0.98)
    assert value("oee", sums) == pytest.approx(0.426, abs=5e-4)
    assert value("setup_ratio", sums) == pytest.approx(40 / 440)
    assert value("nee", sums) == pytest.approx(440 / 460 * 0.5 * 0.98)
    assert value("utilisation", sums) == pytest.approx(400 / 460)
    assert value("allocation", sums) == pytest.approx(1)


def test_mean_times_are_per_failure() -> None:
    """Three failures in 90 h of production and 6 h of set-up, mended in 4.5 h: 32 h between, 1.5 h to repair."""
    sums = replace(
        SHIFT, calendar_s=100.5 * 3_600, apt_s=90 * 3_600, aust_s=6 * 3_600, setup_s=6 * 3_600, adet_s=4.5 * 3_600
    ).with_failures(Failures(3, 4.5 * 3_600))
    assert value("mtbf", sums) == pytest.approx(32)
    assert value("mttr", sums) == pytest.approx(1.5)


def test_delays_and_external_stops_are_no_time_between_failures() -> None:
    """However long a line is starved, it does not seem more reliable."""
    sums = replace(SHIFT, apt_s=3_600, adet_s=36_000, external_s=36_000, calendar_s=39_600)
    assert value("mtbf", sums.with_failures(Failures(1, 0))) == pytest.approx(1)


def test_plan_and_index() -> None:
    """Half the plan in half the time comes to the plan; 104.1 % of the period before is 1.041."""
    sums = replace(SHIFT, apt_s=14_400, adet_s=14_400, good=500, good_ideal_s=10_410)
    sums = sums.with_plan(Planned(1_000, 20_820, 28_800)).with_before(Sums(good_ideal_s=10_000))
    assert value("plan_attainment", sums) == pytest.approx(0.5)
    assert value("plan_index", sums) == pytest.approx(0.5)
    assert value("forecast", sums) == pytest.approx(1_000)
    assert value("output_index", sums) == pytest.approx(1.041)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_factors_multiply_to_oee(seed: int) -> None:
    """Availability x effectiveness x quality = OEE, and OEE x loading = TEEP, each over the same known time."""
    sums = total(drawn(seed, 3, 40), window(40), lines(0, 1, 2))
    found = {key: value(key, sums) for key in FIGURES}
    assert found["availability"] * found["effectiveness"] * found["quality"] == pytest.approx(found["oee"])
    assert found["oee"] * found["loading"] == pytest.approx(found["teep"])
    assert found["nee"] == pytest.approx(found["oee"] * sums.aupt_s / sums.apt_s)
    assert found["allocation"] * found["utilisation"] == pytest.approx(found["availability"])


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_ratios_of_a_whole_come_from_its_sums_and_lie_among_those_of_its_parts(seed: int) -> None:
    """A ratio of sums is within the ratios of the lines; their mean would be another number."""
    minutes, chosen = drawn(seed, 3, 40, missing=0), lines(0, 1, 2)
    parts = by_line(minutes, window(40), chosen)
    for key in ("availability", "effectiveness", "quality", "oee", "scrap_ratio", "setup_ratio"):
        each = [ratio.quotient for ratio in (FIGURES[key].function(part) for part in parts.values())]
        found = FIGURES[key].evaluate(Sums.of(parts.values()), needed=0).value
        known = [one for one in each if one is not None]
        if found is not None:
            assert min(known) - 1e-9 <= found <= max(known) + 1e-9


@given(seed=st.integers(0, 2**32 - 1), wrong=st.floats(0.5, 3))
@settings(max_examples=50)
def test_shares_are_within_0_and_1_unless_the_ideal_rate_is_wrong(seed: int, wrong: float) -> None:
    """Above 100 % is shown as it is, never clipped, and always flagged."""
    sums = total(drawn(seed, 2, 30), window(30), lines(0, 1))
    sums = replace(sums, produced_ideal_s=sums.produced_ideal_s * wrong, good_ideal_s=sums.good_ideal_s * wrong)
    for key in ("availability", "effectiveness", "quality", "oee", "teep", "nee"):
        found = FIGURES[key].evaluate(sums, needed=0)
        assert found.value is not None
        assert found.value >= 0
        assert (Flag.ABOVE_WHOLE in found.flags) == (found.value > 1 + 1e-9)
        if found.value > 1 + 1e-9:
            assert Flag.IDEAL_RATE in found.flags


def test_a_wrong_ideal_rate_is_flagged_where_stops_hide_it() -> None:
    """Effectiveness 120 % and availability 50 % make an OEE of 60 %, which looks well and is not."""
    sums = replace(SHIFT, apt_s=14_400, adet_s=14_400, produced_ideal_s=17_280, good_ideal_s=17_280)
    found = FIGURES["oee"].evaluate(sums)
    assert found.value == pytest.approx(0.6)
    assert found.flags == (Flag.IDEAL_RATE,)
    assert FIGURES["effectiveness"].evaluate(sums).flags == (Flag.ABOVE_WHOLE, Flag.IDEAL_RATE)
    assert FIGURES["quality"].evaluate(sums).flags == ()


@pytest.mark.parametrize(("element", "coverage"), [(Element.UNKNOWN, 100 / 120), (Element.NOT_PLANNED, 1.0)])
def test_output_of_time_that_is_left_out_makes_no_effectiveness_above_the_whole(
    element: Element, coverage: float
) -> None:
    """A plant is unplugged for 20 minutes and its counter goes on, or a line runs in a break: neither flatters."""
    minutes = made(
        run(0, 0, 100, produced_ideal_s=57, good_ideal_s=57)
        + run(0, 100, 20, element=element, produced_ideal_s=57, good_ideal_s=57)
    )
    sums = total(minutes, window(120), lines(0))
    assert value("effectiveness", sums) == pytest.approx(0.95)
    assert value("oee", sums) == pytest.approx(0.95)
    assert FIGURES["oee"].evaluate(sums).coverage == pytest.approx(coverage)
    assert sums.good_ideal_s == 120 * 57


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_without_a_basis_there_is_no_value(figure: Figure) -> None:
    """A denominator of 0 says so; it is neither 0 % nor an error."""
    found = figure.evaluate(Sums())
    assert found.value is None
    assert Flag.NO_BASIS in found.flags


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_below_the_coverage_needed_there_is_no_value(figure: Figure) -> None:
    """Not enough data is said, not guessed; a caller may ask for less."""
    sums = replace(EVERYTHING, unknown_s=EVERYTHING.pbt_s, calendar_s=EVERYTHING.calendar_s + EVERYTHING.pbt_s)
    found = figure.evaluate(sums)
    assert (found.value, found.coverage) == (None, pytest.approx(0.5))
    assert Flag.LOW_COVERAGE in found.flags
    assert figure.evaluate(sums, needed=0.5).value is not None


@pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES.keys())
def test_raw_quantities_of_different_measures_never_add(figure: Figure) -> None:
    """m2 and t have no sum; ideal time has."""
    found = figure.evaluate(replace(EVERYTHING, measures=frozenset({"m2", "t"})))
    assert (found.value is None) == figure.needs_one_measure == (Flag.MIXED_MEASURES in found.flags)


amounts = st.floats(1, 1e6)
EVERYTHING = Sums(
    frozenset({"m2"}), **{name: 10.0 + place for place, name in enumerate(Sums.__dataclass_fields__) if place}
)
EVERYTHING = replace(
    EVERYTHING, unknown_s=0, calendar_s=EVERYTHING.not_planned_s + EVERYTHING.pbt_s, outside_produced=1, outside_good=1,
    outside_produced_ideal_s=1, outside_good_ideal_s=2,
)  # fmt: skip


@given(st.fixed_dictionaries({name: amounts for name in Sums.__dataclass_fields__ if name != "measures"}))
def test_the_formula_that_people_read_is_what_the_code_divides(sums: dict[str, float]) -> None:
    """Each template with the numbers put in comes to the same as its function."""
    outside = {f"outside_{name}": sums[name] / 4 for name in ("produced", "good", "produced_ideal_s", "good_ideal_s")}
    given_sums = Sums(frozenset({"m2"}), **(sums | outside))
    for figure in FIGURES.values():
        written = eval(with_numbers(figure, given_sums).replace("×", "*"))
        assert figure.function(given_sums).quotient == pytest.approx(written, rel=1e-6)


def test_every_figure_is_told_in_full() -> None:
    """Key, both names, unit, formula of known elements, source and a docstring that names the unit."""
    for key, figure in FIGURES.items():
        assert figure.key == key
        assert figure.name.ru
        assert figure.name.en
        assert figure.source
        assert set(figure.inputs) <= set(ELEMENTS)
        assert figure.function.__doc__
    assert len({figure.function for figure in FIGURES.values()}) == len(FIGURES)


def test_provisional_rows_make_a_provisional_figure() -> None:
    """One row that may change is enough."""
    minutes = made(run(0, 0, 9) + run(0, 9, 1, provisional=1))
    assert FIGURES["oee"].evaluate(total(minutes, window(10), lines(0))).provisional
    assert not FIGURES["oee"].evaluate(total(minutes, window(9), lines(0))).provisional


def test_values_are_finite() -> None:
    """No figure of ordinary sums is infinite or no number."""
    for figure in FIGURES.values():
        assert math.isfinite(figure.evaluate(EVERYTHING).value or math.inf)
