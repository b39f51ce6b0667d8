from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_minutes import drawn, lines, window

from plant.kpi.adding import total
from plant.kpi.sums import Sums
from plant.kpi.value import Flag
from plant.kpi.waterfall import BIG_LOSSES, Kind, waterfall

LEVELS = ["calendar", "planned_busy", "production", "net", "valuable"]


def falls(sums: Sums) -> None:
    """Each level is the one before less the losses between them."""
    height = sums.calendar_s
    for step in waterfall(sums).steps:
        if step.kind is Kind.LOSS:
            height -= step.seconds
        assert step.kind is Kind.LOSS or step.seconds == pytest.approx(height, abs=1e-6)


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_each_level_is_the_one_before_less_its_losses(seed: int) -> None:
    """From calendar to valuable time, with what is unknown as a bar of its own."""
    sums = total(drawn(seed, 2, 40), window(40), lines(0, 1))
    falls(sums)
    found = {step.key: step.seconds for step in waterfall(sums).steps}
    assert found["unclassified"] == pytest.approx(0, abs=1e-6)
    assert found["unknown"] == pytest.approx(sums.unknown_s + sums.missing_s)
    assert min(found.values()) >= -1e-6


def test_levels_and_big_losses_are_all_there() -> None:
    """Five levels in their order, and each of the six big losses at least once."""
    steps = waterfall(Sums()).steps
    assert [step.key for step in steps if step.kind is Kind.LEVEL] == LEVELS
    assert {step.big for step in steps} == {None, *BIG_LOSSES}


def test_a_speed_above_the_ideal_rate_is_shown_and_flagged() -> None:
    """The bar of the speed goes up, and the waterfall still sums."""
    sums = Sums(calendar_s=100, apt_s=100, produced_ideal_s=110, good_ideal_s=105)
    falls(sums)
    found = waterfall(sums)
    assert {step.key: step.seconds for step in found.steps}["reduced_speed"] == -10
    assert found.flags == (Flag.IDEAL_RATE,)
    assert waterfall(replace(sums, produced_ideal_s=90, good_ideal_s=90)).flags == ()


def test_a_stop_without_a_class_is_still_a_stop() -> None:
    """What the engine could not class is told as other stops, never lost."""
    sums = Sums(calendar_s=100, apt_s=60, adet_s=40, breakdown_s=30)
    falls(sums)
    assert {step.key: step.seconds for step in waterfall(sums).steps}["unclassified"] == 10
