"""When a soak is good, and that its faults leave the quarters in peace that are compared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from faults.account import Account

from tests.soak.plan import Plan
from tests.soak.run import Outcome
from tests.soak.verdict import met, rows

PLAN = Plan(600.0)
RATE = 20_000.0
GOOD = Outcome(
    seconds=600.0,
    account=Account(12_000_000, 12_000_000),
    samples=[(at, 150.0 + at / 100) for at in range(0, 600, 5)],
    exit_code=0,
)


@pytest.mark.parametrize("length_s", [60.0, 120.0, 600.0, 3_600.0])
def test_faults_leave_the_second_and_the_last_quarter_alone(length_s: float) -> None:
    """They come in their order, in the first and the third quarter, and InfluxDB is away for a minute at most."""
    plan = Plan(length_s)
    times = [at for at, _ in plan.faults]
    assert times == sorted(times)
    assert all(int(4 * at / length_s) in {0, 2} for at in times)
    assert plan.outage_s <= 60.0


def test_growth_compares_medians_of_quarters() -> None:
    """A peak within a quarter does not count, and too few samples say nothing."""
    samples = [(float(at), 200.0 if at >= 450 else 100.0) for at in range(0, 600, 5)]
    assert PLAN.growth([*samples, (500.0, 9_000.0)]) == 2.0
    assert PLAN.growth([(10.0, 100.0)]) is None


def test_a_good_soak_meets_all_goals() -> None:
    """Nothing lost, memory flat."""
    assert met(list(rows(GOOD, PLAN, RATE)))


@pytest.mark.parametrize(
    "outcome",
    [
        replace(GOOD, account=Account(12_000_000, 11_999_999, missing=1)),
        replace(GOOD, account=Account(12_000_000, 12_000_000, doubled=1)),
        replace(GOOD, account=Account(12_000_000, 11_999_999, wrong=1)),
        replace(GOOD, account=Account(12_000_000, 12_000_000, invented=1)),
        replace(GOOD, account=Account(9_000_000, 9_000_000)),
        replace(GOOD, samples=[(float(at), 301.0) for at in range(0, 600, 5)]),
        replace(GOOD, samples=[(float(at), 100.0 + at / 4) for at in range(0, 600, 5)]),
        replace(GOOD, samples=[(1.0, 100.0)]),
        replace(GOOD, mismatches=1),
        replace(GOOD, exit_code=-9),
        replace(GOOD, exit_code=None),
    ],
)
def test_one_goal_that_is_missed_is_enough(outcome: Outcome) -> None:
    """Exit code 1, also for what was not measured."""
    assert not met(list(rows(outcome, PLAN, RATE)))
