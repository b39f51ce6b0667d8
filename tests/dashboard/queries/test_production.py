"""Output, plan and specific consumption: sums first, division last."""

from __future__ import annotations

from dataclasses import replace

import pytest
from screens import NOW, tiny

from dashboard import period
from dashboard.queries.production import (
    UNKNOWN,
    Increase,
    SiteFigures,
    counters_of,
    output_tag,
    site_figures,
    specific_totals,
    totals,
)
from plant.model.enterprise import SiteStatus
from plant.model.tags import TagTable

ENTERPRISE = tiny()
TAGS = TagTable(ENTERPRISE)
KILN, BOARD, GAS = (
    TAGS.by_path(f"alpha/shop/{path}").index
    for path in ("kiln-1/kiln/good_total", "board-1/former/good_total", "kiln-1/kiln/gas_total")
)


def figures(grown: dict[int, Increase], slug: str = "alpha", name: str = "shift") -> SiteFigures:
    """Figures of a site in its running shift: 09:00 in Moscow, 11:00 in Yekaterinburg."""
    site = ENTERPRISE.site(slug)
    window = period.window(name, "", "", NOW, site.calendar, site.zone)
    return site_figures(site, window, grown, TAGS)


def test_plan_is_the_passed_part_of_the_shift() -> None:
    """One of twelve hours has passed in Moscow: 240 t a shift are 20 t by now."""
    kiln, board = figures({KILN: Increase(15.0, 1.0)}).outputs
    assert (kiln.made, kiln.plan, kiln.plan_whole) == (15.0, pytest.approx(20.0), pytest.approx(240.0))
    assert kiln.share == pytest.approx(0.75)
    assert (board.made, board.share) == (None, None)
    assert board.plan == pytest.approx(3000.0)


def test_a_window_without_a_passed_part_has_no_share() -> None:
    """A plan of 0 divides nothing."""
    site = ENTERPRISE.site("alpha")
    ahead = period.window("custom", "2026-11-24T08:00", "2026-11-24T20:00", NOW, site.calendar, site.zone)
    kiln = site_figures(site, ahead, {KILN: Increase(0.0, 1.0)}, TAGS).outputs[0]
    assert (kiln.plan, kiln.share) == (0.0, None)


def test_specific_consumption_is_sum_over_sum() -> None:
    """680 m3 for 20 t are 34 m3/t: exactly the target."""
    (gas,) = figures({KILN: Increase(20.0, 0.9), GAS: Increase(680.0, 0.8)}).specific
    assert (gas.value, gas.over_target, gas.coverage) == (34.0, 0.0, 0.8)


@pytest.mark.parametrize("product", [Increase(0.0, 1.0), UNKNOWN])
def test_without_product_there_is_no_specific_consumption(product: Increase) -> None:
    """Nothing made, or nothing known: no figure, neither 0 nor infinity."""
    (gas,) = figures({KILN: product, GAS: Increase(680.0, 1.0)}).specific
    assert (gas.value, gas.over_target) == (None, None)


def test_a_site_on_trial_stays_out_of_the_group() -> None:
    """Alpha is on trial: its boards count apart, beta's are the group's."""
    beta_board = TAGS.by_path("beta/shop/board-1/former/good_total").index
    both = [figures({BOARD: Increase(5000.0, 1.0)}), figures({beta_board: Increase(7000.0, 0.5)}, "beta")]
    (group,) = totals(both, SiteStatus.PRODUCTION)
    assert (group.made, group.unit, group.missing, group.coverage) == (7000.0, "m2", 0, 0.5)
    assert {(total.unit, total.made) for total in totals(both, SiteStatus.TRIAL)} == {("t", None), ("m2", 5000.0)}


def test_units_of_measure_never_add() -> None:
    """Tonnes of stucco and square metres of board are two totals."""
    alpha = figures({KILN: Increase(10.0, 1.0), BOARD: Increase(500.0, 1.0)})
    found = totals([alpha], SiteStatus.TRIAL)
    assert [(total.unit, total.made) for total in found] == [("t", 10.0), ("m2", 500.0)]


def test_a_total_says_what_is_missing() -> None:
    """A line without data is in neither sum, so that the share stays that of the others."""
    site = ENTERPRISE.site("beta")
    known = figures({TAGS.by_path("beta/shop/board-1/former/good_total").index: Increase(2500.0, 1.0)}, "beta")
    unknown = replace(known, outputs=tuple(replace(output, made=None) for output in known.outputs))
    (total,) = totals([known, unknown], site.status)
    assert (total.made, total.missing, len(total.lines)) == (2500.0, 1, 2)
    assert total.plan == known.outputs[0].plan


def test_lines_that_share_a_product_are_of_one_family() -> None:
    """A line of putty and plaster joins a line of plaster alone; blocks stay apart."""
    alpha = figures({KILN: Increase(1.0, 1.0), BOARD: Increase(2.0, 1.0)})
    kiln, board = alpha.outputs
    rates = ({"plaster": 1.0}, {"putty": 1.0, "plaster": 1.0}, {"putty": 2.0}, {"block": 1.0})
    outputs = tuple(replace(kiln, line=replace(kiln.line, slug=str(n), ideal_rates=r)) for n, r in enumerate(rates))
    found = totals([replace(alpha, outputs=(*outputs, board))], SiteStatus.TRIAL)
    assert [[line.slug for line in total.lines] for total in found] == [["0", "1", "2"], ["3"], ["board-1"]]


def test_what_passes_from_line_to_line_counts_once() -> None:
    """Assembly feeds testing and both count the same printers: the total is that of testing."""
    alpha = figures({KILN: Increase(10.0, 1.0), BOARD: Increase(8.0, 1.0)})
    kiln, board = alpha.outputs
    assert kiln.line.units[0].feeds == ("board-1/former",)
    same = replace(kiln, line=replace(kiln.line, ideal_rates=board.line.ideal_rates), tag=board.tag)
    (total,) = totals([replace(alpha, outputs=(same, board))], SiteStatus.TRIAL)
    assert ([line.slug for line in total.lines], total.made) == (["board-1"], 8.0)


def test_group_consumption_divides_the_sums() -> None:
    """Of 34 m3/t for 10 t and 40 m3/t for 30 t the group has 38.5, not 37; its target is weighted likewise."""
    small = figures({KILN: Increase(10.0, 1.0), GAS: Increase(340.0, 1.0)})
    large = figures({KILN: Increase(30.0, 1.0), GAS: Increase(1200.0, 0.7)})
    other = replace(
        large, specific=tuple(replace(s, specific=replace(s.specific, target=38.0)) for s in large.specific)
    )
    dark = figures({})
    (gas,) = specific_totals([small, other, dark], SiteStatus.TRIAL)
    assert gas.value == pytest.approx(38.5)
    assert gas.specific.target == pytest.approx(37.0)
    assert gas.coverage == 0.7
    (nothing,) = specific_totals([dark], SiteStatus.TRIAL)
    assert nothing.value is None


def test_every_counter_is_asked_for_once() -> None:
    """The product is output and denominator, and one counter."""
    paths = [tag.metric.key for tag in counters_of(ENTERPRISE.site("alpha"), TAGS)]
    assert sorted(paths) == ["gas_total", "good_total", "good_total"]


def test_a_line_without_output_has_no_tag() -> None:
    """Utilities make nothing that is counted."""
    line = next(ENTERPRISE.site("alpha").lines)
    assert output_tag(replace(line, output=None), TAGS) is None
