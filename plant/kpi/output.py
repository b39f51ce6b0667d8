"""What was made: shares of it, rates of it, and how it stands to plan and past."""

from __future__ import annotations

from plant.kpi.sums import Sums
from plant.kpi.value import Ratio


def scrap_ratio(sums: Sums) -> Ratio:
    """SQ / PQ, a share, within one unit of measure. ISO 22400-2, KPI "Scrap ratio"."""
    return Ratio(sums.reject, sums.produced)


def first_pass_yield(sums: Sums) -> Ratio:
    """Good / inspected quantity, a share, within one unit of measure. ISO 22400-2, KPI "First pass yield" (GP / IP).

    Nothing is reworked here, so all that is good is good at the first pass. Lots that are not dried are not inspected
    yet: unlike the quality ratio it does not wait for them.
    """
    return Ratio(sums.good, sums.judged)


def throughput(sums: Sums) -> Ratio:
    """PQ / order execution time, units of measure per hour. ISO 22400-2, KPI "Throughput rate" (PQ / AOET).

    Execution time of orders on a line is AUBT: transport and queues between lines are not kept in minutes.
    """
    return Ratio(sums.known_produced * 3_600.0, sums.aubt_s)


def plan_attainment(sums: Sums) -> Ratio:
    """GQ / planned quantity, a share, within one unit of measure: of an order, shift, day or month."""
    return Ratio(sums.good, sums.planned)


def plan_index(sums: Sums) -> Ratio:
    """Sum of PRI x GQ / sum of PRI x planned quantity, a share: plan attainment over products and units of measure."""
    return Ratio(sums.good_ideal_s, sums.planned_ideal_s)


def forecast(sums: Sums) -> Ratio:
    """GQ + known GQ / PBT x PBT to come, in the unit of measure: where the present rate leads."""
    return Ratio(sums.good * sums.pbt_s + sums.known_good * sums.remaining_s, sums.pbt_s)


def output_index(sums: Sums) -> Ratio:
    """Sum of PRI x GQ / the same of the same period before, a share: 1.041 is 104.1 %.

    Built as an index of industrial production is, as a ratio of volumes in constant weights; here the weights are
    ideal times, so that products of all units of measure add.
    """
    return Ratio(sums.good_ideal_s, sums.before_ideal_s)
