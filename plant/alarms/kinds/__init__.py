"""One file for each kind of rule: how it judges readings. `condition.py` says what they have in common."""

from __future__ import annotations

from plant.alarms.kinds.bad_quality import BadQualityCondition
from plant.alarms.kinds.charted import ChartedCondition
from plant.alarms.kinds.condition import Condition
from plant.alarms.kinds.deviation import DeviationCondition
from plant.alarms.kinds.in_state import InStateCondition
from plant.alarms.kinds.limit import LimitCondition
from plant.alarms.kinds.lost import LostCondition
from plant.alarms.kinds.rate import RateCondition
from plant.alarms.kinds.statistical import StatisticalCondition
from plant.alarms.rules import BadQuality, Charted, Deviation, InState, Limit, Lost, Rate, Test

__all__ = ["Condition", "condition_of"]


def condition_of(test: Test) -> Condition:  # noqa: PLR0911 - one line for each kind
    """Who judges by this test."""
    match test:
        case Limit():
            return LimitCondition(test)
        case Deviation():
            return DeviationCondition(test)
        case Rate():
            return RateCondition(test)
        case InState():
            return InStateCondition(test)
        case BadQuality():
            return BadQualityCondition(test)
        case Lost():
            return LostCondition(test)
        case Charted():
            return ChartedCondition(test)
        case _:
            return StatisticalCondition(test)
