from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import add

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_summaries import filled, line_of, scattered, stops

from plant.calendar.group import production_days
from plant.calendar.work_calendar import WorkCalendar
from plant.kpi.adding import total
from plant.kpi.lines import site_lines
from plant.kpi.sums import ADDITIVE
from plant.kpi.value import Flag
from plant.kpi.window import Window
from plant.model.enterprise import SiteStatus
from plant.production.elements import Element, Loss
from plant.production.minutes import ProductionMinutes
from plant.receipts.receipt import Receipt
from plant.summary.parts import encode
from plant.summary.periods import reach
from plant.summary.reconciliation import Because
from plant.summary.summary import Facts, Question, summarise

ON = date(2026, 11, 20)
FROM_ELSEWHERE = {"planned", "planned_ideal_s", "remaining_s", "before_ideal_s"}
"""Elements that come from plans and the period before, not from the minutes of the day."""
slow = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def summary(enterprise, table, reasons, minutes, on=ON, **facts):
    return summarise(Question(enterprise, table, reasons, on), Facts(minutes, stops(), **facts))


@slow
@given(seed=st.integers(0, 2**32 - 1), on=st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_the_group_is_the_sum_of_the_production_days_of_its_sites(enterprise, table, reasons, seed: int, on) -> None:
    """Every additive element, of day and month; each site's day is in its own zone, sites on trial are not in it."""
    minutes = scattered(seed, table, reach(enterprise.sites, on), 3_000)
    found = summary(enterprise, table, reasons, minutes, on)
    for period in ("day", "month"):
        parts = [getattr(site, period).elements for site in found.sites]
        whole = getattr(found.group, period).elements
        assert {name: sum(part[name] for part in parts) for name in ADDITIVE} == pytest.approx(whole)
    running = [site for site in enterprise.sites if site.status is SiteStatus.PRODUCTION]
    days = production_days(running, on)
    counted = reduce(
        add,
        (total(minutes, Window(*days[site.slug]), site_lines(enterprise, table, site.slug)) for site in running),
    )
    for name in set(ADDITIVE) - FROM_ELSEWHERE:
        assert found.group.day.elements[name] == pytest.approx(getattr(counted, name)), name


@slow
@given(seed=st.integers(0, 2**32 - 1))
def test_outputs_by_product_add_up_to_the_whole(enterprise, table, reasons, seed: int) -> None:
    """Of each site and of the group, with what no product was told of."""
    minutes = scattered(seed, table, reach(enterprise.sites, ON), 3_000)
    found = summary(enterprise, table, reasons, minutes)
    for part in (found.group, *found.sites, *found.trial):
        for name, element in (("produced", "produced"), ("good", "good"), ("rejected", "reject")):
            assert sum(getattr(each, name) for each in part.output) == pytest.approx(part.day.elements[element])
        assert sum(each.month_good for each in part.output) == pytest.approx(part.month.elements["good"])


def test_sites_on_trial_change_nothing_of_the_group(enterprise, table, reasons) -> None:
    """Voskresensk is shown apart: whatever it makes, the group stays as it is."""
    work = WorkCalendar.of(enterprise.site("voskresensk"))
    made = filled(line_of(table, "voskresensk/boards"), Window(*work.day(ON)), produced=70, good=69)
    without = summary(enterprise, table, reasons, ProductionMinutes.empty())
    with_it = summary(enterprise, table, reasons, made)
    assert with_it.group == without.group
    assert [site.site for site in with_it.trial] == ["voskresensk"]
    assert with_it.trial[0].day.elements["good"] == 69 * 1_440
    assert "voskresensk" not in with_it.group.sites


def test_a_minute_belongs_to_the_day_that_its_own_plant_says(enterprise, table, reasons) -> None:
    """At 03:30 UTC it is 08:30 in Orenburg, the new day, and 06:30 in Maykop, the day before."""
    at = 1_795_145_400_000  # 2026-11-20 03:30 UTC
    lines = [line_of(table, path) for path in ("orenburg/blocks", "maykop/blocks")]
    minutes = ProductionMinutes.concat(filled(line, Window(at, at + 60_000), good=1.0) for line in lines)
    of_day, of_day_before = (
        {site.site: site.day.elements["good"] for site in found.sites}
        for found in (summary(enterprise, table, reasons, minutes, on) for on in (ON, ON - timedelta(days=1)))
    )
    assert (of_day["orenburg"], of_day["maykop"]) == (1, 0)
    assert (of_day_before["orenburg"], of_day_before["maykop"]) == (0, 1)


def test_without_data_no_figure_is_guessed(enterprise, table, reasons) -> None:
    """Coverage is 0 and every figure says so instead of a number."""
    found = summary(enterprise, table, reasons, ProductionMinutes.empty())
    for period in (found.group.day, found.group.month):
        assert period.coverage == 0
        for value in (*period.figures.values(), period.uncoded):
            assert value.value is None
            assert Flag.LOW_COVERAGE in value.flags
        assert (period.plan.forecast, period.plan.rate_per_h) == (None, None)
        assert period.plan.planned > 0, "the plan does not need data"


def saratov(enterprise, table, first: date, days: int, **each: float) -> ProductionMinutes:
    """All lines of a site for some production days, every minute the same."""
    site = enterprise.site("saratov")
    window = Window(*WorkCalendar.of(site).days(first, first + timedelta(days=days)))
    lines = site_lines(enterprise, table, site.slug).indices
    return ProductionMinutes.concat(filled(line, window, **each) for line in lines)


def of_saratov(found):
    return next(site for site in found.sites if site.site == "saratov")


def test_the_output_index_compares_with_the_same_weekday(enterprise, table, reasons) -> None:
    """A twentieth more than a week ago is 105 %; a week ago without data is no comparison."""
    now = saratov(enterprise, table, ON, 1, good=1, good_ideal_s=42)
    before = saratov(enterprise, table, ON - timedelta(days=7), 1, good=1, good_ideal_s=40)
    found = of_saratov(summary(enterprise, table, reasons, ProductionMinutes.concat([now, before])))
    assert found.day.figures["output_index"].value == pytest.approx(1.05)
    alone = of_saratov(summary(enterprise, table, reasons, now)).day
    assert alone.figures["output_index"].value is None
    assert Flag.LOW_COVERAGE in alone.figures["output_index"].flags
    assert alone.figures["output_index"].coverage == 0
    assert alone.figures["oee"].value == pytest.approx(0.7), "the day itself is known"


def test_the_month_is_forecast_at_the_rate_so_far(enterprise, table, reasons) -> None:
    """The forecast is what was made, and as much per planned busy hour until the end of the month."""
    found = of_saratov(
        summary(enterprise, table, reasons, saratov(enterprise, table, date(2026, 11, 1), 20, good_ideal_s=30))
    )
    plan = found.month.plan
    assert plan.done == pytest.approx(found.month.elements["good_ideal_s"] / 3_600)
    assert plan.rate_per_h == pytest.approx(0.5)
    remaining_h = (
        sum(
            WorkCalendar.of(enterprise.site("saratov"))
            .planned(table[line].line, found.end_ms, WorkCalendar.of(enterprise.site("saratov")).month(ON).end)
            .busy_ms
            for line in site_lines(enterprise, table, "saratov").indices
        )
        / 3_600_000
    )
    assert plan.forecast == pytest.approx(plan.done + 0.5 * remaining_h)
    assert plan.planned > found.month.elements["planned_ideal_s"] / 3_600, "of the whole month, not to date"


def test_the_uncoded_share_is_of_delays(enterprise, table, reasons) -> None:
    """A third of the stops have no reason; production, set-up and time without an order need none."""
    site = enterprise.site("saratov")
    start, _ = WorkCalendar.of(site).day(ON)
    spans = (  # minutes, element, loss, reason
        (10, Element.ADET, Loss.BREAKDOWN, -1),
        (20, Element.ADET, Loss.BREAKDOWN, reasons.code("mechanical")),
        (30, Element.ADOT, Loss.NO_ORDER, -1),
        (1_380, Element.APT, Loss.NONE, -1),
    )
    parts, at = [], start
    for count, element, loss, reason in spans:
        window = Window(at, at + count * 60_000)
        parts += [
            filled(line, window, element=element, loss=loss, reason=reason)
            for line in site_lines(enterprise, table, site.slug).indices
        ]
        at = window.end_ms
    found = of_saratov(summary(enterprise, table, reasons, ProductionMinutes.concat(parts)))
    assert found.day.uncoded.value == pytest.approx(1 / 3)


def test_receipts_of_a_product_that_nobody_made_are_not_lost(enterprise, table, reasons) -> None:
    """They are reconciled with nothing, and all of them is unexplained; other sites and days do not see them."""
    made = saratov(enterprise, table, ON, 1)
    receipts = (
        Receipt("saratov", "putty-20", ON, 5.0, "t", "77"),
        Receipt("saratov", "putty-20", ON - timedelta(days=1), 50.0, "t", "76"),
        Receipt("minsk", "putty-20", ON, 500.0, "t", "78"),
    )
    (found,) = of_saratov(summary(enterprise, table, reasons, made, receipts=receipts)).reconciliation
    assert (found.product, found.received, found.documents) == ("putty-20", 5.0, ("77",))
    assert found.steps[-1].unexplained == 5.0


def test_only_time_without_data_is_a_gap(enterprise, table, reasons) -> None:
    """What is made in a break is known to be of the day; what was counted while nobody watched may be of another."""
    start, end = WorkCalendar.of(enterprise.site("minsk")).day(ON)
    line, putty = line_of(table, "minsk/dry-mix"), table.product_index("putty-20")
    third = (end - start) // 3 // 60_000 * 60_000
    edges = (start, start + third // 8, start + third, end)
    elements = (Element.UNKNOWN, Element.NOT_PLANNED, Element.APT)
    minutes = ProductionMinutes.concat(
        filled(line, Window(begin, until), product=putty, produced=1, good=1, element=element)
        for begin, until, element in zip(edges, edges[1:], elements, strict=False)
    )
    receipts = (Receipt("minsk", "putty-20", ON, 2_000.0, "t", "1"),)
    found = summary(enterprise, table, reasons, minutes, receipts=receipts)
    (site,) = [each for each in found.sites if each.site == "minsk"]
    (part,) = site.reconciliation[0].steps[-1].parts
    assert (part.because, part.quantity) == (Because.GAPS, 60)
    assert site.reconciliation[0].steps[-1].unexplained == 2_000 - 1_440 - 60


def test_a_line_of_one_product_makes_it_also_when_nobody_tells(enterprise, table, reasons) -> None:
    """Calciners tell no product: all they make is stucco. It is passed on, so that no warehouse is asked for it."""
    work = WorkCalendar.of(enterprise.site("minsk"))
    made = filled(line_of(table, "minsk/binder-1"), Window(*work.day(ON)), produced=1, good=1)
    (site,) = [each for each in summary(enterprise, table, reasons, made).sites if each.site == "minsk"]
    assert [(each.product, each.good) for each in site.output] == [("stucco", 1_440)]
    assert site.reconciliation == ()


def test_a_summary_is_json(enterprise, table, reasons) -> None:
    """Dates as ISO 8601, figures by key, nothing that JSON does not know."""
    minutes = scattered(7, table, reach(enterprise.sites, ON))
    read = orjson.loads(encode(summary(enterprise, table, reasons, minutes)))
    assert read["date"] == "2026-11-20"
    assert read["group"]["day"]["before"] == {"first": "2026-11-13", "last": "2026-11-13"}
    assert set(read["group"]["day"]["figures"]) >= {"oee", "availability", "output_index"}
    assert len(read["sites"]) == 7
