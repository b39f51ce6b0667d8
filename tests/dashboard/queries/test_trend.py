"""Summaries and points of trends."""

from __future__ import annotations

import numpy as np
import pytest
from screens import KILN, services

from dashboard.queries.sparks import points
from dashboard.queries.trend import Trend, axes, summary

TAGS = services().tags
NAN = float("nan")


def trend(mean: list[float], coverage: list[float], key: str = "temperature") -> Trend:
    """A trend whose band is one to each side of its mean."""
    values = np.array(mean)
    time = np.arange(len(mean), dtype=np.int64) * 1000
    return Trend(TAGS.by_path(f"{KILN}/{key}"), time, values, values - 1, values + 1, values, np.array(coverage), 1000)


def test_the_mean_is_weighted_by_good_time() -> None:
    """10 for a whole bucket and 40 for half of one are 20; the least and greatest come from the band."""
    found = summary(trend([10.0, 40.0, NAN], [1.0, 0.5, 0.0]))
    assert (found.mean, found.low, found.high, found.last) == (pytest.approx(20.0), 9.0, 41.0, 40.0)
    assert found.coverage == pytest.approx(0.5)


@pytest.mark.parametrize("values", [[], [NAN, NAN]])
def test_nothing_known_has_no_figures(values: list[float]) -> None:
    """An empty window and one without data: None, not 0 and no warning."""
    found = summary(trend(values, [0.0] * len(values)))
    assert (found.mean, found.low, found.high, found.last, found.coverage) == (None, None, None, None, 0.0)


def test_units_of_measure_get_an_axis_each() -> None:
    """In the order of the tags; tags of one unit share."""
    rows = [trend([1.0], [1.0], key) for key in ("temperature", "rate", "temperature_sp", "gas_flow")]
    assert axes(rows) == {"degC": 1, "t/h": 2, "m3/h": 3}


def test_points_tell_changes_and_gaps() -> None:
    """Rounded to four figures; a gap is None; what repeats is left out."""
    assert points(trend([1.23456, 1.23461, NAN, NAN, 5.0], [1.0] * 5)) == [(0, 1.235), (2000, None), (4000, 5.0)]
    assert points(trend([], [])) == []
