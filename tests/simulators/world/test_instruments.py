from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from plant.model.enterprise import Datatype, Metric, Role, Span, Text, Unit
from plant.model.tags import Tag
from simulators.world.instruments import Instruments

METRIC = Metric("x", Text("x", "x"), Role.VALUE, decimals=1, span=Span(0.0, 100.0), deadband=1.0)
COUNTER = Metric("n", Text("n", "n"), Role.ENERGY, decimals=0, rollover=1000.0, simulation={"start": 990.0})


def _read(metric: Metric, true: list[float], normal: float = 0.0) -> list[float]:
    unit = Unit("u", Text("u", "u"), "t", "s", "a", "l", "g", (metric,))
    tags = [Tag(i, unit, metric, "x") for i in range(len(true))]
    instruments = Instruments.of(tags, np.full(len(true), 0.5))
    return instruments.read(np.array(true), np.full(len(true), normal)).tolist()


def test_values_are_rounded_and_kept_in_the_span() -> None:
    """One digit more than the screen shows, never outside of what the instrument can show."""
    assert _read(METRIC, [12.3456, -5.0, 130.0]) == [12.35, 0.0, 100.0]


def test_noise_is_half_a_deadband() -> None:
    """A standard deviation of noise is half of the deadband; an instrument that sees nothing shows nothing."""
    assert _read(METRIC, [50.0, 0.0], normal=1.0) == [50.5, 0.0]


def test_noise_is_small_against_the_normal_range() -> None:
    """A coarse deadband does not make a value leave its normal range."""
    assert _read(replace(METRIC, normal=Span(49.0, 51.0)), [50.0], normal=1.0) == [50.1]


def test_counters_are_cut_and_roll_over() -> None:
    """A counter shows whole steps that it has reached, goes on from where it began, and starts again at its end."""
    assert _read(COUNTER, [0.0, 0.9, 9.9999999, 10.0, 15.5]) == [990.0, 990.0, 0.0, 0.0, 5.0]


@pytest.mark.parametrize("datatype", [Datatype.INT32, Datatype.INT64, Datatype.BOOLEAN])
def test_whole_numbers_are_whole(datatype: Datatype) -> None:
    """Integer metrics have no noise and no digits."""
    assert _read(replace(METRIC, datatype=datatype), [3.0], normal=5.0) == [3.0]


def test_counters_of_a_unit_fit_each_other(gypsum) -> None:
    """What a packer had produced before the world began is what was good and what was rejected."""
    values = gypsum.world("minsk").values()
    for unit in gypsum.enterprise.site("minsk").units:
        of = gypsum.tags.of_unit(unit)
        if {"produced_total", "good_total", "reject_total"} <= of.keys():
            good, bad = values[of["good_total"].index], values[of["reject_total"].index]
            assert values[of["produced_total"].index] == pytest.approx(good + bad, abs=1.0)
