"""Conversions between units of measure."""

from __future__ import annotations

import pytest
from mappings import ENTERPRISE

from plant.mapping.measures import conversion
from plant.model.enterprise import Text

MEASURES = {**ENTERPRISE.measures, "bar": Text("бар", "bar"), "m3/h": Text("м³/ч", "m³/h"), "boxes": Text("кор.", "bx")}


@pytest.mark.parametrize(
    ("given", "wanted", "before", "after"),
    [
        ("W", "kW", 1_500.0, 1.5),
        ("кВт", "kW", 1.5, 1.5),
        ("MWh", "kWh", 1.0, 1_000.0),
        ("GJ", "kWh", 3.6, 1_000.0),
        ("degF", "degC", 212.0, 100.0),
        ("K", "degC", 273.15, 0.0),
        ("°C", "degC", 21.5, 21.5),
        ("psi", "bar", 14.503_774, 1.0),
        ("L/min", "m3/h", 1_000.0, 60.0),
        ("kg/h", "t/h", 2_500.0, 2.5),
        ("ppm", "%", 10_000.0, 1.0),
        ("bx", "boxes", 7.0, 7.0),
    ],
)
def test_units_of_one_dimension_are_converted(given: str, wanted: str, before: float, after: float):
    """By key, by a name of the model, or by a usual spelling."""
    found = conversion(given, wanted, MEASURES)
    assert found is not None
    assert found.of(before) == pytest.approx(after, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("given", "wanted"), [("W", "kWh"), ("kW", "degC"), ("furlong", "kW"), ("boxes", "kW")])
def test_what_measures_something_else_is_not_converted(given: str, wanted: str):
    """Not by guess either."""
    assert conversion(given, wanted, MEASURES) is None
