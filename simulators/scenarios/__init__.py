"""Scenarios: what can go wrong in a plant, as data files that are let loose on a simulated world."""

from __future__ import annotations

from simulators.scenarios.library import load, shipped
from simulators.scenarios.schema import Scenario

__all__ = ["Scenario", "load", "shipped"]
