from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from made_minutes import START, made

from plant.kpi.compare import COMPARABLE, LEAST_DAYS, SiteDays, compare
from plant.kpi.comparison import Comparison, Reason, Verdict
from plant.kpi.figures import FIGURES
from plant.kpi.lines import LineSet, choose
from plant.kpi.window import MINUTE_MS, Window
from plant.production.elements import Element, Loss
from plant.production.lines import LineTable
from plant.production.minutes import ProductionMinutes

DAYS = 20
BLOCKS = 24
"""A day is so many minutes here."""
EASY, HARD = 0, 1


def line_of(table: LineTable, site: str, slug: str = "dry-mix") -> int:
    return next(row.index for row in table if row.site.slug == site and row.line.slug == slug)


def contestant(table: LineTable, site: str, slug: str = "dry-mix") -> SiteDays:
    lines = LineSet((line_of(table, site, slug),), ("t",))
    return SiteDays(site, lines, tuple(Window(START, START + DAYS * BLOCKS * MINUTE_MS).split(BLOCKS * MINUTE_MS)))


def worked(
    rng: np.random.Generator, line: int, levels: dict[int, float], share: float, unknown: float = 0.0
) -> list[dict[str, float]]:
    """A line's days: a share of the time the easy product, else the hard one, each at its level of OEE."""
    rows = []
    for day in range(DAYS):
        drift = rng.normal(0, 0.03)
        for block in range(BLOCKS):
            product = EASY if block < share * BLOCKS else HARD
            ideal = 60 * float(np.clip(levels[product] + drift, 0, 1)) if product in levels else 0.0
            rows.append(
                {
                    "line": line,
                    "minute": day * BLOCKS + block,
                    "product": product,
                    "element": Element.UNKNOWN if rng.random() < unknown else Element.APT,
                    "produced_ideal_s": ideal,
                    "good_ideal_s": ideal,
                }
            )
    return rows


def asked(table: LineTable, sites: Sequence[SiteDays], rows: list[dict[str, float]], figure: str = "oee") -> Comparison:
    return compare(FIGURES[figure], sites, made(rows), table, np.random.default_rng(9))


def test_a_better_mix_makes_no_better_site(table: LineTable) -> None:
    """Two equal sites, one of which makes the easy product mostly: 78 % against 62 %, and no difference."""
    rng, levels = np.random.default_rng(1), {EASY: 0.8, HARD: 0.6}
    rows = worked(rng, line_of(table, "minsk"), levels, 0.9) + worked(rng, line_of(table, "saratov"), levels, 0.1)
    found = asked(table, [contestant(table, "minsk"), contestant(table, "saratov")], rows)
    raw = {each.site: each.raw for each in found.standings}
    assert raw["minsk"] - raw["saratov"] > 0.12
    assert [pair.verdict for pair in found.differences] == [Verdict.NOT_DISTINGUISHABLE]
    assert {(each.best, each.worst) for each in found.standings} == {(1, 2)}
    assert sum(share.share for share in found.mix) == pytest.approx(1)
    assert {share.cell.line_type for share in found.mix} == {"packer"}


def test_a_better_site_is_told_from_its_mix(table: LineTable) -> None:
    """Ten points better with each product, and worse in the raw figure."""
    rng = np.random.default_rng(2)
    rows = worked(rng, line_of(table, "minsk"), {EASY: 0.9, HARD: 0.6}, 0.1)
    rows += worked(rng, line_of(table, "saratov"), {EASY: 0.8, HARD: 0.5}, 0.9)
    found = asked(table, [contestant(table, "saratov"), contestant(table, "minsk")], rows)
    first, second = found.standings
    assert (first.site, first.best, first.worst) == ("minsk", 1, 1)
    assert (second.site, second.best, second.worst) == ("saratov", 2, 2)
    assert first.raw < second.raw
    (pair,) = found.differences
    assert (pair.first, pair.verdict) == ("minsk", Verdict.BETTER)
    assert pair.difference.low <= 0.1 <= pair.difference.high
    assert first.adjusted.low < first.adjusted.value < first.adjusted.high


def test_a_cell_that_a_site_does_not_have_is_left_out_for_all(table: LineTable) -> None:
    """Only the easy product is made by both; how much that leaves out is said, and because of whom."""
    rng = np.random.default_rng(3)
    rows = worked(rng, line_of(table, "minsk"), {EASY: 0.8, HARD: 0.6}, 0.5)
    rows += worked(rng, line_of(table, "saratov"), {EASY: 0.8}, 1.0)
    found = asked(table, [contestant(table, "minsk"), contestant(table, "saratov")], rows)
    assert [(share.cell.product, share.share) for share in found.mix] == [(EASY, 1)]
    (left,) = found.left_out
    assert (left.cell.product, left.share, left.missing) == (HARD, pytest.approx(0.25), ("saratov",))


