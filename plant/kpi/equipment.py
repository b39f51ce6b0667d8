"""How well the equipment's time is used: ratios of time elements and ideal times.

KPIs are named as ISO 22400-2 names them. Unknown time is in no denominator, so it counts neither as running nor as
stopped, and what was counted in it is in no numerator; how much there is of it tells the coverage beside the value.
"""

from __future__ import annotations

from plant.kpi.sums import Sums
from plant.kpi.value import Ratio


def availability(sums: Sums) -> Ratio:
    """Sum of APT / sum of PBT, a share. ISO 22400-2, KPI "Availability"; set-up time lowers it."""
    return Ratio(sums.apt_s, sums.pbt_s)


def effectiveness(sums: Sums) -> Ratio:
    """Sum of PRI x PQ / sum of APT, a share. ISO 22400-2, KPI "Effectiveness"; above 1 if the ideal rate is wrong."""
    return Ratio(sums.known_produced_ideal_s, sums.apt_s)


def quality(sums: Sums) -> Ratio:
    """Sum of PRI x GQ / sum of PRI x PQ, a share. ISO 22400-2, KPI "Quality ratio" (GQ / PQ), over products."""
    return Ratio(sums.known_good_ideal_s, sums.known_produced_ideal_s)


def oee(sums: Sums) -> Ratio:
    """Availability x effectiveness x quality = sum of PRI x GQ / sum of PBT, a share.

    ISO 22400-2, KPI "Overall equipment effectiveness index".
    """
    return Ratio(sums.known_good_ideal_s, sums.pbt_s)


def nee(sums: Sums) -> Ratio:
    """AUPT / PBT x effectiveness x quality, a share: the OEE to which set-up is no loss.

    ISO 22400-2, KPI "Net equipment effectiveness index".
    """
    return Ratio(sums.aupt_s * sums.known_good_ideal_s, sums.pbt_s * sums.apt_s)


def teep(sums: Sums) -> Ratio:
    """Sum of PRI x GQ / known calendar time = OEE x loading, a share.

    Total effective equipment performance is no KPI of ISO 22400-2; the definition is that of TPM practice.
    """
    return Ratio(sums.known_good_ideal_s, sums.known_calendar_s)


def loading(sums: Sums) -> Ratio:
    """PBT / known calendar time, a share: the part of the calendar that is planned. TPM practice, factor of TEEP."""
    return Ratio(sums.pbt_s, sums.known_calendar_s)


def utilisation(sums: Sums) -> Ratio:
    """APT / AUBT, a share. ISO 22400-2, KPI "Utilization efficiency"."""
    return Ratio(sums.apt_s, sums.aubt_s)


def allocation(sums: Sums) -> Ratio:
    """AUBT / PBT, a share. ISO 22400-2, KPI "Allocation efficiency": the rest is time without an order."""
    return Ratio(sums.aubt_s, sums.pbt_s)


def setup_ratio(sums: Sums) -> Ratio:
    """AUST / AUPT, a share. ISO 22400-2, KPI "Setup ratio"."""
    return Ratio(sums.aust_s, sums.aupt_s)