def test_without_a_common_cell_nobody_is_ranked(table: LineTable) -> None:
    """One makes only the one product, the other only the other."""
    rng = np.random.default_rng(4)
    rows = worked(rng, line_of(table, "minsk"), {EASY: 0.8}, 1.0)
    rows += worked(rng, line_of(table, "saratov"), {HARD: 0.8}, 0.0)
    found = asked(table, [contestant(table, "minsk"), contestant(table, "saratov")], rows)
    assert (found.standings, found.differences, found.mix, found.refused) == ((), (), (), ())
    assert {left.missing for left in found.left_out} == {("minsk",), ("saratov",)}


def test_a_site_below_the_coverage_needed_is_not_ranked(table: LineTable) -> None:
    """It is named with its coverage; the others are compared without it."""
    rng, levels = np.random.default_rng(5), {EASY: 0.8, HARD: 0.6}
    rows = worked(rng, line_of(table, "minsk"), levels, 0.5)
    rows += worked(rng, line_of(table, "saratov"), levels, 0.5)
    rows += worked(rng, line_of(table, "orenburg"), {EASY: 1, HARD: 1}, 0.5, unknown=0.4)
    sites = [contestant(table, site) for site in ("minsk", "saratov", "orenburg")]
    found = asked(table, sites, rows)
    (refused,) = found.refused
    assert (refused.site, refused.reason, refused.days) == ("orenburg", Reason.LOW_COVERAGE, DAYS)
    assert refused.coverage == pytest.approx(0.6, abs=0.06)
    assert {each.site for each in found.standings} == {"minsk", "saratov"}


def test_few_days_are_not_ranked(table: LineTable) -> None:
    """They do not tell how much days differ; and one site alone is no comparison."""
    rng, levels = np.random.default_rng(6), {EASY: 0.8, HARD: 0.6}
    rows = worked(rng, line_of(table, "minsk"), levels, 0.5) + worked(rng, line_of(table, "saratov"), levels, 0.5)
    short = contestant(table, "saratov")
    short = SiteDays(short.site, short.lines, short.days[: LEAST_DAYS - 1])
    found = asked(table, [contestant(table, "minsk"), short], rows)
    assert [(each.site, each.reason) for each in found.refused] == [("saratov", Reason.FEW_DAYS)]
    assert (found.standings, found.differences) == ((), ())


def test_time_without_a_product_is_no_sites_fault(table: LineTable) -> None:
    """A site without orders half the time is compared by what it does with orders."""
    rng, levels = np.random.default_rng(7), {EASY: 0.8, HARD: 0.6}
    rows = worked(rng, line_of(table, "minsk"), levels, 0.5) + worked(rng, line_of(table, "saratov"), levels, 0.5)
    idle = {"element": Element.ADOT, "loss": Loss.NO_ORDER, "product": -1, "produced_ideal_s": 0, "good_ideal_s": 0}
    rows = [row | idle if row["minute"] % 2 and row["line"] == line_of(table, "minsk") else row for row in rows]
    found = asked(table, [contestant(table, "minsk"), contestant(table, "saratov")], rows)
    assert [pair.verdict for pair in found.differences] == [Verdict.NOT_DISTINGUISHABLE]


def test_less_scrap_stands_first(table: LineTable) -> None:
    """What is better when lower is ranked so."""
    rows = [
        {
            "line": line,
            "minute": minute,
            "product": EASY,
            "produced": 10,
            "reject": reject + (minute // BLOCKS) % 3 / 10,
        }
        for line, reject in ((line_of(table, "minsk"), 2), (line_of(table, "saratov"), 1))
        for minute in range(DAYS * BLOCKS)
    ]
    found = asked(table, [contestant(table, "minsk"), contestant(table, "saratov")], rows, "scrap_ratio")
    assert [each.site for each in found.standings] == ["saratov", "minsk"]
    assert [pair.verdict for pair in found.differences] == [Verdict.BETTER]


@pytest.mark.parametrize("figure", sorted(set(FIGURES) - set(COMPARABLE)))
def test_what_is_not_known_per_product_is_not_compared(table: LineTable, figure: str) -> None:
    """Failures, plans and calendar time belong to no product."""
    with pytest.raises(ValueError, match="not known per product"):
        asked(table, [], [], figure)


def test_gas_per_tonne_is_not_compared_with_gas_per_m2(table: LineTable) -> None:
    """The caller chooses lines of one unit of measure."""
    sites = [SiteDays(site, choose(table, {site}), contestant(table, "minsk").days) for site in ("minsk", "saratov")]
    with pytest.raises(ValueError, match="one unit of measure"):
        asked(table, sites, [], "specific_gas")


def test_nothing_is_compared_with_nothing(table: LineTable) -> None:
    """No sites, or sites without a row, make an empty comparison."""
    assert asked(table, [], []).standings == ()
    sites = [contestant(table, "minsk"), contestant(table, "saratov")]
    found = compare(FIGURES["oee"], sites, ProductionMinutes.empty(), table, np.random.default_rng(0))
    assert {each.site for each in found.refused} == {"minsk", "saratov"}
